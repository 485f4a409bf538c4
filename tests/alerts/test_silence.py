"""A number is silent when nothing comes though in most of the last weeks it did; explained so."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callbacks.alerts.observing import observe
from callbacks.alerts.silence import silences
from callbacks.models import Alert, AlertRules, Callback, NumberWatch
from tests.callbacks.cast import a_client
from tests.factories import ServiceNumberFactory

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)
HOTLINE, SALES = "498946134180", "498946134199"
USUAL = 10


def came(number: str, moments: Iterable[datetime]) -> None:
    client = a_client()
    Callback.objects.bulk_create(
        Callback(client=client, dialect="base", service_number=number, received_at=moment)
        for moment in moments
    )


def every(minutes: float, *, since: datetime, until: datetime) -> list[datetime]:
    steps = int((until - since) / timedelta(minutes=minutes))
    return [since + timedelta(minutes=minutes * step) for step in range(1, steps + 1)]


def on_four_mondays(number: str, minutes: float = 5, *, without: Iterable[int] = ()) -> None:
    """From eight in the morning till six in the evening, so many minutes apart."""
    for week in {1, 2, 3, 4} - set(without):
        day = MONDAY - timedelta(weeks=week)
        opens, closes = day.replace(hour=8), day.replace(hour=18)
        came(number, every(minutes, since=opens, until=closes))


def silent(now: datetime = MONDAY, unwatched: set[str] | None = None) -> dict[str, Any]:
    return {seen.subject: seen.facts for seen in silences(now, USUAL, unwatched or set())}


def test_a_busy_number_that_nobody_calls_is_silent() -> None:
    on_four_mondays(HOTLINE)
    came(SALES, [MONDAY - timedelta(minutes=2)])
    assert silent() == {HOTLINE: {"minutes": 1440, "usual": 24}}


def test_a_number_that_is_called_as_usual_is_not() -> None:
    on_four_mondays(HOTLINE)
    came(HOTLINE, every(5, since=MONDAY.replace(hour=8), until=MONDAY))
    assert silent() == {}


def test_a_number_is_silent_once_so_much_is_missing_as_is_usual() -> None:
    """Every five minutes: ten are missing after fifty, and an hour is the next that is looked at."""
    on_four_mondays(HOTLINE)
    came(SALES, [MONDAY])
    came(HOTLINE, [MONDAY - timedelta(minutes=59)])
    assert silent() == {}
    later = MONDAY + timedelta(minutes=2)
    came(SALES, [later])
    assert silent(later) == {HOTLINE: {"minutes": 60, "usual": 12}}


def test_a_very_busy_number_is_missed_within_a_quarter_of_an_hour() -> None:
    on_four_mondays(HOTLINE, minutes=1)
    came(SALES, [MONDAY])
    came(HOTLINE, [MONDAY - timedelta(minutes=16)])
    assert silent()[HOTLINE] == {"minutes": 15, "usual": 15}


def test_a_number_that_gets_little_is_missed_when_the_day_is_over() -> None:
    on_four_mondays(HOTLINE, minutes=60)
    for hour, missed in ((10, set()), (17, set()), (18, {HOTLINE})):
        now = MONDAY.replace(hour=hour, minute=30)
        came(SALES, [now])
        assert set(silent(now)) == missed


def test_at_night_nobody_is_expected() -> None:
    on_four_mondays(HOTLINE)
    came(HOTLINE, [MONDAY - timedelta(days=1, hours=3)])
    night = MONDAY.replace(hour=5)
    came(SALES, [night])
    assert silent(night) == {}


def test_one_week_with_a_holiday_says_nothing_about_the_others() -> None:
    came(SALES, [MONDAY])
    on_four_mondays(HOTLINE, without=[2])
    assert set(silent()) == {HOTLINE}


def test_two_quiet_weeks_are_no_habit() -> None:
    came(SALES, [MONDAY])
    on_four_mondays(HOTLINE, without=[1, 2])
    assert silent() == {}


def test_a_new_number_has_no_habits() -> None:
    came(SALES, [MONDAY])
    on_four_mondays(HOTLINE, without=[2, 3, 4])
    assert silent() == {}


def test_clocks_that_were_changed_meanwhile_change_no_habit() -> None:
    """On the last Sunday of October: nine o'clock is nine o'clock, before and after."""
    monday = datetime(2026, 11, 2, 8, 20, tzinfo=BERLIN)
    for week in (1, 2, 3, 4):
        opens = (monday - timedelta(weeks=week)).replace(hour=8, minute=30)
        came(HOTLINE, every(1, since=opens, until=opens + timedelta(minutes=30)))
    came(SALES, [monday])
    assert silent(monday) == {}
    later = monday.replace(hour=8, minute=50)
    came(SALES, [later])
    assert set(silent(later)) == {HOTLINE}


def test_if_nothing_comes_at_all_that_is_one_thing_and_not_many() -> None:
    for number in (HOTLINE, SALES):
        on_four_mondays(number)
    assert silent() == {"": {"minutes": 1440, "usual": 48}}


def test_numbers_that_each_get_little_are_missed_together() -> None:
    for n in range(5):
        on_four_mondays(f"49894613420{n}", minutes=30)
    assert silent() == {"": {"minutes": 1440, "usual": 20}}


def test_a_number_can_be_left_alone() -> None:
    on_four_mondays(HOTLINE)
    came(SALES, [MONDAY])
    assert silent(unwatched={HOTLINE}) == {}


class TestOnceTold:
    @pytest.fixture(autouse=True)
    def _silent_since_ten(self) -> None:
        on_four_mondays(HOTLINE)
        came(SALES, [MONDAY])
        self.look(MONDAY)

    @staticmethod
    def look(now: datetime) -> bool:
        observe(AlertRules.objects.current(), now)
        alert = Alert.objects.filter(kind="silent", subject=HOTLINE).first()
        return bool(alert and alert.is_on)

    def test_it_lasts_also_while_nobody_would_be_expected(self) -> None:
        sunday = MONDAY + timedelta(days=6)
        came(SALES, [sunday])
        assert self.look(sunday)

    def test_it_ends_with_a_callback(self) -> None:
        came(SALES, [MONDAY + timedelta(minutes=9)])
        came(HOTLINE, [MONDAY + timedelta(minutes=8)])
        assert not self.look(MONDAY + timedelta(minutes=10))

    def test_a_callback_from_before_it_ends_nothing(self) -> None:
        came(HOTLINE, [MONDAY - timedelta(hours=3)])
        came(SALES, [MONDAY + timedelta(minutes=9)])
        assert self.look(MONDAY + timedelta(minutes=10))

    def test_a_break_that_was_not_told_makes_it_no_shorter(self) -> None:
        """People still know it as silent: the callback came, and then none again."""
        Alert.objects.update(told_on=True)
        came(HOTLINE, [MONDAY + timedelta(minutes=1)])
        came(SALES, [MONDAY + timedelta(minutes=2)])
        assert not self.look(MONDAY + timedelta(minutes=2))
        noon, next_morning = MONDAY.replace(hour=12), MONDAY + timedelta(hours=23)
        came(SALES, [noon, next_morning])
        assert self.look(noon)
        assert self.look(next_morning)

    def test_it_is_forgotten_when_staff_leaves_the_number_alone(self) -> None:
        number = ServiceNumberFactory.create(number=HOTLINE)
        NumberWatch.objects.create(
            rules=AlertRules.objects.current(), service_number=number, watches_silence=False
        )
        self.look(MONDAY)
        assert not Alert.objects.filter(kind="silent").exists()

    def test_silence_of_all_hides_no_number_that_was_silent_before(self) -> None:
        on_four_mondays(SALES)
        evening = MONDAY.replace(hour=17)
        assert self.look(evening)
        on = Alert.objects.filter(kind="silent", is_on=True).values_list("subject", flat=True)
        assert set(on) == {"", HOTLINE}


def test_looking_costs_few_statements(django_assert_max_num_queries: Any) -> None:
    for n in range(20):
        came(f"49894613430{n:02}", [MONDAY])
    with django_assert_max_num_queries(7):
        silent()
