"""Told is a change that lasts, once, to everybody who is to know, as each of them reads."""
# ruff: noqa: ARG002 - a lamp is asked as all watches are

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbacks.alerts import letters, observing, telling, watching
from callbacks.alerts.observing import observe
from callbacks.alerts.telling import tell_changes
from callbacks.alerts.watches import Seen, Watch
from callbacks.models import Alert, AlertMessage, AlertRules, Preferences
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)  # by the clocks in Berlin


@dataclass
class Lamp(Watch):
    """A condition that a test switches."""

    kind = "lamp"
    rank = 1
    title = "Lamp"
    subjects: list[str] = field(default_factory=list)
    is_wanted: bool = True

    def is_watched(self, rules: AlertRules) -> bool:
        return self.is_wanted

    def look(self, rules: AlertRules, now: datetime) -> list[Seen]:
        return [Seen(subject) for subject in self.subjects]

    def headline(self, alert: Alert) -> str:
        return " ".join(filter(None, ["lamp", alert.subject, "on" if alert.is_on else "off"]))

    def sentence(self, alert: Alert) -> str:
        return "It shines." if alert.is_on else ""

    def next_step(self, alert: Alert) -> str:
        return "Press the button."

    def page(self, alert: Alert) -> str:
        return "/lamp/"


@pytest.fixture
def lamp(monkeypatch: pytest.MonkeyPatch) -> Lamp:
    lamp = Lamp()
    for module in (observing, letters):
        monkeypatch.setattr(module, "WATCHES", {"lamp": lamp})
    return lamp


