"""Whether anything may be sent: the org's trouble pauses the conversation, for all workers alike.

What counts as the org's trouble is said by a call without our rows. Kept in the database (`Org`).
"""

from enum import Enum, auto

import structlog
from django.conf import settings

from crm import backoff
from crm.client import SalesforceClient
from crm.errors import (
    CrmError,
    CrmLimitReached,
    CrmMisconfigured,
    CrmRejected,
    Limit,
    meaning_of,
)
from crm.meanings import Meaning
from crm.models import Org
from crm.outcomes import Chance
from crm.preconditions import preconditions

log = structlog.get_logger()


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
