"""How many callbacks wait for a person's decision: counted from the partial index, seldom."""

from django.core.cache import cache
from django.db.models import Count

from callbacks.models import Callback
from callbacks.models.callback import Status

KEY = "callbacks.attention"
SECONDS = 5


def counts() -> dict[str, int]:
    return cache.get_or_set(KEY, _count, SECONDS) or {}


def forget() -> None:
    """For when this process has changed them."""
    cache.delete(KEY)


def _count() -> dict[str, int]:
    needs_staff = Callback.objects.filter(status__in=[Status.FAILED, Status.HELD]).order_by()
    rows = needs_staff.values("status").annotate(rows=Count("id"))
    return {row["status"]: row["rows"] for row in rows}
