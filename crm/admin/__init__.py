from crm.admin import connection, passthrough, stored_requests

__all__ = ["connection", "passthrough", "stored_requests"]
