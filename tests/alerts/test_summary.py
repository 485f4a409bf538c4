"""Once a day: what became of yesterday's callbacks, and what waits."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from callbacks.alerts.summary import as_letter, summary_of, tell_summary
from callbacks.models import Alert, AlertMessage, AlertRules
from tests.factories import CallbackFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
SEVEN = datetime(2026, 11, 27, 7, 0, tzinfo=BERLIN)
YESTERDAY = datetime(2026, 11, 26, 14, 0, tzinfo=BERLIN)


@pytest.fixture(autouse=True)
def _somebody_to_tell(settings: Any) -> None:
    settings.EMAIL_HOST, settings.ALERT_EMAILS = "mail.example.com", ["it@example.com"]


def tell(now: datetime) -> bool:
    return tell_summary(AlertRules.objects.current(), now)


def said(language: str = "en") -> str:
    with override(language):
        return as_letter(summary_of(YESTERDAY.date())).text


def test_it_comes_at_its_hour_and_once() -> None:
    assert not tell(SEVEN - timedelta(minutes=1))
    assert tell(SEVEN)
    assert not tell(SEVEN + timedelta(minutes=1))
    assert tell(SEVEN + timedelta(days=1))
    subjects = AlertMessage.objects.order_by("id").values_list("subject", flat=True)
    assert list(subjects) == [
        "[jtelbridge] Callbacks of Thursday, 26 November 2026",
        "[jtelbridge] Callbacks of Friday, 27 November 2026",
    ]


def test_it_comes_later_if_nobody_worked_at_its_hour() -> None:
    assert tell(SEVEN + timedelta(hours=5))


def test_two_workers_write_it_once() -> None:
    rules = AlertRules.objects.current()
    assert tell_summary(rules, SEVEN)
    assert not tell_summary(rules, SEVEN)


def test_it_can_be_left_out() -> None:
    AlertRules.objects.current()
    AlertRules.objects.update(digest_hour=None)
    assert not tell(SEVEN)


def test_it_counts_the_day_before_by_the_clocks_on_the_wall() -> None:
    midnight = YESTERDAY.replace(hour=0)
    for moment in (midnight, midnight + timedelta(hours=23, minutes=59)):
        CallbackFactory.create(synced=True, received_at=moment)
    CallbackFactory.create(received_at=midnight - timedelta(minutes=1))
    CallbackFactory.create(received_at=midnight + timedelta(days=1))
    summary = summary_of(YESTERDAY.date())
    assert summary.accepted == sum(summary.by_status.values()) == 2


def test_it_tells_by_service_number_where_callbacks_are() -> None:
    ServiceNumberFactory.create(number="498946134180", name="Hotline")
    CallbackFactory.create(synced=True, received_at=YESTERDAY)
    CallbackFactory.create(failed=True, received_at=YESTERDAY)
    text = said()
    assert "Thursday, 26 November 2026: 2 callbacks came." in text
    assert "- Hotline (+49\N{NO-BREAK SPACE}89" in text
    assert "In Salesforce: 1, Failed: 1" in text


def test_it_tells_what_waits_and_who_has_waited_longest() -> None:
    CallbackFactory.create(failed=True, received_at=YESTERDAY - timedelta(days=3))
    text = said()
    assert "Waits for a decision:\n- 1 callback has failed." in text
    assert "23 Nov 2026, 14:00" in text


def test_it_tells_what_is_not_over() -> None:
    facts = {"is_on": True, "told_on": True, "changed_at": YESTERDAY, "began_at": YESTERDAY}
    Alert.objects.create(kind="beat", **facts)
    assert "Still so:\n- The schedule (beat) is silent" in said()


def test_a_quiet_day_is_told_as_one() -> None:
    assert "26. November 2026: Kein Rückruf ist eingegangen." in said("de")
    assert "Nichts wartet auf eine Entscheidung." in said("de")
