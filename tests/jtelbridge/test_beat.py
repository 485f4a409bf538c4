"""What beat rings, and when, after its clock was set back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.utils.module_loading import import_string
from django_celery_beat.models import IntervalSchedule, PeriodicTask

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AHEAD = NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
def _jobs() -> None:
    every = IntervalSchedule.objects.create
    often, seldom = every(every=5, period="seconds"), every(every=10, period="minutes")
    with time_machine.travel(AHEAD, tick=False):
        for name, interval in (("push", often), ("replays", often), ("erase", seldom)):
            PeriodicTask.objects.create(name=name, task=name, interval=interval)


class Beat(import_string(settings.CELERY_BEAT_SCHEDULER.replace(":", "."))):  # type: ignore[misc]
    """The scheduler of the settings, in a process that has just begun. Notes what it rings."""

    def __init__(self) -> None:
        super().__init__(app=current_app, lazy=True)
        self._finalize.cancel()  # or it would write to the test's database at the very end
        self.rung: set[str] = set()

    def apply_entry(self, entry: Any, **_: Any) -> None:
        self.rung.add(entry.name)

    def runs(self, since: datetime, **duration: float) -> set[str]:
        """What it rings from then on, looking every five seconds as it does."""
        self.rung = set()
        with time_machine.travel(since, tick=False) as clock:
            while datetime.now(UTC) < since + timedelta(**duration):
                while self.tick() == 0:
                    pass
                clock.shift(5)
        return self.rung


@pytest.fixture
def beat() -> Beat:
    return Beat()


def test_a_clock_that_goes_back_under_it_keeps_nothing_up(beat: Beat) -> None:
    assert beat.runs(AHEAD, seconds=20) == {"push", "replays"}
    assert beat.runs(NOW, seconds=20) == {"push", "replays"}


def test_after_a_restart_nothing_waits_for_a_last_run_that_is_yet_to_come(beat: Beat) -> None:
    beat.runs(AHEAD, seconds=20)
    beat.sync()
    assert Beat().runs(NOW, seconds=20) == {"push", "replays"}


def test_what_is_seldom_is_rung_one_interval_later(beat: Beat) -> None:
    assert beat.runs(NOW, minutes=9) == {"push", "replays"}
    assert beat.runs(NOW + timedelta(minutes=9), minutes=2) == {"push", "replays", "erase"}


def test_a_clock_that_is_right_changes_nothing(beat: Beat) -> None:
    assert beat.runs(AHEAD + timedelta(minutes=9), seconds=20) == {"push", "replays"}
    assert beat.runs(AHEAD + timedelta(minutes=11), seconds=20) == {"push", "replays", "erase"}
