"""What persons did to a callback is part of its timeline."""

import pytest
from django.utils import timezone

from callbacks import staff
from callbacks.admin.timeline import Event, timeline
from callbacks.masking import DOTS, read_by
from callbacks.models import Callback, StaffAction
from callbacks.models.queue import CallbackQuerySet
from tests.callbacks.conftest import person
from tests.callbacks.replays import failed, started, step
from tests.factories import CallbackFactory, UserFactory

pytestmark = pytest.mark.django_db


def events(callback: Callback, *, reader: str = "Back office") -> list[Event]:
    """But for that it was received."""
    callback.refresh_from_db()
    with read_by(person(reader)):
        days = timeline(callback, timezone.now())
    return [event for day in days for event in day.events][:-1]


def only(callback: Callback) -> CallbackQuerySet:
    return Callback.objects.filter(pk=callback.pk)


def test_who_dismissed_it_and_who_sent_it_again() -> None:
    callback, petra = CallbackFactory.create(failed=True), UserFactory.create()
    staff.dismiss(only(callback), by=petra, reason="Test call")
    assert [(e.text, e.detail) for e in events(callback)] == [
        ("Dismissed by Petra Lindner", "Test call")
    ]
    staff.requeue(only(callback), by=petra)
    assert [e.text for e in events(callback)] == [
        "Petra Lindner requeued it",
        "Dismissed by Petra Lindner",
    ]


def test_who_sent_it_at_once() -> None:
    callback = CallbackFactory.create(put_off=True)
    staff.send_now(only(callback), by=UserFactory.create())
    assert "Petra Lindner sent it at once" in [e.text for e in events(callback)]


def test_who_released_it() -> None:
    callback = CallbackFactory.create(held=True)
    staff.release(only(callback), by=UserFactory.create())
    assert [e.text for e in events(callback)] == ["Petra Lindner released it"]


def test_who_parted_it() -> None:
    first = CallbackFactory.create(asked_again=1)
    callback = CallbackFactory.create(status="merged", merged_into=first)
    staff.unmerge(only(callback), by=UserFactory.create())
    assert [e.text for e in events(callback)] == ["Petra Lindner made it a callback of its own"]


def test_what_was_corrected_and_how() -> None:
    callback, petra = CallbackFactory.create(failed=True), UserFactory.create()
    changes = {"Subject": ["Ruft an wegen …", "Ruft an"], "Origin": ["Phone", ""]}
    StaffAction.objects.note("corrected", by=petra, callbacks=[callback.pk], changes=changes)
    [event] = events(callback)
    assert event.text == "Petra Lindner corrected Origin, Subject"
    assert event.detail == "Phone → \N{EN DASH} · Ruft an wegen … → Ruft an"


def test_what_callers_said_is_hidden_from_viewers() -> None:
    callback, petra = CallbackFactory.create(failed=True), UserFactory.create()
    changes = {"Subject": ["Frau Meier schimpft", ""]}
    StaffAction.objects.note("corrected", by=petra, callbacks=[callback.pk], changes=changes)
    [event] = events(callback, reader="nobody")
    assert event.detail == DOTS


def test_what_was_erased_of_a_correction_leaves_that_there_was_one() -> None:
    callback, petra = CallbackFactory.create(failed=True), UserFactory.create()
    StaffAction.objects.note("corrected", by=petra, callbacks=[callback.pk])
    assert [e.text for e in events(callback)] == ["Petra Lindner corrected a field"]


def test_a_replay_is_told_once_it_sent_it() -> None:
    [callback] = failed(1)
    started()
    assert events(callback) == []
    step()
    assert [e.text for e in events(callback)] == ["Petra Lindner replayed it with others"]


def test_who_only_looked_is_no_event() -> None:
    callback = CallbackFactory.create()
    StaffAction.objects.note("looked", by=UserFactory.create(), callbacks=[callback.pk])
    assert events(callback) == []
