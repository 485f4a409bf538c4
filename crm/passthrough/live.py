"""Ask the org while the ACD waits: inside its budget, or an honest answer at once."""

from time import monotonic

import structlog
from rest_framework.exceptions import APIException

from crm.apex import ApexAnswer, ApexRequest
from crm.bulkhead import live_calls
from crm.client import get_client
from crm.errors import CrmError
from crm.models import PassThroughResource
from crm.passthrough.org_state import org_state
from crm.sign_in import sign_in
from crm.transport import left

log = structlog.get_logger()
SOON_SECONDS = 1


class NoAnswer(APIException):
    """The org's answer cannot be had; `wait` becomes Retry-After."""

    def __init__(self, status: int, code: str, sentence: str, *, wait: int = SOON_SECONDS) -> None:
        super().__init__(sentence)
        self.status_code = status
        self.error_code = code
        self.wait = wait


def ask(resource: PassThroughResource, request: ApexRequest) -> ApexAnswer:
    """What the org's own resource answers. NoAnswer if there is none within the budget."""
    org = org_state.get()
    if org.wait:
        sentence = f"{org.reason} Nothing was sent there; please repeat it later."
        raise NoAnswer(503, "salesforce_unavailable", sentence, wait=org.wait)
    with live_calls.place() as got:
        if not got:
            sentence = "Too many requests wait for Salesforce already. Please repeat it."
            raise NoAnswer(503, "too_busy", sentence)
        return _asked(resource, request, org.org_id)


def _asked(resource: PassThroughResource, request: ApexRequest, org_id: str) -> ApexAnswer:
    ends = monotonic() + resource.budget_seconds
    try:
        client = get_client()
        sign_in.assure(client, seconds=resource.budget_seconds)
        return client.apex(
            request,
            deadline=left(ends),
            most_bytes=resource.most_bytes,
            only_org=org_id,
        )
    except CrmError as error:
        log.warning("not passed through", resource=resource.path, error=str(error))
        raise _without_answer(error) from None


def _without_answer(error: CrmError) -> NoAnswer:
    if error.code == "NO_ANSWER":
        sentence = "Salesforce did not answer in time. What was asked for may have been done."
        return NoAnswer(504, "no_answer_in_time", sentence)
    sentence = f"{error.meaning.reason} Please repeat it later."
    return NoAnswer(503, "salesforce_unavailable", sentence)
