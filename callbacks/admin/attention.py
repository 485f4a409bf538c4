"""How much waits for a person: the numbers beside the menu, counted together and seldom."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from django.core.cache import cache
from django.db.models import CharField, Count, QuerySet, Value
from django.utils import timezone

from callbacks import figures
from callbacks.models import Callback, RejectedRequest, Replay
from callbacks.models.callback import Status

KEY = "callbacks.attention"
REPLAYS, REJECTED = "callbacks.replay", "callbacks.rejectedrequest"
SECONDS = 5


def _rejected_today() -> QuerySet[RejectedRequest]:
    """By the clock on the wall here, wherever the reader is."""
    here = timezone.get_default_timezone()
    midnight = datetime.combine(timezone.localdate(timezone=here), time.min, here)
    return RejectedRequest.objects.filter(received_at__gte=midnight)


# What is counted beside failed and held callbacks, by name: what an index finds.
_others: dict[str, Callable[[], QuerySet[Any]]] = {
    REPLAYS: Replay.objects.running,
    REJECTED: _rejected_today,
}


def count(name: str, rows: Callable[[], QuerySet[Any]]) -> None:
    """Let these rows be counted under that name."""
    _others[name] = rows


def counts() -> dict[str, int]:
    """By name, or by state for callbacks; what there is none of may be absent."""
    return cache.get_or_set(KEY, _count, SECONDS) or {}


def replays() -> int:
    """How many replays are running."""
    return counts().get(REPLAYS, 0)


def forget() -> None:
    """For when this process has changed them."""
    cache.delete(KEY)
    figures.forget()


def _count() -> dict[str, int]:
    """One statement for all."""
    needs_staff = Callback.objects.filter(status__in=[Status.FAILED, Status.HELD]).order_by()
    counted = needs_staff.values_list("status").annotate(rows=Count("*"))
    others = (_named(name, rows()) for name, rows in _others.items())
    return dict(counted.union(*others, all=True))


def _named(name: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    value = Value(name, output_field=CharField())
    counted: QuerySet[Any] = rows.order_by().values_list(value).annotate(rows=Count("*"))
    return counted