@pytest.fixture(autouse=True)
def _somebody_to_tell(settings: Any) -> None:
    settings.EMAIL_HOST, settings.ALERT_EMAILS = "mail.example.com", ["it@example.com"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://callbacks.example.com"]


def look(minutes: float) -> list[str]:
    """At so many minutes past noon; what is said then."""
    now = NOON + timedelta(minutes=minutes)
    rules = AlertRules.objects.current()
    before = set(AlertMessage.objects.values_list("pk", flat=True))
    observe(rules, now)
    tell_changes(rules, now)
    new = AlertMessage.objects.exclude(pk__in=before).order_by("id")
    return [message.subject.removeprefix("[jtelbridge] ") for message in new]


def test_a_condition_is_told_once_it_has_lasted(lamp: Lamp) -> None:
    lamp.subjects = [""]
    assert look(0) == []
    assert look(4) == []
    assert look(5) == ["lamp on"]
    assert look(6) == []


def test_its_end_is_told_once_it_has_lasted(lamp: Lamp) -> None:
    lamp.subjects = [""]
    look(0)
    look(5)
    lamp.subjects = []
    assert look(10) == []
    assert look(15) == ["lamp off"]
    assert look(16) == []


def test_what_comes_and_goes_is_not_told(lamp: Lamp) -> None:
    for minute in range(0, 60, 3):
        lamp.subjects = [] if lamp.subjects else [""]
        assert look(minute) == []


def test_a_short_break_is_no_end_and_no_new_beginning(lamp: Lamp) -> None:
    lamp.subjects = [""]
    look(0)
    look(5)
    lamp.subjects = []
    look(10)
    lamp.subjects = [""]
    assert look(12) == []
    assert look(30) == []
    assert Alert.objects.get().began_at == NOON


def test_a_rule_without_patience_tells_at_once(lamp: Lamp) -> None:
    AlertRules.objects.current()
    AlertRules.objects.update(hold_minutes=0)
    lamp.subjects = [""]
    assert look(0) == ["lamp on"]


def test_fifty_numbers_at_once_are_one_message(lamp: Lamp) -> None:
    lamp.subjects = [f"4989555{n:03}" for n in range(50)]
    look(0)
    assert look(5) == ["lamp 4989555000 on, and 49 more"]
    text = AlertMessage.objects.get().text
    assert text.count("lamp ") == letters.MOST_NAMED
    assert "and 40 more" in text
    assert len(AlertMessage.objects.get().content["changes"]) == 50


def test_numbers_that_follow_one_another_are_gathered(lamp: Lamp) -> None:
    lamp.subjects = ["1"]
    look(0)
    look(5)
    lamp.subjects = ["1", "2"]
    look(6)
    lamp.subjects = ["1", "2", "3"]
    assert look(7) == []
    assert look(34) == []
    assert look(35) == ["lamp 2 on, and 1 more"]


def test_what_is_not_of_a_number_waits_for_no_other(lamp: Lamp) -> None:
    lamp.subjects = ["1"]
    look(0)
    look(5)
    lamp.subjects = ["1", ""]
    look(6)
    assert look(11) == ["lamp on"]


def test_without_anybody_to_tell_nothing_counts_as_told(lamp: Lamp, settings: Any) -> None:
    settings.ALERT_EMAILS = []
    lamp.subjects = [""]
    look(0)
    assert look(5) == []
    settings.ALERT_EMAILS = ["it@example.com"]
    assert look(60) == ["lamp on"]


def test_what_is_watched_no_longer_is_forgotten_silently(lamp: Lamp) -> None:
    lamp.subjects = [""]
    look(0)
    look(5)
    lamp.is_wanted = False
    assert look(10) == []
    assert not Alert.objects.exists()


def test_a_watch_of_a_part_that_was_left_out_is_forgotten(lamp: Lamp) -> None:
    Alert.objects.create(kind="org", is_on=True, told_on=True, changed_at=NOON, began_at=NOON)
    assert look(10) == []
    assert not Alert.objects.exists()


def test_one_condition_that_cannot_be_looked_at_keeps_nobody_from_the_others(
    lamp: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Lamp):
        kind = "broken"

        def look(self, rules: AlertRules, now: datetime) -> list[Seen]:
            raise ZeroDivisionError

    for module in (observing, letters):
        monkeypatch.setattr(module, "WATCHES", {"broken": Broken(), "lamp": lamp})
    lamp.subjects = [""]
    look(0)
    assert look(5) == ["lamp on"]


def test_what_was_told_goes_out_whatever_becomes_of_the_next_look(
    lamp: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(watching, "tell_changes", fail)
    monkeypatch.setattr(watching, "deliver", lambda: sent.append("everything"))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            watching.watch(NOON)
    assert sent == ["everything"] * 2


def test_a_subject_is_one_line_whatever_a_number_holds(lamp: Lamp) -> None:
    lamp.subjects = ["12\r\nBcc: all@example.com"]
    look(0)
    assert look(5) == ["lamp 12 Bcc: all@example.com on"]


def test_two_workers_tell_it_once(lamp: Lamp) -> None:
    lamp.subjects = [""]
    look(0)
    alert = Alert.objects.get()
    assert Alert.objects.claim(alert, NOON)
    assert not Alert.objects.claim(alert, NOON)


def test_a_worker_that_dies_before_it_wrote_has_told_nothing(
    lamp: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp.subjects = [""]
    look(0)

    def die(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(telling, "write", die)
        with pytest.raises(MemoryError):
            look(5)
    assert look(6) == ["lamp on"]


def test_it_is_said_what_to_do_and_where(lamp: Lamp) -> None:
    lamp.subjects = [""]
    look(0)
    look(5)
    text = AlertMessage.objects.get().text
    assert "lamp on\nIt shines.\nSince 26 Nov 2026, 12:00.\nWhat to do: Press the button." in text
    assert "https://callbacks.example.com/lamp/" in text


def test_an_installation_without_a_name_gives_no_link(lamp: Lamp, settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = []
    lamp.subjects = [""]
    look(0)
    look(5)
    assert "://" not in AlertMessage.objects.get().text


def test_everybody_is_told_in_their_language_and_by_their_clock(lamp: Lamp) -> None:
    clerk = UserFactory.create(email="petra@example.com")
    Preferences.objects.create(person=clerk, language="de", time_zone="Asia/Tokyo")
    AlertRules.objects.current().people.add(clerk)
    lamp.subjects = [""]
    look(0)
    look(5)
    german, english = AlertMessage.objects.order_by("-receiver").values_list("text", flat=True)
    assert "Seit 26.11.2026, 20:00." in german
    assert "Was zu tun ist:" in german
    assert "Since 26 Nov 2026, 12:00." in english


def test_who_may_no_longer_sign_in_is_no_longer_told(lamp: Lamp, settings: Any) -> None:
    settings.ALERT_EMAILS = ["Petra@example.com"]
    people = [
        UserFactory.create(email="petra@example.com"),
        UserFactory.create(email="gone@example.com", is_active=False),
        UserFactory.create(email=""),
    ]
    AlertRules.objects.current().people.set(people)
    lamp.subjects = [""]
    look(0)
    assert len(look(5)) == 1
