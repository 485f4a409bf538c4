"""The conversation: lease what is due, bring it to the org in one call, settle what came of it.

Every attempt is the same call. With a unique key sending again is safe, so a kill, a lost answer
or a timeout needs no special path: the rows fall due again and are read back.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from callbacks.models import MAX_ISOLATION, AcdClient, Batch, Callback, FunctionRoute, SyncAttempt
from callbacks.models.queue import BATCH_SIZES, Failed, Lease, PutOff, Synced
from callbacks.routing import RouteTable
from crm import backoff, outcomes
from crm.client import SalesforceClient
from crm.errors import (
    CrmError,
    CrmLimitReached,
    CrmMisconfigured,
    CrmRejected,
    CrmUnavailable,
    Limit,
    meaning_of,
)
from crm.exchange import Result, create_and_read_back
from crm.mapping import MappingError, fields_for
from crm.meanings import Meaning
from crm.models import Org
from crm.outcomes import Chance, Judge, Told
from crm.preconditions import preconditions
from crm.timing import CALL_SECONDS, LEASE_SECONDS

log = structlog.get_logger()


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


def push_due(client: SalesforceClient, *, until: float, chance: Chance) -> int:
    """Bring to the org what is due. Returns how many callbacks were sent.

    Ends when no batch was full (what came meanwhile rings for itself), when the org is in
    trouble, or at `until` on the monotonic clock.
    """
    sent, more = 0, True
    while more and time.monotonic() < until:
        flow = flow_now(client, chance)
        if flow is Flow.PAUSED:
            break
        more = False
        for isolation in range(MAX_ISOLATION + 1):  # all in turn: doubtful rows do not starve
            started = Started.now()
            most = 1 if flow is Flow.ON_TRIAL else BATCH_SIZES[isolation]
            batch = Callback.objects.lease(isolation=isolation, seconds=LEASE_SECONDS, most=most)
            if not batch.callbacks:
                continue
            sent += len(batch.callbacks)
            if not push_safely(client, batch, started=started, chance=chance):
                return sent
            more = more or len(batch.callbacks) == most
            if flow is Flow.ON_TRIAL:
                break
        if flow is Flow.ON_TRIAL:
            end_pause()
            more = True
    return sent


class Flow(Enum):
    OPEN = auto()
    ON_TRIAL = auto()  # the org answers again; one callback shows whether it also takes Cases
    PAUSED = auto()


def flow_now(client: SalesforceClient, chance: Chance) -> Flow:
    """Whether anything may be sent. After a pause one worker asks, with a call of its own."""
    if Org.objects.current().retry_at is None:
        return Flow.OPEN
    if not Org.may_probe():
        return Flow.PAUSED
    try:
        preconditions.assure(client)
        client.probe()
    except CrmError as error:
        pause_for(error, chance)
        return Flow.PAUSED
    return Flow.PAUSED if quota_reserve_reached(client) else Flow.ON_TRIAL


def end_pause() -> None:
    if Org.note_well():
        log.info("conversation with Salesforce goes on")


def push_safely(
    client: SalesforceClient, batch: Batch, *, started: Started, chance: Chance
) -> bool:
    """Push; whatever goes wrong in our own code divides the batch until the culprit is alone."""
    try:
        return push(client, batch, started=started, chance=chance)
    except DatabaseError:
        raise  # nothing can be written; the leases run out
    except Exception as error:
        log.exception("batch not settled", rows=len(batch.callbacks))
        judge = Judge(isolation=batch.isolation, chance=chance)
        cause = type(error).__name__
        settle([judge.in_doubt(c, "INTERNAL", cause) for c in batch.callbacks], started=started)
        return True


def push(client: SalesforceClient, batch: Batch, *, started: Started, chance: Chance) -> bool:
    """Send one batch and settle it. False if the conversation pauses now."""
    judge = Judge(isolation=batch.isolation, chance=chance)
    records, refused = mapped(batch.callbacks)
    settle(refused, started=started)
    sendable = [callback for callback in batch.callbacks if str(callback.id) in records]
    if not sendable:
        return True
    try:
        judge.record_url = client.record_url("{}").format
        if started.seconds + CALL_SECONDS > LEASE_SECONDS:
            return True  # too late to send under this lease; the rows fall due again
        results = send(client, records)
    except CrmError as error:
        return after_failed_call(client, error, sendable, judge, started, chance)
    trouble = outcomes.org_trouble(results.values())
    judge.org_is_well = trouble is None
    settle([judge.told(c, results[str(c.id)]) for c in sendable], started=started)
    if trouble:
        preconditions.forget()
        pause(trouble.code, meaning_of(trouble.code, trouble.message), chance=chance)
        return False
    return not quota_reserve_reached(client)


def send(client: SalesforceClient, records: Mapping[str, Mapping[str, Any]]) -> dict[str, Result]:
    """One call under a sign-in that was looked at. If a new one came between, look again, once."""
    key_field, generation = settings.SALESFORCE_KEY_FIELD, preconditions.assure(client)
    try:
        return create_and_read_back(
            client, records, key_field=key_field, generation=generation, deadline=CALL_SECONDS
        )
    except CrmUnavailable as error:
        if error.code != "SESSION_CHANGED":
            raise
    generation = preconditions.assure(client)
    return create_and_read_back(
        client, records, key_field=key_field, generation=generation, deadline=CALL_SECONDS
    )


def mapped(callbacks: Sequence[Callback]) -> tuple[dict[str, dict[str, Any]], list[Told]]:
    """Records by key for what can be sent; what cannot be is refused. Unrouted rows are held."""
    table = RouteTable.load()
    zones = zones_by_client()
    records: dict[str, dict[str, Any]] = {}
    refused: list[Told] = []
    unrouted: list[Lease] = []
    for callback in callbacks:
        route = table.match(callback.service_number, callback.function)
        if route is None:
            unrouted.append(Lease(callback.id, callback.lease_no))
            continue
        try:
            records[str(callback.id)] = fields_for(
                callback,
                templates_of(route),
                key_field=settings.SALESFORCE_KEY_FIELD,
                zone=zones.get(callback.client_id),
            )
        except MappingError as error:
            refused.append(_unmappable(callback, error))
    Callback.objects.hold(unrouted)
    return records, refused


def zones_by_client() -> dict[int, ZoneInfo]:
    """The zones of clients that have one of their own."""
    named = AcdClient.objects.exclude(timezone="").values_list("pk", "timezone")
    return {pk: ZoneInfo(name) for pk, name in named}


def templates_of(route: FunctionRoute) -> dict[str, str]:
    return {mapping.field: mapping.template for mapping in route.mappings.all()}


def settle(told: Sequence[Told], *, started: Started) -> None:
    """Write the outcomes and their attempts.

    Whoever lost the lease changes nothing, except that a Case exists, and leaves no attempt.
    """
    if not told:
        return
    duration = int(started.seconds * 1000)
    results = [item.outcome for item in told]
    with transaction.atomic():
        changed = Callback.objects.mark_synced([o for o in results if isinstance(o, Synced)])
        changed |= Callback.objects.mark_put_off([o for o in results if isinstance(o, PutOff)])
        changed |= Callback.objects.mark_failed([o for o in results if isinstance(o, Failed)])
        SyncAttempt.objects.bulk_create(
            _attempt(item, started.at, duration) for item in told if item.outcome.id in changed
        )
    log.info("batch settled", **_tally(results), lost=len(told) - len(changed), ms=duration)


def after_failed_call(
    client: SalesforceClient,
    error: CrmError,
    callbacks: Sequence[Callback],
    judge: Judge,
    started: Started,
    chance: Chance,
) -> bool:
    """The call brought no results. The org's trouble only if a call without our rows says so."""
    log.warning("call failed", error=str(error), rows=len(callbacks))
    if is_orgs_own(error, client):
        delay = outcomes.SOON_SECONDS
        told = [
            Told(judge.put_off(c, chance() * delay), error.code, error.detail) for c in callbacks
        ]
        settle(told, started=started)
        pause_for(error, chance)
        return False
    told = [judge.in_doubt(c, error.code, error.detail) for c in callbacks]
    settle(told, started=started)
    return True


