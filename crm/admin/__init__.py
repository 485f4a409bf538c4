from crm.admin import connection, queries

__all__ = ["connection", "queries"]
