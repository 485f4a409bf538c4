"""The back office. Each of SCREENS registers the screens of its models when it is imported.

Pages of no model (matrix, trying a route, import and export, ...) are views in jtelbridge/urls.py.
Screens of callbacks are built up in this order: `dress` (Unfold's classes, typed), `actions` (what
staff can do), `callback_screens` (columns, filters, the page), then each list's own.
"""

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
