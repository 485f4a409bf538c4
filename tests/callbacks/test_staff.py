"""What staff did is kept: who, what and why, once for each callback that really changed."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from callbacks import corrections, staff
from callbacks.models import Callback, FunctionRoute, StaffAction
from callbacks.models.queue import CallbackQuerySet, Synced
from callbacks.signals import callback_accepted
from tests.callbacks.cast import somebody_waits_for_a_lock
from tests.factories import CallbackFactory, UserFactory
from tests.processes import until

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
    CallbackFactory.create(synced=True)
    assert staff.dismiss(everything(), by=petra, reason="Test call") == (1, 0)
    assert written() == [(Verb.DISMISSED, held.caller_text, "Test call")]


def test_what_waits_can_be_dismissed(petra: User) -> None:
    waits = CallbackFactory.create()
    assert staff.dismiss(everything(), by=petra, reason="Test call") == (1, 0)
    assert written() == [(Verb.DISMISSED, waits.caller_text, "Test call")]


def test_sending_now_is_written_for_what_waits_for_an_attempt(petra: User) -> None:
    put_off = CallbackFactory.create(put_off=True)
    CallbackFactory.create()
    assert staff.send_now(everything(), by=petra) == 1
    assert written() == [(Verb.SENT_NOW, put_off.caller_text, "")]


class TestWishesThatWereMerged:
    """They have nothing of their own: whatever becomes of the first becomes of them."""

    @pytest.fixture(params=["pending", "failed", "held"])
    def first(self, request: pytest.FixtureRequest) -> Callback:
        return CallbackFactory.create(status=request.param, asked_again=2)

    @pytest.fixture
    def joined(self, first: Callback) -> list[Callback]:
        return CallbackFactory.create_batch(2, status="merged", merged_into=first)

    def states(self) -> dict[str, int]:
        return dict(Counter(everything().values_list("status", flat=True)))

    def test_they_are_dismissed_with_it_for_the_same_reason(
        self, petra: User, first: Callback, joined: list[Callback]
    ) -> None:
        CallbackFactory.create(status="merged", merged_into=CallbackFactory.create())
        only = Callback.objects.filter(pk=first.pk)
        assert staff.dismiss(only, by=petra, reason="Test call") == (1, 2)
        assert self.states() == {"dismissed": 3, "merged": 1, "pending": 1}
        callers = {each.caller_text for each in (first, *joined)}
        assert set(written()) == {(Verb.DISMISSED, caller, "Test call") for caller in callers}
        joined[0].refresh_from_db()
        assert (joined[0].dismissed_by, joined[0].merged_into) == (petra, first)

    def test_they_join_it_again_if_there_is_a_case_after_all(
        self, petra: User, first: Callback, joined: list[Callback]
    ) -> None:
        by_itself = CallbackFactory.create(status="dismissed", merged_into=first)
        Callback.objects.filter(pk=by_itself.pk).update(dismissed_at=timezone.now())
        staff.dismiss(everything(), by=petra, reason="Test call")
        case = Synced(first.id, 1, "Case", "500000000000001AAA", "00001000", "New", "")
        assert Callback.objects.mark_synced([case]) == {first.id}
        assert self.states() == {"synced": 1, "merged": 2, "dismissed": 1}
        joined[0].refresh_from_db()
        assert (joined[0].merged_into, joined[0].dismissed_by) == (first, None)

    def test_they_join_it_again_when_it_is_sent_again(
        self, petra: User, first: Callback, joined: list[Callback]
    ) -> None:
        staff.dismiss(everything(), by=petra, reason="Test call")
        only = Callback.objects.filter(pk=first.pk)
        assert staff.requeue(only, by=petra) == 1
        assert self.states() == {"pending": 1, "merged": 2}
        joined[0].refresh_from_db()
        assert (joined[0].dismissed_at, joined[0].merged_into) == (None, first)

    @pytest.mark.usefixtures("first", "joined")
    def test_sent_again_together_they_do_not_become_callbacks_each(self, petra: User) -> None:
        staff.dismiss(everything(), by=petra, reason="Test call")
        assert staff.requeue(everything(), by=petra) == 3
        assert self.states() == {"pending": 1, "merged": 2}

    @pytest.mark.usefixtures("first")
    def test_one_sent_again_alone_is_on_its_way(self, petra: User, joined: list[Callback]) -> None:
        staff.dismiss(everything(), by=petra, reason="Test call")
        assert staff.requeue(Callback.objects.filter(pk=joined[1].pk), by=petra) == 1
        assert self.states() == {"pending": 1, "dismissed": 2}

    @pytest.mark.usefixtures("first")
    def test_alone_they_are_not_dismissed(self, petra: User, joined: list[Callback]) -> None:
        these = everything().filter(pk__in=[each.pk for each in joined])
        assert staff.dismiss(these, by=petra, reason="x") == (0, 0)


def correct_and_resend(callbacks: CallbackQuerySet, *, by: User) -> int:
    changes = {"Priority": ("Urgent", "High")}
    return int(corrections.correct(callbacks.failed().get(), changes, by=by, resend=True))


@pytest.mark.parametrize(
    "verb", [staff.requeue, staff.send_now, staff.release, staff.unmerge, correct_and_resend]
)
def test_what_is_due_now_rings_once_it_is_written(
    verb: Callable[..., int],
    petra: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    first = CallbackFactory.create(failed=True, asked_again=1)
    CallbackFactory.create(held=True)
    CallbackFactory.create(put_off=True)
    CallbackFactory.create(status="merged", merged_into=first)
    rung = []

    def hear(**_: object) -> None:
        rung.append(1)

    callback_accepted.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert verb(everything(), by=petra) == 1
            assert rung == []
    finally:
        callback_accepted.disconnect(hear)
    assert rung == [1]


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
def test_what_a_worker_takes_at_the_same_moment_is_left_to_it(petra: User) -> None:
    CallbackFactory.create(put_off=True)

    def press() -> int:
        try:
            return staff.send_now(everything(), by=petra)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as people:
        with transaction.atomic():
            everything().update(due_at=Now())
            [leased] = Callback.objects.lease(isolation=0, seconds=60).callbacks
            changed = people.submit(press)
            until(somebody_waits_for_a_lock)
        assert changed.result() == 0
    assert written() == []
    assert Callback.objects.get().due_at == leased.due_at


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
