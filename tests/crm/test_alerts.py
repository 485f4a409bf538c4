"""The org's trouble is told, and callbacks that do not go out though nothing stands in the way."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import override

from callbacks.alerts.letters import about
from callbacks.alerts.observing import observe
from callbacks.alerts.summary import as_letter, summary_of
from callbacks.models import Alert, AlertRules, Callback
from crm.errors import meaning_of
from crm.models import Finding, Org
from tests.factories import CallbackFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _an_org(settings: Any) -> None:
    settings.SALESFORCE_URL = "https://acme.my.salesforce.com"
    Org.objects.current()


def on(kind: str) -> bool:
    observe(AlertRules.objects.current(), timezone.now())
    return Alert.objects.filter(kind=kind, is_on=True).exists()


def overdue(minutes: int) -> None:
    CallbackFactory.create()
    Callback.objects.update(due_at=Now() - timedelta(minutes=minutes))


def trouble() -> None:
    Org.note_trouble("invalid_client", meaning_of("invalid_client", ""), retry_in=60)


def test_trouble_is_on_until_the_org_answers_again() -> None:
    assert not on("org")
    trouble()
    assert on("org")
    Org.note_well()
    assert not on("org")


def test_it_is_told_why_and_what_to_do() -> None:
    trouble()
    assert on("org")
    with override("de"):
        letter = about([Alert.objects.get(kind="org")])
    assert letter.subject == "[jtelbridge] Störung bei Salesforce: Rückrufe warten"
    assert "(invalid_client)" in letter.text
    meaning = meaning_of("invalid_client", "")
    assert not {meaning.reason, meaning.next_step} & set(letter.text.splitlines())


def test_a_pause_by_staff_is_no_trouble() -> None:
    Org.pause(by=None, reason="Release")
    overdue(60)
    assert not on("org")
    assert not on("stuck")


def test_callbacks_that_do_not_go_out_are_told() -> None:
    overdue(9)
    assert not on("stuck")
    overdue(11)
    assert on("stuck")


def test_the_orgs_trouble_explains_why_they_do_not() -> None:
    overdue(60)
    trouble()
    assert not on("stuck")


def test_a_drip_explains_why_they_do_not() -> None:
    overdue(60)
    Org.resume(per_minute=1)
    assert not on("stuck")


def test_without_an_org_nothing_is_expected_to_go_out(settings: Any) -> None:
    settings.SALESFORCE_URL = ""
    overdue(60)
    assert not on("stuck")


def test_the_summary_counts_findings() -> None:
    now = timezone.now()
    facts = {"kind": Finding.Kind.FIELD_REQUIRED, "subject": "Case.Reason", "detail": {}}
    Finding.objects.create(**facts, found_at=now, seen_at=now)
    assert "- 1 finding is open." in as_letter(summary_of(now.date())).text
