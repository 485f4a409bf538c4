"""Bring stored requests to the org: one after the other for each resource, at least once.

An Apex resource has no key by which it could know a repeat. So an attempt whose answer was lost is
made again, and may be the second that arrives; such attempts are counted on the request.
"""

from time import monotonic

import structlog

from callbacks.parsers import storable
from crm import backoff, flow
from crm.apex import ApexAnswer, ApexRequest
from crm.asking import may_ask
from crm.client import SalesforceClient
from crm.errors import CrmError, CrmUnavailable, without_tokens
from crm.models import Org, StoredRequest
from crm.models.stored_request import Trouble
from crm.outcomes import SOON_SECONDS, Chance
from crm.timing import LEASE_SECONDS

log = structlog.get_logger()

CALL_SECONDS = 20.0  # sign-in included; well within a lease
MOST_BYTES = 1_000_000  # of an answer, of which only a refusal's words are kept
KEPT_CHARACTERS = 1_000
MOST_FAILURES = 6  # with full jitter: one to three minutes, in which those behind it wait
AGAIN = (408, 425, 429)  # refusals that are not for good


def forward_due(client: SalesforceClient, *, until: float, chance: Chance) -> int:
    """Deliver what is due, one for each resource in turn. Returns how many the org answered.

    Ends when nothing is due, when the conversation pauses, or at `until` on the monotonic clock.
    """
    answered = 0
    paths = StoredRequest.objects.waiting_paths()
    while paths and monotonic() < until and may_ask(client, chance):
        paths = [path for path in paths if forward_next(client, path, chance)]
        answered += len(paths)
    return answered


def forward_next(client: SalesforceClient, path: str, chance: Chance) -> bool:
    """Deliver the oldest request for a resource. False if it waits, and those behind it with it."""
    started = monotonic()
    request = StoredRequest.objects.lease_next(path, seconds=LEASE_SECONDS)
    if request is None or monotonic() - started + CALL_SECONDS > LEASE_SECONDS:
        return False  # too late to send under this lease; it falls due again
    try:
        answer = _sent(client, request)
    except CrmError as error:
        log.warning("not forwarded", request=request.pk, path=path, error=str(error))
        return _later(client, request, error, chance, _trouble(error))
    log.info("request forwarded", request=request.pk, path=path, status=answer.status)
    return _answered(client, request, answer, chance)


def _sent(client: SalesforceClient, request: StoredRequest) -> ApexAnswer:
    asked = ApexRequest(
        request.method, request.path, request.query, request.content_type, bytes(request.body)
    )
    return client.apex(
        asked,
        deadline=CALL_SECONDS,
        most_bytes=MOST_BYTES,
        only_org=Org.objects.current().org_id,
    )


def _answered(
    client: SalesforceClient, request: StoredRequest, answer: ApexAnswer, chance: Chance
) -> bool:
    if answer.status < 400:  # noqa: PLR2004 - HTTP
        StoredRequest.objects.mark_delivered(request, status=answer.status)
        return True
    trouble = Trouble(f"HTTP {answer.status}", _words(answer.body), answered=True)
    if answer.status < 500 and answer.status not in AGAIN:  # noqa: PLR2004 - HTTP
        StoredRequest.objects.mark_failed(request, trouble)
        return True
    return _later(client, request, CrmUnavailable("SERVER_UNAVAILABLE"), chance, trouble)


def _later(
    client: SalesforceClient,
    request: StoredRequest,
    error: CrmError,
    chance: Chance,
    trouble: Trouble,
) -> bool:
    """Put it off. The org's own trouble pauses the conversation, and no request pays for it."""
    if flow.is_orgs_own(error, client):
        seconds = chance() * SOON_SECONDS
        StoredRequest.objects.mark_put_off(request, trouble, seconds=seconds, failures=0)
        flow.pause_for(error, chance)
        return False
    if request.failures + 1 >= MOST_FAILURES:
        StoredRequest.objects.mark_failed(request, trouble)
        return True
    seconds = backoff.full_jitter(request.failures, chance())
    StoredRequest.objects.mark_put_off(request, trouble, seconds=seconds, failures=1)
    return False


def _trouble(error: CrmError) -> Trouble:
    sent = isinstance(error, CrmUnavailable) and not error.nothing_was_done
    return Trouble(error.code, error.detail[:KEPT_CHARACTERS], answered=not sent)


def _words(body: bytes) -> str:
    text = body[: 4 * KEPT_CHARACTERS].decode("utf-8", "replace")
    return storable(without_tokens(text))[:KEPT_CHARACTERS]
