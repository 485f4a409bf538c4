"""What beat rings, and how often; staff may switch a job off in the admin. Reads no environment."""

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
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    hour, day = timedelta(hours=1), timedelta(days=1)
    nightly = TzAwareCrontab(hour=2, minute=30, tz=zone)
    # The last column: after how many seconds unserved beat's ring is void. Clocks differ, so
    # none is shortly after it is due.
    rows: tuple[tuple[str, str, timedelta | TzAwareCrontab, int], ...] = (
        ("Push what is due", "crm.tasks.push_due", 5 * second, 300),
        ("Pull what became of Cases", "crm.tasks.pull_cases", 2 * minute, 300),
        ("Compare with Salesforce", "crm.tasks.reconcile_recent", nightly, 3600),
        ("Look for changed fields", "crm.tasks.watch_objects", hour, 3600),
        (
            "Release held callbacks that have a route",
            "callbacks.tasks.release_held",
            minute,
            300,
        ),
        ("Send replayed callbacks", "callbacks.tasks.send_replayed", 5 * second, 300),
        ("Forward stored requests", "crm.tasks.forward_stored", 5 * second, 300),
        ("Erase stored requests past their retention", "crm.tasks.erase_stored", hour, 3600),
        ("Erase what is past its retention", "callbacks.tasks.erase_expired", hour, 3600),
        (
            "Forget old changes of the configuration",
            "callbacks.tasks.forget_old_changes",
            day,
            3600,
        ),
        ("Watch, and tell whom it concerns", "callbacks.tasks.watch", minute, 60),
        ("Forget expired access tokens", "callbacks.tasks.forget_expired_tokens", hour, 3600),
    )
    return {
        name: {"task": task, "schedule": schedule, "options": {"expires": expires}}
        for name, task, schedule, expires in rows
    }
