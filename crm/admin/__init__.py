from crm.admin import connection, passthrough, queries, stored_requests

__all__ = ["connection", "passthrough", "queries", "stored_requests"]
