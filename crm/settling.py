"""Outcomes become rows: each with its attempt, in one transaction a batch."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from callbacks.models import Callback, SyncAttempt
from callbacks.models.queue import Failed, PutOff, Synced
from crm.outcomes import Outcome, Told

log = structlog.get_logger()

ATTEMPT_OUTCOMES = {
    Synced: SyncAttempt.Outcome.SYNCED,
    PutOff: SyncAttempt.Outcome.PUT_OFF,
    Failed: SyncAttempt.Outcome.FAILED,
}


@dataclass(frozen=True)
class Started:
    """When work on a batch began: for its attempts, and by the clock that measures leases."""

    at: datetime
    clock: float

    @classmethod
    def now(cls) -> "Started":
        return cls(timezone.now(), time.monotonic())

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.clock


def settle(told: Sequence[Told], *, started: Started) -> set[UUID]:
    """Write the outcomes and their attempts. Returns the keys of those that counted.

    Whoever lost the lease changes nothing, except that a Case exists, and leaves no attempt.
    """
    if not told:
        return set()
    duration = int(started.seconds * 1000)
    results = [item.outcome for item in told]
    with transaction.atomic():
        changed = Callback.objects.mark_synced([o for o in results if isinstance(o, Synced)])
        changed |= Callback.objects.mark_put_off([o for o in results if isinstance(o, PutOff)])
        changed |= Callback.objects.mark_failed([o for o in results if isinstance(o, Failed)])
        attempts = [_attempt(item) for item in told if item.outcome.id in changed]
        if attempts:
            SyncAttempt.objects.note(attempts, started_at=started.at, duration_ms=duration)
    log.info("batch settled", **_tally(results), lost=len(told) - len(changed), ms=duration)
    return changed


def _attempt(told: Told) -> tuple[object, ...]:
    outcome = told.outcome
    kind = ATTEMPT_OUTCOMES[type(outcome)]
    return outcome.id, outcome.lease_no, kind, told.code, told.detail


def _tally(results: Sequence[Outcome]) -> dict[str, int]:
    return {
        str(name): sum(isinstance(o, kind) for o in results)
        for kind, name in ATTEMPT_OUTCOMES.items()
    }
