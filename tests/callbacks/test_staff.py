"""What staff did is kept: who, what and why, once for each callback that really changed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection

from callbacks import staff
from callbacks.models import Callback, FunctionRoute, StaffAction
from callbacks.models.queue import CallbackQuerySet
from tests.factories import CallbackFactory, UserFactory

pytestmark = pytest.mark.django_db

Verb = StaffAction.Verb


def everything() -> CallbackQuerySet:
    return Callback.objects.all()


@pytest.fixture
def petra() -> User:
    return UserFactory.create()


def written() -> list[tuple[str, str, str]]:
    """Verb, caller and reason, oldest first."""
    columns = ("verb", "callback__caller_text", "reason")
    return list(StaffAction.objects.order_by("id").values_list(*columns))


def test_requeueing_is_written_for_what_changed(petra: User) -> None:
    failed = CallbackFactory.create(failed=True)
    CallbackFactory.create(synced=True)
    assert staff.requeue(everything(), by=petra) == 1
    assert written() == [(Verb.REQUEUED, failed.caller_text, "")]
    assert StaffAction.objects.get().person_name == "Petra Lindner"


def test_dismissing_is_written_with_its_reason(petra: User) -> None:
    held = CallbackFactory.create(held=True)
    CallbackFactory.create()
    assert staff.dismiss(everything(), by=petra, reason="Test call") == 1
    assert written() == [(Verb.DISMISSED, held.caller_text, "Test call")]


def test_releasing_is_written_for_what_has_a_route(petra: User) -> None:
    held = CallbackFactory.create(held=True)
    assert staff.release(everything(), by=petra) == 1
    assert written() == [(Verb.RELEASED, held.caller_text, "")]


def test_what_has_no_route_is_neither_released_nor_written(petra: User) -> None:
    FunctionRoute.objects.update(enabled=False)
    CallbackFactory.create(held=True)
    assert staff.release(everything(), by=petra) == 0
    assert written() == []


def test_unmerging_is_written(petra: User) -> None:
    first = CallbackFactory.create(asked_again=1)
    second = CallbackFactory.create(status="merged", merged_into=first)
    assert staff.unmerge(everything(), by=petra) == 1
    assert written() == [(Verb.UNMERGED, second.caller_text, "")]


def test_doing_it_twice_is_written_once(petra: User) -> None:
    CallbackFactory.create(failed=True)
    assert [staff.requeue(everything(), by=petra) for _ in range(2)] == [1, 0]
    assert len(written()) == 1


def test_more_than_fit_into_one_statement(petra: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff, "CHUNK", 2)
    CallbackFactory.create_batch(5, failed=True)
    assert staff.requeue(everything(), by=petra) == 5
    assert len(written()) == 5


def test_what_is_not_changed_is_not_written(petra: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change fails: nothing is told of it."""

    def fail(_: CallbackQuerySet) -> int:
        raise RuntimeError

    monkeypatch.setattr(CallbackQuerySet, "requeue", fail)
    CallbackFactory.create(failed=True)
    with pytest.raises(RuntimeError):
        staff.requeue(everything(), by=petra)
    assert written() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_finds_nothing(petra: User) -> None:
    CallbackFactory.create_batch(3, failed=True)

    def press(change: Callable[[], int]) -> int:
        try:
            return change()
        finally:
            connection.close()

    def requeue() -> int:
        return staff.requeue(everything(), by=petra)

    with ThreadPoolExecutor(4) as people:
        changed = list(people.map(press, [requeue] * 4))
    assert sorted(changed) == [0, 0, 0, 3]
    assert len(written()) == 3
