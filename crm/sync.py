"""The conversation: lease what is due, bring it to the org in one call, settle what came of it.

Every attempt is the same call. With a unique key sending again is safe, so a kill, a lost answer
or a timeout needs no special path: the rows fall due again and are read back.
"""

import time
from collections.abc import Sequence

import structlog
from django.db import DatabaseError

from callbacks.models import MAX_ISOLATION, Batch, Callback
from callbacks.models.queue import BATCH_SIZES
from crm import flow, outcomes
from crm.client import SalesforceClient
from crm.draft import Draft
from crm.drafting import drafts_of
from crm.errors import CrmError, CrmUnavailable, meaning_of
from crm.exchange import Result, create_and_read_back
from crm.flow import Flow
from crm.outcomes import Chance, Judge, Told
from crm.preconditions import preconditions
from crm.settling import Started, settle
from crm.timing import CALL_SECONDS, LEASE_SECONDS

log = structlog.get_logger()


def push_due(client: SalesforceClient, *, until: float, chance: Chance) -> int:
    """Bring to the org what is due. Returns how many callbacks were sent.

    Ends when no batch was full (what came meanwhile rings for itself), when the org is in
    trouble, or at `until` on the monotonic clock.
    """
    sent, more = 0, True
    while more and time.monotonic() < until:
        state = flow.flow_now(client, chance)
        if state is Flow.PAUSED:
            break
        more = False
        for isolation in range(MAX_ISOLATION + 1):  # all in turn: doubtful rows do not starve
            started = Started.now()
            most = 1 if state is Flow.ON_TRIAL else BATCH_SIZES[isolation]
            batch = Callback.objects.lease(isolation=isolation, seconds=LEASE_SECONDS, most=most)
            if not batch.callbacks:
                continue
            sent += len(batch.callbacks)
            if not push_safely(client, batch, started=started, chance=chance):
                return sent
            more = more or len(batch.callbacks) == most
            if state is Flow.ON_TRIAL:
                break
        if state is Flow.ON_TRIAL:
            flow.end_pause()
            more = True
    return sent


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
    drafted = drafts_of(batch.callbacks)
    Callback.objects.hold(drafted.unrouted)
    settle(drafted.refused, started=started)
    if not drafted.drafts:
        return True
    try:
        judge.record_url = client.record_url("{}").format
        if started.seconds + CALL_SECONDS > LEASE_SECONDS:
            return True  # too late to send under this lease; the rows fall due again
        results = send(client, drafted.drafts)
    except CrmError as error:
        return after_failed_call(client, error, drafted.drafts, judge, started, chance)
    trouble = outcomes.org_trouble(results.values())
    judge.org_is_well = trouble is None
    settle([judge.told(draft, results[draft.key]) for draft in drafted.drafts], started=started)
    if trouble:
        preconditions.forget()
        flow.pause(trouble.code, meaning_of(trouble.code, trouble.message), chance=chance)
        return False
    return not flow.quota_reserve_reached(client)


def send(client: SalesforceClient, drafts: Sequence[Draft]) -> dict[str, Result]:
    """One call under a sign-in that was looked at. If a new one came between, look again, once."""
    generation = preconditions.assure(client)
    try:
        return create_and_read_back(client, drafts, generation=generation, deadline=CALL_SECONDS)
    except CrmUnavailable as error:
        if error.code != "SESSION_CHANGED":
            raise
    generation = preconditions.assure(client)
    return create_and_read_back(client, drafts, generation=generation, deadline=CALL_SECONDS)


def after_failed_call(
    client: SalesforceClient,
    error: CrmError,
    drafts: Sequence[Draft],
    judge: Judge,
    started: Started,
    chance: Chance,
) -> bool:
    """The call brought no results. The org's trouble only if a call without our rows says so."""
    log.warning("call failed", error=str(error), rows=len(drafts))
    callbacks = [draft.callback for draft in drafts]
    if flow.is_orgs_own(error, client):
        delay = outcomes.SOON_SECONDS
        told = [
            Told(judge.put_off(c, chance() * delay), error.code, error.detail) for c in callbacks
        ]
        settle(told, started=started)
        flow.pause_for(error, chance)
        return False
    told = [judge.in_doubt(c, error.code, error.detail) for c in callbacks]
    settle(told, started=started)
    return True
