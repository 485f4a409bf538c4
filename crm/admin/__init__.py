from crm.admin import (
    comparisons,
    connection,
    findings,
    flowing,
    passthrough,
    queries,
    stored_requests,
)

__all__ = [
    "comparisons",
    "connection",
    "findings",
    "flowing",
    "passthrough",
    "queries",
    "stored_requests",
]
