"""How many callbacks wait for a person's decision: counted from the partial index, seldom."""

from django.core.cache import cache
from django.db.models import Count

from callbacks.models import Callback, Replay
from callbacks.models.callback import Status

KEY = "callbacks.attention"
REPLAYS = "callbacks.attention.replays"
SECONDS = 5


def counts() -> dict[str, int]:
    return cache.get_or_set(KEY, _count, SECONDS) or {}


def replays() -> int:
    """How many replays are running."""
    return cache.get_or_set(REPLAYS, Replay.objects.running().count, SECONDS) or 0


def forget() -> None:
    """For when this process has changed them."""
    cache.delete_many([KEY, REPLAYS])


def _count() -> dict[str, int]:
    needs_staff = Callback.objects.filter(status__in=[Status.FAILED, Status.HELD]).order_by()
    rows = needs_staff.values("status").annotate(rows=Count("id"))
    return {row["status"]: row["rows"] for row in rows}
