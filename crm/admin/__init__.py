from crm.admin import connection

__all__ = ["connection"]