def is_orgs_own(error: CrmError, client: SalesforceClient) -> bool:
    if isinstance(error, CrmLimitReached | CrmMisconfigured):
        return True  # said before or without looking at our rows
    if isinstance(error, CrmRejected):
        return False
    try:
        client.probe()
    except CrmError:
        return True
    return False


def pause_for(error: CrmError, chance: Chance) -> None:
    daily = isinstance(error, CrmLimitReached) and error.limit is Limit.DAILY
    pause(error.code, error.meaning, chance=chance, at_least=backoff.QUOTA_PAUSE if daily else 0)


def pause(code: str, meaning: Meaning, *, chance: Chance, at_least: float = 0) -> None:
    troubles = Org.objects.current().troubles
    retry_in = max(at_least, backoff.for_org(troubles, chance()))
    Org.note_trouble(code, meaning, retry_in=retry_in)
    log.warning("conversation with Salesforce pauses", code=code, retry_in=round(retry_in, 1))


def quota_reserve_reached(client: SalesforceClient) -> bool:
    """Stop where the share of the daily calls begins that is left to others."""
    usage = client.api_usage
    if usage is None or usage.used < usage.maximum * (1 - settings.SALESFORCE_API_RESERVE):
        return False
    Org.note_trouble("QUOTA_RESERVE", meaning_of("QUOTA_RESERVE", ""), retry_in=backoff.QUOTA_PAUSE)
    log.warning("daily calls used up to the reserve", used=usage.used, maximum=usage.maximum)
    return True


def _unmappable(callback: Callback, error: MappingError) -> Told:
    meaning = meaning_of("MAPPING", str(error))
    return Told(outcomes.failed(callback, "MAPPING", str(error), meaning), "MAPPING", str(error))


def _attempt(told: Told, started_at: datetime, duration: int) -> SyncAttempt:
    return SyncAttempt(
        callback_id=told.outcome.id,
        lease_no=told.outcome.lease_no,
        started_at=started_at,
        duration_ms=duration,
        outcome=ATTEMPT_OUTCOMES[type(told.outcome)],
        code=told.code,
        detail=told.detail,
    )


ATTEMPT_OUTCOMES = {
    Synced: SyncAttempt.Outcome.SYNCED,
    PutOff: SyncAttempt.Outcome.PUT_OFF,
    Failed: SyncAttempt.Outcome.FAILED,
}


def _tally(results: Sequence[outcomes.Outcome]) -> dict[str, int]:
    return {
        str(name): sum(isinstance(o, kind) for o in results)
        for kind, name in ATTEMPT_OUTCOMES.items()
    }
