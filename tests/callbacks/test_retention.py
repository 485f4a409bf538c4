"""Personal data is kept no longer than the setting says; that there was a callback stays known."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from callbacks import retention
from callbacks.models import Callback, RejectedRequest, StaffAction, SyncAttempt
from callbacks.tasks import erase_expired
from tests.callbacks.cast import a_callback
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

SECRET_LIFE = "Erika Mustermann, 0171 2345678"
CASE = {"status": "synced", "case_id": "500000000000001AAA", "case_number": "00001000"}


def an_old_callback(**facts: object) -> Callback:
    """With personal data in every place that can hold some."""
    old = timezone.now() - timedelta(days=181)
    callback = a_callback(
        received_at=old,
        caller_text=SECRET_LIFE,
        callback_text=SECRET_LIFE,
        payload={"UserData": SECRET_LIFE},
        raw_body=SECRET_LIFE.encode(),
        raw_query=SECRET_LIFE,
        idempotency_key=f"{SECRET_LIFE} {uuid4()}",
        failure_detail=SECRET_LIFE,
        dismiss_reason=SECRET_LIFE,
        contact_id="003000000000001AAA",
        contact_name=SECRET_LIFE,
        candidates=[{"object": "Contact", "id": "003000000000001AAA", "name": SECRET_LIFE}],
        **facts,
    )
    SyncAttempt.objects.create(
        callback=callback,
        lease_no=1,
        started_at=old,
        duration_ms=1,
        outcome="failed",
        detail=SECRET_LIFE,
    )
    StaffAction.objects.note(
        "corrected",
        by=UserFactory.create(),
        callbacks=[callback.id],
        reason=SECRET_LIFE,
        changes={"Subject": ["", SECRET_LIFE]},
    )
    return callback


def everything_about(callback: Callback) -> str:
    row = Callback.objects.values().get(id=callback.id)
    attempts = SyncAttempt.objects.filter(callback=callback).values()
    return repr([row, *attempts, *StaffAction.objects.filter(callback=callback).values()])


def test_of_an_old_finished_callback_nothing_personal_is_left() -> None:
    callback = an_old_callback(**CASE)
    assert retention.erase_expired() == 1
    left = everything_about(callback)
    assert "Mustermann" not in left
    assert "4989555010" not in left
    assert "003000000000001AAA" not in left
    assert "00001000" in left


@pytest.mark.parametrize("status", ["dismissed", "merged", "answered"])
def test_what_needs_no_case_is_erased_as_well(status: str) -> None:
    callback = an_old_callback(status=status)
    assert retention.erase_expired() == 1
    assert "Mustermann" not in everything_about(callback)


def test_it_is_erased_once() -> None:
    an_old_callback(**CASE)
    assert [retention.erase_expired(), retention.erase_expired()] == [1, 0]


@pytest.mark.parametrize("status", ["pending", "held", "failed"])
def test_what_somebody_still_waits_for_is_kept(status: str) -> None:
    callback = an_old_callback(status=status)
    assert retention.erase_expired() == 0
    assert "Mustermann" in everything_about(callback)


def test_the_setting_says_how_long(settings: Settings) -> None:
    an_old_callback(**CASE)
    settings.RETENTION_DAYS = 365
    assert retention.erase_expired() == 0


def test_more_than_a_chunk_goes_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 2)
    for _ in range(5):
        an_old_callback(**CASE)
    assert retention.erase_expired() == 5


def test_old_rejected_requests_go_altogether() -> None:
    for days in (181, 1):
        RejectedRequest.objects.create(
            received_at=timezone.now() - timedelta(days=days),
            status=400,
            code="unreadable",
            reason="No.",
            method="POST",
            path="/",
            body=SECRET_LIFE.encode(),
            body_size=1,
        )
    erase_expired()
    assert RejectedRequest.objects.count() == 1
