"""How it goes today: the figures of the first page, alike for everybody who looks.

A handful of statements, each on an index, remembered for seconds. None of them counts the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import TypeVar

from django.core.cache import cache
from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Window,
)
from django.db.models.functions import ExtractHour, Now, RowNumber
from django.utils import timezone

from callbacks.models import Callback, JobRun
from callbacks.models.job_run import Pulse
from callbacks.waiting import Waiting, longest_waits

SECONDS = 5
WEEK = timedelta(days=7)
WEEK_AGO_SECONDS = 3600  # for which last week's figures are remembered
MOST_PENDING = MOST_UNSERVED = 10_000  # counted exactly up to here
REASONS, WAITS = 4, 5

T = TypeVar("T")


@dataclass(frozen=True)
class Service:
    """What came for a service number, by the hour of the clock on the wall."""

    number: str
    name: str
    by_hour: Mapping[int, int]

    @property
    def total(self) -> int:
        return sum(self.by_hour.values())


@dataclass(frozen=True)
class Speed:
    """From a request to its Case: half of them were quicker, and 95 of a hundred."""

    median: timedelta
    most: timedelta


@dataclass(frozen=True)
class Backlog:
    """What waits to be sent; `overdue` is for how long nobody has taken what is due."""

    count: int
    oldest: datetime | None
    overdue: timedelta

    @property
    def is_more(self) -> bool:
        return self.count > MOST_PENDING


@dataclass(frozen=True)
class Reason:
    """Failures that one correction mends."""

    signature: str
    count: int
    text: str


@dataclass(frozen=True)
class Figures:
    now: datetime
    midnight: datetime
    services: list[Service]  # the busiest first
    last_week: Mapping[int, int]  # the same day of last week, by hour
    newest: datetime | None  # of all callbacks
    speed: Speed | None
    backlog: Backlog
    reasons: list[Reason]  # the most frequent first
    waits: list[Waiting]
    unserved: int  # callers who wait for an answer, up to one more than are counted
    pulse: Pulse

    @property
    def today(self) -> int:
        return sum(service.total for service in self.services)


def figures() -> Figures:
    """As they were a moment ago. The day is that of the zone that is current."""
    zone = timezone.get_current_timezone()
    return _remembered(_key(zone), lambda: read(timezone.now(), zone), SECONDS)


def forget() -> None:
    """For when this process has changed them."""
    cache.delete(_key(timezone.get_current_timezone()))


def _key(zone: tzinfo) -> str:
    return f"callbacks.figures.{zone}"


def _remembered(key: str, read: Callable[[], T], seconds: int) -> T:
    found: T | None = cache.get(key)
    if found is None:
        found = read()
        cache.set(key, found, seconds)
    return found


def read(now: datetime, zone: tzinfo) -> Figures:
    midnight = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    services, newest = _services(midnight, zone)
    waits, unserved = longest_waits(WAITS, count_to=MOST_UNSERVED + 1)
    return Figures(
        now=now,
        midnight=midnight,
        services=services,
        last_week=_last_week(midnight, zone),
        newest=newest or _newest(),
        speed=_speed(midnight),
        backlog=_backlog(),
        reasons=_reasons(),
        waits=waits,
        unserved=unserved,
        pulse=JobRun.objects.pulse(),
    )


def _services(midnight: datetime, zone: tzinfo) -> tuple[list[Service], datetime | None]:
    """By service number, and when the last of today came."""
    rows = (
        Callback.objects.filter(received_at__gte=midnight)
        .order_by()
        .values("service_number", hour=ExtractHour("received_at", tzinfo=zone))
        .annotate(count=Count("*"), name=Max("service_name"), newest=Max("received_at"))
    )
    names: dict[str, str] = {}
    hours: dict[str, dict[int, int]] = {}
    newest = None
    for row in rows:
        number = row["service_number"]
        names[number] = max(row["name"], names.get(number, ""))
        hours.setdefault(number, {})[row["hour"]] = row["count"]
        newest = max(row["newest"], newest or row["newest"])
    found = [Service(number, names[number], by_hour) for number, by_hour in hours.items()]
    return sorted(found, key=lambda service: (-service.total, service.number)), newest


def _last_week(midnight: datetime, zone: tzinfo) -> dict[int, int]:
    """It changes no more, so it is read once an hour."""
    begin = datetime.combine((midnight - WEEK).date(), time.min, zone)
    end = datetime.combine((midnight - WEEK + timedelta(days=1)).date(), time.min, zone)

    def read() -> dict[int, int]:
        callbacks = Callback.objects.filter(received_at__gte=begin, received_at__lt=end).order_by()
        by_hour = callbacks.values(hour=ExtractHour("received_at", tzinfo=zone))
        return dict(by_hour.annotate(count=Count("*")).values_list("hour", "count"))

    return _remembered(f"callbacks.last_week.{begin.isoformat()}", read, WEEK_AGO_SECONDS)


def _newest() -> datetime | None:
    newest = Callback.objects.order_by("-received_at", "-id").values_list("received_at", flat=True)
    return newest.first()


def _speed(midnight: datetime) -> Speed | None:
    took = ExpressionWrapper(F("synced_at") - F("received_at"), DurationField())
    ranked = Callback.objects.filter(received_at__gte=midnight, synced_at__isnull=False).annotate(
        took=took,
        place=Window(RowNumber(), order_by="took"),
        of=Window(Count("*")),
    )
    found = ranked.aggregate(
        median=Min("took", filter=Q(place__gte=F("of") * 0.5)),
        most=Min("took", filter=Q(place__gte=F("of") * 0.95)),
    )
    return Speed(**found) if found["median"] is not None else None


def _backlog() -> Backlog:
    """Exact up to a limit; what is due first is looked at first, so the oldest is among it."""
    first_due = Callback.objects.pending().order_by("isolation", "due_at", "id")
    late = ExpressionWrapper(Now() - F("due_at"), DurationField())
    found = (
        first_due.annotate(late=late)
        .values("received_at", "late")[: MOST_PENDING + 1]
        .aggregate(count=Count("*"), oldest=Min("received_at"), overdue=Max("late"))
    )
    overdue = max(found["overdue"] or timedelta(), timedelta())
    return Backlog(found["count"], found["oldest"], overdue)


def _reasons() -> list[Reason]:
    """Counted in the index alone; the sentence is looked up for those that are shown."""
    failed = Callback.objects.failed().order_by()
    one = failed.filter(failure_signature=OuterRef("failure_signature")).values("failure_reason")
    rows = (
        failed.values("failure_signature")
        .annotate(count=Count("*"))
        .annotate(text=Subquery(one[:1]))
        .order_by("-count", "failure_signature")[:REASONS]
    )
    return [Reason(row["failure_signature"], row["count"], row["text"]) for row in rows]
