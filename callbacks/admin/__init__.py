"""The back office: one file per screen. A screen registers itself when it is imported."""

from importlib import import_module

SCREENS = (
    "callbacks",
    "failed_syncs",
    "replays",
    "service_numbers",
    "routes",
    "acd_clients",
    "rejected_requests",
    "schedule",
    "alerts",
    "staff_log",
    "people",
    "groups",
)

for screen in SCREENS:
    import_module(f"{__name__}.{screen}")
