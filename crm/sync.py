"""The conversation: lease what is due, bring it to the org in one call, settle what came of it.

Every attempt is the same call. With a unique key sending again is safe, so a kill, a lost answer
or a timeout needs no special path: the rows fall due again and are read back.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
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
    Limit,
    meaning_of,
)
from crm.exchange import create_and_read_back
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
    while more and time.monotonic() < until and flows(client, chance):
        more = False
        for isolation in range(MAX_ISOLATION + 1):  # all in turn: doubtful rows do not starve
            started = Started.now()
            batch = Callback.objects.lease(isolation=isolation, seconds=LEASE_SECONDS)
            if not batch.callbacks:
                continue
            sent += len(batch.callbacks)
            if not push(client, batch, started=started, chance=chance):
                return sent
            more = more or len(batch.callbacks) == BATCH_SIZES[isolation]
    return sent


def flows(client: SalesforceClient, chance: Chance) -> bool:
    """Whether anything may be sent now. After a pause one worker asks, with a call of its own."""
    org = Org.objects.current()
    if org.retry_at is None:
        return True
    if not Org.may_probe():
        return False
    try:
        preconditions.assure(client)
        client.probe()
    except CrmError as error:
        pause_for(error, chance)
        return False
    if quota_reserve_reached(client):
        return False
    Org.note_well()
    log.info("conversation with Salesforce goes on", after=org.trouble_code)
    return True


def push(client: SalesforceClient, batch: Batch, *, started: Started, chance: Chance) -> bool:
    """Send one batch and settle it. False if the conversation pauses now."""
    judge = Judge(isolation=batch.isolation, record_url=client.record_url, chance=chance)
    records, refused = mapped(batch.callbacks)
    settle(refused, started=started)
    sendable = [callback for callback in batch.callbacks if str(callback.id) in records]
    if not sendable:
        return True
    try:
        preconditions.assure(client)
        if started.seconds + CALL_SECONDS > LEASE_SECONDS:
            return True  # too late to send under this lease; the rows fall due again
        results = create_and_read_back(
            client, records, key_field=settings.SALESFORCE_KEY_FIELD, deadline=CALL_SECONDS
        )
    except CrmError as error:
        return after_failed_call(client, error, sendable, judge, started, chance)
    settle([judge.told(c, results[str(c.id)]) for c in sendable], started=started)
    if trouble := outcomes.org_trouble(results.values()):
        meaning = meaning_of(trouble.code, trouble.message)
        pause(trouble.code, meaning, chance=chance)
        return False
    return not quota_reserve_reached(client)


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
