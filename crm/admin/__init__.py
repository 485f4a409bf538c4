from crm.admin import comparisons, connection, findings, passthrough, queries, stored_requests

__all__ = ["comparisons", "connection", "findings", "passthrough", "queries", "stored_requests"]
