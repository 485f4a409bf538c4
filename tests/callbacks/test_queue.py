"""The row is the queue: leases, fencing, and what each transition changes."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from callbacks.models import MAX_ISOLATION, Callback
from callbacks.models.queue import BATCH_SIZES, Failed, Lease, PutOff, Synced
from tests.callbacks.cast import a_callback, callbacks_due
from tests.factories import AttemptFactory

pytestmark = pytest.mark.django_db

CASE: dict[str, Any] = {
    "case_object": "Case",
    "case_id": "500000000000001AAA",
    "case_number": "00001000",
    "case_status": "New",
    "case_url": "https://acme.example/500",
}


def synced(callback: Callback) -> Synced:
    return Synced(callback.id, callback.lease_no, **CASE)


def failed(callback: Callback) -> Failed:
    return Failed(
        callback.id,
        callback.lease_no,
        trouble="row_needs_person",
        code="X",
        signature="X",
        reason="No.",
        next_step="Do.",
        detail="d",
    )


def put_off(callback: Callback, **changes: float) -> PutOff:
    values = {"delay_seconds": 60.0, "failures": 1, "isolation": 2} | changes
    return PutOff(
        callback.id,
        callback.lease_no,
        delay_seconds=values["delay_seconds"],
        failures=int(values["failures"]),
        isolation=int(values["isolation"]),
    )


def an_attempt(leased: Callback) -> None:
    """The outcome of its lease is known. Written together with it."""
    AttemptFactory.create(callback=leased, lease_no=leased.lease_no, outcome="put_off")


def lease(isolation: int = 0) -> list[Callback]:
    return Callback.objects.lease(isolation=isolation, seconds=60).callbacks


def fall_due_again() -> None:
    Callback.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_lease_takes_what_is_due_and_nobody_else_gets_it() -> None:
    callback = a_callback()
    a_callback(due_at=timezone.now() + timedelta(hours=1))
    a_callback(status="held")
    assert [leased.id for leased in lease()] == [callback.id]
    assert lease() == []


def test_a_lease_is_a_batch_at_most() -> None:
    callbacks_due(BATCH_SIZES[0] + 5)
    assert len(lease()) == BATCH_SIZES[0]
    assert len(lease()) == 5


def test_a_lease_raises_its_number_and_expects_the_worst() -> None:
    a_callback()
    [leased] = lease()
    assert (leased.lease_no, leased.isolation) == (1, 1)


def test_rows_of_a_dead_worker_fall_due_again_in_smaller_batches() -> None:
    callbacks_due(3)
    sizes = []
    for isolation in range(MAX_ISOLATION + 1):
        sizes.append(len(lease(isolation)))
        fall_due_again()
    assert sizes == [3, 3, 3, 1]


def test_a_lease_does_not_bring_the_raw_body_along() -> None:
    a_callback(raw_body=b"x")
    assert "raw_body" in lease()[0].get_deferred_fields()


def test_a_synced_callback_has_its_case() -> None:
    a_callback()
    [leased] = lease()
    assert Callback.objects.mark_synced([synced(leased)]) == {leased.id}
    row = Callback.objects.get()
    assert (row.status, row.case_number, row.isolation) == ("synced", "00001000", 0)
    assert row.synced_at is not None
    assert abs(row.synced_at - timezone.now()) < timedelta(minutes=1)


def test_that_a_case_exists_is_true_under_any_lease_but_written_once() -> None:
    a_callback()
    [late] = lease()
    Callback.objects.update(lease_no=7, status="dismissed")
    assert Callback.objects.mark_synced([synced(late)]) == {late.id}
    assert Callback.objects.mark_synced([synced(late)]) == set()


def test_synced_without_a_case_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError):
        a_callback(status="synced")


def test_a_failure_says_why() -> None:
    a_callback()
    [leased] = lease()
    Callback.objects.mark_failed([failed(leased)])
    row = Callback.objects.get()
    assert (row.status, row.failures, row.failure_code) == ("failed", 1, "X")
    assert (row.failure_reason, row.failure_next_step) == ("No.", "Do.")


def test_what_is_put_off_waits_by_the_databases_clock() -> None:
    a_callback()
    [leased] = lease()
    Callback.objects.mark_put_off([put_off(leased)])
    row = Callback.objects.get()
    assert (row.status, row.failures, row.isolation) == ("pending", 1, 2)
    wait = row.due_at - timezone.now()
    assert timedelta(seconds=40) < wait < timedelta(seconds=80)


@pytest.mark.parametrize("meanwhile", ["requeue", "dismiss", "lease again"])
def test_a_late_worker_finds_its_lease_lost(meanwhile: str, admin_user: User) -> None:
    a_callback()
    [late] = lease()
    if meanwhile == "lease again":
        fall_due_again()
        lease(isolation=1)
    else:
        Callback.objects.mark_failed([failed(late)])
        Callback.objects.requeue()
    if meanwhile == "dismiss":
        Callback.objects.update(status="held")
        Callback.objects.dismiss(by=admin_user, reason="Test call")
    before = Callback.objects.values().get()
    assert Callback.objects.mark_failed([failed(late)]) == set()
    assert Callback.objects.mark_put_off([put_off(late)]) == set()
    assert Callback.objects.hold([Lease(late.id, late.lease_no)]) == 0
    assert Callback.objects.values().get() == before


def test_many_outcomes_are_written_in_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    callbacks_due(20)
    leased = lease()
    with django_assert_num_queries(1):
        assert len(Callback.objects.mark_synced([synced(c) for c in leased])) == 20


def test_nothing_to_write_asks_the_database_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        assert Callback.objects.mark_synced([]) == set()


def test_requeueing_starts_afresh_under_the_same_key() -> None:
    row = a_callback(status="failed", failures=9, isolation=3, failure_code="X", lease_no=4)
    assert Callback.objects.requeue() == 1
    assert Callback.objects.requeue() == 0
    again = Callback.objects.get()
    assert (again.id, again.status, again.failures, again.isolation) == (row.id, "pending", 0, 0)
    assert again.lease_no == 5
    assert again.failure_code == ""
    assert len(lease()) == 1


class TestSendingNow:
    def put_off_for_a_minute(self) -> Callback:
        a_callback()
        [leased] = lease()
        an_attempt(leased)
        Callback.objects.mark_put_off([put_off(leased)])
        return leased

    def test_what_waits_for_a_later_attempt_is_due_at_once(self) -> None:
        waits = self.put_off_for_a_minute()
        assert lease(isolation=2) == []
        assert Callback.objects.send_now() == 1
        [again] = lease(isolation=2)
        assert (again.id, again.failures) == (waits.id, 1)

    def test_a_second_time_there_is_nothing_left_to_do(self) -> None:
        self.put_off_for_a_minute()
        assert [Callback.objects.send_now() for _ in range(2)] == [1, 0]

    def test_what_is_on_its_way_is_left_alone(self) -> None:
        """A lease moves `due_at` ahead as a wait does: due now, it would have two workers."""
        a_callback()
        lease()
        assert Callback.objects.send_now() == 0
        assert lease(isolation=1) == []

    def test_also_on_its_second_way(self) -> None:
        self.put_off_for_a_minute()
        fall_due_again()
        [leased] = lease(isolation=2)
        assert Callback.objects.send_now() == 0
        assert len(Callback.objects.mark_failed([failed(leased)])) == 1

    @pytest.mark.parametrize("status", ["held", "failed", "synced", "dismissed", "merged"])
    def test_what_does_not_wait_is_left_alone(self, status: str) -> None:
        case = CASE if status == "synced" else {}
        later = timezone.now() + timedelta(minutes=1)
        an_attempt(a_callback(status=status, lease_no=1, due_at=later, **case))
        assert Callback.objects.send_now() == 0


class TestDismissingWhatIsOnItsWay:
    @pytest.fixture
    def dismissed(self, admin_user: User) -> Callback:
        a_callback()
        [leased] = lease()
        assert Callback.objects.dismiss(by=admin_user, reason="Test call") == 1
        return leased

    def test_a_case_counts_all_the_same(self, dismissed: Callback) -> None:
        assert Callback.objects.mark_synced([synced(dismissed)]) == {dismissed.id}
        assert Callback.objects.get().status == "synced"

    def test_a_refusal_does_not(self, dismissed: Callback) -> None:
        assert Callback.objects.mark_failed([failed(dismissed)]) == set()
        assert Callback.objects.mark_put_off([put_off(dismissed)]) == set()
        assert Callback.objects.get().status == "dismissed"

    def test_sent_again_it_waits_until_that_lease_is_over(self, dismissed: Callback) -> None:
        """Else two workers were at the row, and a comment, which has no key, would double."""
        assert Callback.objects.requeue() == 1
        assert lease() == []
        fall_due_again()
        assert [again.id for again in lease()] == [dismissed.id]

    def test_what_waited_for_a_later_attempt_goes_at_once_when_sent_again(
        self, admin_user: User
    ) -> None:
        a_callback()
        [leased] = lease()
        an_attempt(leased)
        Callback.objects.mark_put_off([put_off(leased)])
        Callback.objects.dismiss(by=admin_user, reason="Test call")
        Callback.objects.requeue()
        assert len(lease()) == 1


def test_dismissing_names_who_and_why(admin_user: User) -> None:
    a_callback(status="failed")
    a_callback(status="synced", **CASE)
    assert Callback.objects.dismiss(by=admin_user, reason="Test call") == 1
    row = Callback.objects.get(status="dismissed")
    assert (row.dismissed_by, row.dismiss_reason) == (admin_user, "Test call")
    assert row.dismissed_at is not None
