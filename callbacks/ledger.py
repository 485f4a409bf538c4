"""The ledger: what was accepted, and where each of it is. The two always agree.

accepted = pending + synced + merged + held + failed + dismissed + answered. Erased is a flag
beside it: a callback that is forgotten was accepted nevertheless, and its row stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from callbacks.models import Callback
from callbacks.models.callback import Status


@dataclass(frozen=True)
class Line:
    """One day, by the clocks on the wall here, and one service number."""

    day: date
    service_number: str
    accepted: int
    by_status: Mapping[Status, int]
    erased: int


def lines(since: datetime) -> list[Line]:
    """The ledger of what was received since then; newest day first. One query."""
    day = TruncDate("received_at", tzinfo=ZoneInfo(settings.JTEL_TIMEZONE))
    by_status = {f"n_{status}": Count("id", filter=Q(status=status)) for status in Status.values}
    counted = (
        Callback.objects.filter(received_at__gte=since)
        .values("service_number", day=day)
        .annotate(accepted=Count("id"), erased=Count("erased_at"), **by_status)
        .order_by("-day", "service_number")
        .values_list("day", "service_number", "accepted", "erased", *by_status)
    )
    return [
        Line(day, number, accepted, dict(zip(Status, counts, strict=True)), erased)
        for day, number, accepted, erased, *counts in counted
    ]
