"""The back office: one file per screen."""

from callbacks.admin import (
    acd_clients,
    callbacks,
    failed_syncs,
    people,
    rejected_requests,
    routes,
    schedule,
    service_numbers,
)

__all__ = [
    "acd_clients",
    "callbacks",
    "failed_syncs",
    "people",
    "rejected_requests",
    "routes",
    "schedule",
    "service_numbers",
]
