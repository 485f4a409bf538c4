"""A second queue, in plain Python, beside the rows: whatever is done is done to both.

After each step both have to tell the same; and some things may never happen, whatever both tell.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from callbacks.models import MAX_ISOLATION, Callback, SyncAttempt
from callbacks.models.queue import BATCH_SIZES, Lease
from callbacks.retention import erase_expired
from tests.callbacks.cast import a_callback
from tests.callbacks.test_queue import failed, put_off, synced

LONG = 3_600.0  # seconds: no lease and no wait ends unless a rule says so
LONG_AGO = timedelta(days=1_000)


@dataclass
class Row:
    status: str
    lease_no: int = 0
    isolation: int = 0
    failures: int = 0
    case_id: str = ""
    is_erased: bool = False
    is_due: bool = True
    is_told: bool = False  # what came of the present lease
    is_old: bool = False

    @property
    def can_be_leased(self) -> bool:
        return self.status == "pending" and self.is_due

    @property
    def can_be_erased(self) -> bool:
        return self.is_old and self.status in {"synced", "dismissed"} and not self.is_erased

    @property
    def is_put_off(self) -> bool:
        return self.status == "pending" and self.is_told and not self.is_due

    def start_afresh(self) -> None:
        """What was dismissed on its way is not due before that lease is over."""
        self.is_due = self.is_due or self.status != "dismissed"
        self.end("pending")
        self.isolation = self.failures = 0

    def end(self, status: str) -> None:
        self.status, self.is_told = status, False
        self.lease_no += 1

    def told(self) -> tuple[Any, ...]:
        return (
            *(self.status, self.lease_no, self.isolation),
            *(self.failures, self.case_id, self.is_erased),
        )


class QueueMachine(RuleBasedStateMachine):
    leased: Bundle[Callback] = Bundle("leased")  # what workers hold, in time or long too late

    def __init__(self) -> None:
        super().__init__()
        Callback.objects.all().delete()
        self.rows: dict[UUID, Row] = {}
        self.live: set[UUID] = set()
        self.seen: dict[UUID, tuple[Any, ...]] = {}
        self.petra = User.objects.get_or_create(username="petra")[0]

    # --- what comes in

    @initialize(status=st.sampled_from(["pending", "held"]))
    def the_first_two_arrive(self, status: str) -> None:
        self.one_arrives("pending")
        self.one_arrives(status)

    @rule(status=st.sampled_from(["pending", "held"]))
    def one_arrives(self, status: str) -> None:
        key = UUID(int=len(self.rows))  # not by chance, which orders equal due times
        self.rows[a_callback(id=key, status=status).id] = Row(status)

    # --- workers

    @precondition(lambda self: any(row.can_be_leased for row in self.rows.values()))
    @rule(target=leased)
    def a_worker_leases(self) -> Any:
        """At the lowest isolation where something is due, as a worker's round does."""
        isolation = min(row.isolation for row in self.rows.values() if row.can_be_leased)
        due = {
            key
            for key, row in self.rows.items()
            if row.can_be_leased and row.isolation == isolation
        }
        batch = Callback.objects.lease(isolation=isolation, seconds=LONG)
        taken = sorted(batch.callbacks, key=lambda callback: callback.id)
        keys = {callback.id for callback in taken}
        assert keys <= due
        assert len(taken) == len(keys) == min(len(due), BATCH_SIZES[isolation])
        assert not keys & self.live, "two live leases of one row"
        self.live |= keys
        for callback in taken:
            row = self.rows[callback.id]
            row.lease_no += 1
            row.is_told = False
            row.is_due, row.isolation = False, min(isolation + 1, MAX_ISOLATION)
            assert callback.lease_no == row.lease_no
        return multiple(*taken)

    @rule(callbacks=st.lists(leased, min_size=1, max_size=3, unique_by=lambda c: c.id))
    def a_worker_tells_of_cases(self, callbacks: list[Callback]) -> None:
        news = [replace(synced(c), case_id=case_of(c.id)) for c in callbacks]
        new = {c.id for c in callbacks if self.rows[c.id].status != "synced"}
        assert Callback.objects.mark_synced(news) == new
        for key in new:
            row = self.rows[key]
            row.end("synced")
            row.isolation, row.case_id = 0, case_of(key)
        self.live -= new

    @rule(callback=leased, failures=st.integers(0, 1), isolation=st.integers(0, MAX_ISOLATION))
    def a_worker_puts_off(self, callback: Callback, failures: int, isolation: int) -> None:
        outcome = put_off(callback, delay_seconds=LONG, failures=failures, isolation=isolation)
        row, counts = self.rows[callback.id], self.is_in_time(callback)
        assert Callback.objects.mark_put_off([outcome]) == ({callback.id} if counts else set())
        if counts:
            attempt = (callback.id, callback.lease_no, "put_off", "", "")
            SyncAttempt.objects.note([attempt], started_at=timezone.now(), duration_ms=1)
            row.is_told = True
            row.is_due, row.isolation = False, isolation
            row.failures += failures
            self.live.discard(callback.id)

    @rule(callback=leased)
    def a_worker_gives_up(self, callback: Callback) -> None:
        row, counts = self.rows[callback.id], self.is_in_time(callback)
        changed = Callback.objects.mark_failed([failed(callback)])
        assert changed == ({callback.id} if counts else set())
        if counts:
            row.status = "failed"
            row.failures += 1
            self.live.discard(callback.id)

    @rule(callback=leased)
    def a_worker_finds_no_route(self, callback: Callback) -> None:
        row, counts = self.rows[callback.id], self.is_in_time(callback)
        assert Callback.objects.hold([Lease(callback.id, callback.lease_no)]) == int(counts)
        if counts:
            row.end("held")
            self.live.discard(callback.id)

    @rule()
    def leases_and_waits_run_out(self) -> None:
        """Also how a crash looks from here: nothing is settled, and the rows fall due again."""
        Callback.objects.update(due_at=F("due_at") - LONG_AGO)
        self.live.clear()
        for row in self.rows.values():
            row.is_due = True

    # --- staff, and time

    @precondition(lambda self: self.has("held"))
    @rule()
    def a_route_appears(self) -> None:
        held = [row for row in self.rows.values() if row.status == "held"]
        assert Callback.objects.release() == len(held)
        for row in held:
            row.start_afresh()

    @precondition(lambda self: self.has("failed", "dismissed"))
    @rule()
    def staff_requeues_all_that_can_be(self) -> None:
        again = [
            row
            for row in self.rows.values()
            if row.status in {"failed", "dismissed"} and not row.is_erased
        ]
        assert Callback.objects.requeue() == len(again)
        for row in again:
            row.start_afresh()

    @rule()
    def staff_sends_now_what_waits(self) -> None:
        waiting = [row for row in self.rows.values() if row.is_put_off]
        assert Callback.objects.send_now() == len(waiting)
        for row in waiting:
            row.is_due = True

    @rule(number=st.integers(0, 5))
    def staff_dismisses_one(self, number: int) -> None:
        key = list(self.rows)[number % len(self.rows)]
        row = self.rows[key]
        counts = row.status in {"pending", "failed", "held"}
        dismissed = Callback.objects.filter(id=key).dismiss(by=self.petra, reason="Test call")
        assert dismissed == int(counts)
        if counts:
            row.is_due = row.is_due or row.is_told or row.status != "pending"
            row.end("dismissed")

    @precondition(lambda self: self.has("synced", "dismissed"))
    @rule(number=st.integers(0, 5))
    def one_grows_old_and_is_erased_if_finished(self, number: int) -> None:
        key = list(self.rows)[number % len(self.rows)]
        Callback.objects.filter(id=key).update(received_at=timezone.now() - LONG_AGO)
        self.rows[key].is_old = True
        finished = [row for row in self.rows.values() if row.can_be_erased]
        assert erase_expired() == len(finished)
        for row in finished:
            row.is_erased = True
            row.lease_no += 1

    # --- what always holds

    @invariant()
    def both_tell_the_same(self) -> None:
        self.seen_before, self.seen = self.seen, stored()
        assert self.seen == {key: row.told() for key, row in self.rows.items()}

    @invariant()
    def both_have_the_same_due(self) -> None:
        due = set(Callback.objects.due().values_list("id", flat=True))
        assert due == {key for key, row in self.rows.items() if row.can_be_leased}

    @invariant()
    def lease_numbers_only_grow(self) -> None:
        for key, (_, lease_no, *_) in self.seen_before.items():
            assert self.seen[key][1] >= lease_no

    @invariant()
    def what_is_synced_stays_so_with_its_case(self) -> None:
        for key, (status, *_, case_id, _) in self.seen_before.items():
            if status == "synced":
                assert (self.seen[key][0], self.seen[key][4]) == ("synced", case_id)

    def has(self, *statuses: str) -> bool:
        return any(row.status in statuses for row in self.rows.values())

    def is_in_time(self, callback: Callback) -> bool:
        """Whether a refusal or a put-off still counts."""
        row = self.rows[callback.id]
        return row.status == "pending" and row.lease_no == callback.lease_no


def case_of(key: UUID) -> str:
    return f"500{key.int % 10**15:015}"


def stored() -> dict[UUID, tuple[Any, ...]]:
    names = ["status", "lease_no", "isolation", "failures", "case_id", "erased_at"]
    return {
        key: (*facts, erased_at is not None)
        for key, *facts, erased_at in Callback.objects.values_list("id", *names)
    }
