"""What is watched besides silence, and that all of it can be said in both languages."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from callbacks import tasks
from callbacks.alerts.letters import about
from callbacks.alerts.observing import observe
from callbacks.alerts.watches import WATCHES
from callbacks.models import Alert, AlertRules, JobRun, NumberWatch
from callbacks.models.job_run import Result
from tests.factories import CallbackFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

HOTLINE = "498946134180"


def on(kind: str) -> dict[str, dict[str, Any]]:
    """What holds now, by subject."""
    observe(AlertRules.objects.current(), timezone.now())
    alerts = Alert.objects.filter(kind=kind, is_on=True)
    return {alert.subject: alert.facts for alert in alerts}


def came(hours_ago: float, **facts: Any) -> None:
    received_at = timezone.now() - timedelta(hours=hours_ago)
    CallbackFactory.create(received_at=received_at, **facts)


def limit(**limits: int | None) -> AlertRules:
    rules = AlertRules.objects.current()
    AlertRules.objects.update(**limits)
    return rules


class TestDecisions:
    def test_a_failed_callback_may_wait_for_some_hours(self) -> None:
        came(3, failed=True)
        assert on("decisions") == {}

    def test_then_it_is_told_how_many_wait(self) -> None:
        came(5, failed=True)
        came(1, failed=True)
        came(1, held=True)
        (facts,) = on("decisions").values()
        assert (facts["failed"], facts["held"]) == (2, 1)

    def test_it_ends_when_somebody_has_decided(self) -> None:
        came(5, held=True)
        assert on("decisions")
        CallbackFactory._meta.model.objects.update(status="pending")
        assert not on("decisions")

    def test_it_is_not_watched_without_a_limit(self) -> None:
        came(500, failed=True)
        limit(decision_hours=None)
        assert not on("decisions")


class TestUnserved:
    def test_a_caller_who_waits_too_long_is_told_by_service_number(self) -> None:
        came(73, synced=True)
        came(71, synced=True, service_number="498946134199")
        assert set(on("unserved")) == {HOTLINE}

    def test_a_number_may_have_a_limit_of_its_own(self) -> None:
        came(5, synced=True)
        rules = limit(unserved_hours=None)
        assert not on("unserved")
        number = ServiceNumberFactory.create(number=HOTLINE)
        NumberWatch.objects.create(rules=rules, service_number=number, unserved_hours=4)
        assert set(on("unserved")) == {HOTLINE}

    def test_a_closed_case_ends_it(self) -> None:
        came(73, synced=True, case_closed_at=timezone.now())
        assert not on("unserved")


class TestBeat:
    @pytest.mark.parametrize(("minutes", "is_silent"), [(2, False), (4, True)])
    def test_it_is_missed_after_minutes(self, minutes: int, is_silent: bool) -> None:
        now = timezone.now()
        rung_at = now - timedelta(minutes=minutes)
        JobRun.objects.create(
            job="x", finished_at=now, took_ms=1, result=Result.DONE, rung_at=rung_at
        )
        assert bool("" in on("beat")) == is_silent

    def test_a_worker_misses_it_once_a_minute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = iter([1000, 1100, 1179, 1181, 1182, 1240, 1242, 9000, 9001, 9002, 9003])
        monkeypatch.setattr("time.monotonic", lambda: next(clock))
        ear = tasks.Ear()
        heard = [ear.misses_it(by_beat=False) for _ in range(8)]
        assert heard == [False, False, True, False, False, True, True, False]
        assert not ear.misses_it(by_beat=True)
        assert not ear.misses_it(by_beat=False)


FACTS = {
    "decisions": {"failed": 3, "held": 1, "since": "2026-11-26T11:00:00+00:00"},
    "unserved": {"since": "2026-11-26T11:00:00+00:00"},
    "silent": {"minutes": 120, "usual": 14},
    "org": {
        "code": "NO_ANSWER",
        "reason": "Salesforce did not answer in time.",
        "next_step": "Nothing. It goes on by itself.",
    },
}


@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("subject", ["", HOTLINE])
def test_all_of_it_is_said_in_german_and_calmly(subject: str, is_on: bool) -> None:
    ServiceNumberFactory.create(number=HOTLINE, name="Störung Süd")
    now = timezone.now()
    for kind in WATCHES:
        alert = Alert(kind=kind, subject=subject, is_on=is_on, facts=FACTS.get(kind, {}))
        alert.began_at = alert.changed_at = now
        english = about([alert])
        with override("de"):
            german = about([alert])
        assert german.subject != english.subject
        assert not re.search(r"\b(the|is|are|and|callbacks?)\b", german.text, re.IGNORECASE)
        assert "!" not in german.text + english.text
        assert "%(" not in german.text + english.text


def test_no_caller_is_named() -> None:
    for state in ("failed", "held", "synced"):
        came(100, **{state: True}, caller_number="491716547539", contact_name="Erika Muster")
    observe(AlertRules.objects.current(), timezone.now())
    letter = about(list(Alert.objects.all()))
    said = letter.subject + letter.text + str(letter.content)
    assert "6547539" not in re.sub(r"\D", "", said)
    assert "Muster" not in said
