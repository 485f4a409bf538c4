"""One batch on its way: drafted, sent in one call, settled.

The call may run in another thread, so that this one settles the batch before and drafts the next.
Everything else, the database above all, stays with the thread that leased the batch.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from django.db import DatabaseError, DataError, IntegrityError

from callbacks.models import Batch, Callback
from crm import doubts, flow
from crm.client import SalesforceClient
from crm.draft import Draft
from crm.drafting import drafts_of, nothing
from crm.errors import CrmError
from crm.exchange import Result
from crm.models import SentRecord
from crm.outcomes import Chance, Judge
from crm.preconditions import preconditions
from crm.sending import send_and_read_back
from crm.settling import Started, settle
from crm.suspicion import suspect_in, suspicions
from crm.timing import CALL_SECONDS, LEASE_SECONDS
from crm.updating import in_order

log = structlog.get_logger()

Results = dict[str, Result]


@dataclass
class Delivery:
    """`known_trouble` is what a callback on trial may meet again; "" if none is on trial.

    `before_search` runs before the org is asked who called, which may take long.
    """

    client: SalesforceClient
    batch: Batch
    started: Started
    chance: Chance
    known_trouble: str = ""
    before_search: Callable[[], None] = nothing
    drafts: list[Draft] = field(default_factory=list)
    is_drafted: bool = False
    failure: CrmError | None = None  # of what had to be asked before anything could be sent
    call: Future[Results] | None = None

    def __post_init__(self) -> None:
        self._judge = Judge(
            isolation=self.batch.isolation,
            chance=self.chance,
            on_trial=bool(self.known_trouble),
        )

    def pack(self) -> bool:
        """Draft what can be sent, settle what cannot. False if nothing is to be sent."""
        with self._dividing():
            try:
                drafted = drafts_of(
                    self.client, self.batch.callbacks, before_search=self.before_search
                )
            except CrmError as error:
                self.failure = error
                return True  # what became of it is told when it is settled, as of a call
            Callback.objects.hold(drafted.unrouted)
            Callback.objects.answer(drafted.answered)
            drafts, waiting = in_order(drafted.drafts)
            unknown = [self._judge.not_found_out(callback) for callback in drafted.uncertain]
            settle([*drafted.refused, *waiting, *unknown], started=self.started)
            SentRecord.forget(drafted.given_up)
            self.drafts, self.is_drafted = drafts, True
        return bool(self.drafts)

    def send(self, line: Executor) -> None:
        """Begin the call, under a sign-in that was looked at; not if the lease is nearly over."""
        self.call = None
        try:
            if self.failure:
                raise self.failure
            generation = preconditions.assure(self.client)
            self._judge.record_url = self.client.record_url("{0}", "{1}").format
        except CrmError as error:
            self.call = Future()
            self.call.set_exception(error)
            return
        if self.started.seconds + CALL_SECONDS > LEASE_SECONDS:
            self.give_back()
            return
        doubts.note(self.drafts)
        self.call = line.submit(
            send_and_read_back,
            self.client,
            self.drafts,
            generation=generation,
            deadline=CALL_SECONDS,
        )

    def went_well(self) -> bool:
        """Wait for the answer. True if nothing in it may speak of the whole org."""
        if self.call is None:
            return True
        if self.call.exception():
            return False
        return suspect_in(self.call.result()) is None and not flow.is_in_reserve(self.client)

    def settle(self, line: Executor) -> bool:
        """Wait for the answer and write what came of it. False if the conversation pauses now."""
        if self._session_changed():
            self.send(line)
        with self._dividing():
            try:
                results = self.call.result() if self.call else {}
            except CrmError as error:
                return self._after_failed_call(error)
            return self._settle(results)
        return True

    def give_back(self) -> None:
        """Nothing was sent, so nothing was learnt: due at once, as if never leased."""
        Callback.objects.give_back(self._on_their_way(), self.batch.isolation)

    def _on_their_way(self) -> list[Callback]:
        if self.failure or not self.is_drafted:
            return self.batch.callbacks
        return [draft.callback for draft in self.drafts]

    def _session_changed(self) -> bool:
        """Nothing was sent then: the call was meant for the sign-in that was looked at."""
        error = self.call.exception() if self.call else None
        return isinstance(error, CrmError) and error.code == "SESSION_CHANGED"

    def _settle(self, results: Results) -> bool:
        if not results:
            return True
        trouble = suspicions.trouble(self.client, results, known=self.known_trouble)
        self._judge.org_is_well = trouble is None
        told = [self._judge.told(draft, results[draft.key]) for draft in self.drafts]
        written = settle(told, started=self.started)
        doubts.forget_known(self.drafts, results, told, written)
        if trouble is None:
            return not flow.quota_reserve_reached(self.client)
        preconditions.forget()
        flow.pause_for(trouble, self.chance)
        return False

    def _after_failed_call(self, error: CrmError) -> bool:
        """The call brought no results. The org's trouble only if a call without our rows says so."""
        callbacks = self._on_their_way()
        log.warning("call failed", error=str(error), rows=len(callbacks))
        is_orgs = flow.is_orgs_own(error, self.client)
        judge = self._judge.not_to_blame if is_orgs else self._judge.in_doubt
        told = [judge(callback, error.code, error.detail) for callback in callbacks]
        written = settle(told, started=self.started)
        if error.nothing_was_done:
            doubts.forget_unsent(self.drafts, written)
        if is_orgs:
            flow.pause_for(error, self.chance)
        return not is_orgs

    @contextmanager
    def _dividing(self) -> Iterator[None]:
        """Whatever goes wrong in our own code divides the batch until the culprit is alone."""
        try:
            yield
        except (DataError, IntegrityError) as error:  # of what some row holds; its words quote it
            log.error("batch not settled", rows=len(self.batch.callbacks), error=_name(error))  # noqa: TRY400 - as above
            self._divide(error)
        except DatabaseError:
            raise  # nothing can be written; the leases run out
        except Exception as error:
            log.exception("batch not settled", rows=len(self.batch.callbacks))
            self._divide(error)

    def _divide(self, error: Exception) -> None:
        told = [self._judge.in_doubt(c, "INTERNAL", _name(error)) for c in self.batch.callbacks]
        settle(told, started=self.started)


def _name(error: Exception) -> str:
    return type(error).__name__
