"""What beat rings, and how often; staff changes it in the admin. Reads no environment."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django_celery_beat.tzcrontab import TzAwareCrontab


def beat_schedule(installed: Iterable[str], zone: ZoneInfo) -> dict[str, dict[str, Any]]:
    """By name; only what the installed apps can do."""
    packages = {app.partition(".")[0] for app in installed}
    return {
        name: entry
        for name, entry in _entries(zone).items()
        if entry["task"].partition(".")[0] in packages
    }


def _entries(zone: ZoneInfo) -> dict[str, dict[str, Any]]:
    # An entry expires by clocks that differ: none shortly after it is due.
    return {
        "Push what is due": {
            "task": "crm.tasks.push_due",
            "schedule": timedelta(seconds=5),
            "options": {"expires": 300},
        },
        "Pull what became of Cases": {
            "task": "crm.tasks.pull_cases",
            "schedule": timedelta(minutes=2),
            "options": {"expires": 300},
        },
        "Compare with Salesforce": {
            "task": "crm.tasks.reconcile_recent",
            "schedule": TzAwareCrontab(hour=2, minute=30, tz=zone),
            "options": {"expires": 3600},
        },
        "Look for changed fields": {
            "task": "crm.tasks.watch_objects",
            "schedule": timedelta(hours=1),
            "options": {"expires": 3600},
        },
        "Release held callbacks that have a route": {
            "task": "callbacks.tasks.release_held",
            "schedule": timedelta(minutes=1),
            "options": {"expires": 300},
        },
        "Send replayed callbacks": {
            "task": "callbacks.tasks.send_replayed",
            "schedule": timedelta(seconds=5),
            "options": {"expires": 300},
        },
        "Forward stored requests": {
            "task": "crm.tasks.forward_stored",
            "schedule": timedelta(seconds=5),
            "options": {"expires": 300},
        },
        "Erase stored requests past their retention": {
            "task": "crm.tasks.erase_stored",
            "schedule": timedelta(hours=1),
            "options": {"expires": 3600},
        },
        "Erase what is past its retention": {
            "task": "callbacks.tasks.erase_expired",
            "schedule": timedelta(hours=1),
            "options": {"expires": 3600},
        },
        "Forget old changes of the configuration": {
            "task": "callbacks.tasks.forget_old_changes",
            "schedule": timedelta(days=1),
            "options": {"expires": 3600},
        },
        "Watch, and tell whom it concerns": {
            "task": "callbacks.tasks.watch",
            "schedule": timedelta(minutes=1),
            "options": {"expires": 60},
        },
        "Forget expired access tokens": {
            "task": "callbacks.tasks.forget_expired_tokens",
            "schedule": timedelta(hours=1),
            "options": {"expires": 3600},
        },
    }
