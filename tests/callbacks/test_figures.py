"""How it goes today."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callbacks import figures
from callbacks.figures import Figures, Reason, Speed
from callbacks.models import Callback
from tests.callbacks.cast import a_callback

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 27, 12, tzinfo=BERLIN)


def of_noon() -> Figures:
    return figures.read(NOON, BERLIN)


def came(hour: int, number: str = "4989", *, days_ago: int = 0, **facts: object) -> Callback:
    at = NOON.replace(hour=hour) - timedelta(days=days_ago)
    return a_callback(service_number=number, service_name="", received_at=at, **facts)


def synced_after(seconds: float) -> Callback:
    at = NOON - timedelta(hours=1)
    took = timedelta(seconds=seconds)
    return a_callback(received_at=at, synced_at=at + took, status="synced", case_id="500A")


def test_callbacks_are_counted_by_the_hour_on_the_wall_and_the_busiest_number_first() -> None:
    a_callback(service_number="4940", service_name="Sales", received_at=NOON.replace(hour=0))
    for hour in (9, 9, 10):
        came(hour)
    came(23, days_ago=1)
    busiest, other = of_noon().services
    assert (busiest.number, dict(busiest.by_hour), busiest.total) == ("4989", {9: 2, 10: 1}, 3)
    assert (other.name, dict(other.by_hour)) == ("Sales", {0: 1})
    assert of_noon().today == 4


def test_a_day_begins_where_the_reader_is() -> None:
    came(1)
    assert of_noon().today == 1
    assert figures.read(NOON, UTC).today == 1
    assert figures.read(NOON, ZoneInfo("America/New_York")).today == 0


def test_the_same_day_of_last_week_is_beside_it() -> None:
    came(9, days_ago=7)
    came(9, days_ago=6)
    came(9, days_ago=8)
    assert of_noon().last_week == {9: 1}


def test_half_were_quicker_and_95_of_a_hundred() -> None:
    for seconds in range(1, 101):
        synced_after(seconds)
    came(9, status="failed")
    assert of_noon().speed == Speed(timedelta(seconds=50), timedelta(seconds=95))


def test_one_case_is_all_there_is_to_say() -> None:
    assert of_noon().speed is None
    synced_after(1.5)
    assert of_noon().speed == Speed(timedelta(seconds=1.5), timedelta(seconds=1.5))


def test_the_oldest_that_waits_may_be_put_off() -> None:
    now = timezone.now()
    came(9, status="synced", case_id="500A")
    a_callback(received_at=now, due_at=now)
    old = a_callback(received_at=now - timedelta(hours=2), due_at=now + timedelta(hours=1))
    backlog = of_noon().backlog
    assert (backlog.count, backlog.oldest) == (2, old.received_at)
    assert backlog.overdue < timedelta(minutes=1)


def test_what_nobody_takes_is_overdue() -> None:
    assert of_noon().backlog.overdue == timedelta()
    a_callback(due_at=timezone.now() - timedelta(minutes=10))
    assert timedelta(minutes=9) < of_noon().backlog.overdue < timedelta(minutes=11)


def test_what_waits_is_counted_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST_PENDING", 2)
    for _ in range(4):
        a_callback()
    assert of_noon().backlog.count == 3
    assert of_noon().backlog.is_more


def test_failures_are_gathered_by_what_mends_them() -> None:
    for signature in ("owner", "length", "length"):
        came(9, status="failed", failure_signature=signature, failure_reason=f"Of {signature}.")
    came(9, status="dismissed", failure_signature="length")
    assert of_noon().reasons == [Reason("length", 2, "Of length."), Reason("owner", 1, "Of owner.")]


def test_the_last_to_call_may_have_called_days_ago() -> None:
    assert of_noon().newest is None
    came(9, days_ago=3)
    assert of_noon().newest == NOON.replace(hour=9) - timedelta(days=3)
    came(11)
    assert of_noon().newest == NOON.replace(hour=11)


def test_figures_are_read_once_in_a_while() -> None:
    came(9)
    with CaptureQueriesContext(connection) as first:
        figures.figures()
    assert len(first) <= 8
    with CaptureQueriesContext(connection) as again:
        figures.figures()
    assert not again
    figures.forget()
    with CaptureQueriesContext(connection) as anew:
        figures.figures()
    assert len(anew) == len(first) - 1  # last week does not change any more
