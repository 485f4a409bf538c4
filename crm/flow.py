"""Whether anything may be sent: the org's trouble pauses the conversation, for all workers alike.

What counts as the org's trouble is said by a call without our rows. Staff may pause it too; then
nothing at all leaves until somebody resumes. Kept in the database (`Org`).
"""

from enum import Enum, auto

import structlog
from django.conf import settings

from callbacks.jobs import hindered
from crm import backoff
from crm.canary import look
from crm.client import SalesforceClient
from crm.errors import CrmError, CrmLimitReached, CrmMisconfigured, CrmRejected, Limit, meaning_of
from crm.models import Org
from crm.outcomes import Chance
from crm.preconditions import check_org
from crm.usage import purpose

log = structlog.get_logger()

PAUSED_BY_STAFF = "The conversation was paused."
RESERVE = "QUOTA_RESERVE"
# Over as soon as a call goes through that leaves the reserve alone; no Case has to show it.
OF_QUOTA = frozenset({RESERVE, "REQUEST_LIMIT_EXCEEDED"})
# Said of an object or a field that a route names, or some routes look by: the org's trouble only
# if Cases have it too.
OF_SOME_ROUTES = frozenset(
    {
        "FIELD_MISSING",
        "INVALID_FIELD",
        "INVALID_TYPE",
        "KEY_FIELD_MISSING",
        "KEY_FIELD_NOT_UNIQUE",
        "NOT_FOUND",
    }
)


class Flow(Enum):
    OPEN = auto()
    ON_TRIAL = auto()  # the org answers again; one callback shows whether it also takes Cases
    DRIPPING = auto()  # after a person's pause: so many a minute
    PAUSED = auto()


def flow_now(client: SalesforceClient, chance: Chance) -> Flow:
    """Whether anything may be sent. After a pause one worker asks, with a call of its own."""
    org = Org.objects.current()
    if org.paused_at:
        hindered(PAUSED_BY_STAFF)
        return Flow.PAUSED
    if org.retry_at:
        if Org.may_probe():
            return _asked(client, org.trouble_code, chance)
        hindered(org.trouble_reason)
        return Flow.PAUSED
    return Flow.DRIPPING if org.drip_per_minute else Flow.OPEN


def is_open() -> bool:
    """Whether everything may go, without asking the org. An org never spoken to has no row yet."""
    return not Org.objects.exclude(retry_at=None, paused_at=None, drip_per_minute=None).exists()


def _asked(client: SalesforceClient, trouble_code: str, chance: Chance) -> Flow:
    is_quota = trouble_code in OF_QUOTA
    try:
        check_org(client)
        with purpose("probe"):
            client.probe() if is_quota else look(client)
    except CrmError as error:
        pause_for(error, chance)
        return Flow.PAUSED
    if quota_reserve_reached(client):
        return Flow.PAUSED
    if not is_quota:
        return Flow.ON_TRIAL
    end_pause()
    return flow_now(client, chance)


def end_pause() -> None:
    if Org.note_well():
        log.info("conversation with Salesforce goes on")


def is_orgs_own(error: CrmError, client: SalesforceClient) -> bool:
    """Whether a call failed for reasons that none of its rows has. At most one call."""
    if isinstance(error, CrmRejected):
        return False
    if isinstance(error, CrmLimitReached):
        return True
    if isinstance(error, CrmMisconfigured) and error.code not in OF_SOME_ROUTES:
        return True  # said before or without looking at our rows
    try:
        look(client)
    except CrmError:
        return True
    return False


def pause_for(error: CrmError, chance: Chance) -> None:
    """Pause until the next try. The wait grows from trouble to trouble."""
    daily = isinstance(error, CrmLimitReached) and error.limit is Limit.DAILY
    troubles = Org.objects.current().troubles
    wait = backoff.for_org(troubles, chance())
    retry_in = max(wait, backoff.QUOTA_PAUSE) if daily else wait
    Org.note_trouble(error.code, error.meaning, retry_in=retry_in)
    hindered(error.meaning.reason)
    log.warning("conversation with Salesforce pauses", code=error.code, retry_in=round(retry_in, 1))


def quota_reserve_reached(client: SalesforceClient) -> bool:
    """Stop where the share of the daily calls begins that is left to others."""
    if not is_in_reserve(client):
        return False
    meaning = meaning_of(RESERVE, "")
    Org.note_trouble(RESERVE, meaning, retry_in=backoff.QUOTA_PAUSE)
    hindered(meaning.reason)
    log.warning("daily calls used up to the reserve")
    return True


def is_in_reserve(client: SalesforceClient) -> bool:
    """By what the org said last; what it said long ago says nothing.

    The org's own limit is soft in paid editions: its refusal may come far beyond the maximum.
    """
    usage = client.fresh_api_usage()
    return usage is not None and usage.used >= usage.maximum * (1 - settings.SALESFORCE_API_RESERVE)
