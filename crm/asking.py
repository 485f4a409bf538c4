"""Leave to ask the org for what no callback waits for: that can always be done later."""

from callbacks.jobs import hindered
from crm import flow
from crm.client import SalesforceClient
from crm.errors import CrmError, CrmLimitReached, CrmUnavailable
from crm.models import Org
from crm.outcomes import Chance
from crm.preconditions import check_org

PAUSED = "PAUSED"  # by a person


def ask_leave(client: SalesforceClient, chance: Chance) -> None:
    """CrmError, by its code why not: while the conversation pauses, and of any org but ours."""
    org = Org.objects.current()
    if org.retry_at or org.paused_at:
        raise CrmUnavailable(org.trouble_code or PAUSED)
    try:
        check_org(client)
    except CrmError as error:
        if flow.is_orgs_own(error, client):
            flow.pause_for(error, chance)
        raise
    leave_the_reserve(client)


def may_ask(client: SalesforceClient, chance: Chance) -> bool:
    try:
        ask_leave(client, chance)
    except CrmError as error:
        _say(error)
        return False
    return True


def heed(error: CrmError, chance: Chance) -> None:
    """Pause for what a question happened to bring to light; other refusals concern itself alone."""
    _say(error)
    if error.code == "ANOTHER_ORG" or isinstance(error, CrmLimitReached):
        flow.pause_for(error, chance)


def _say(error: CrmError) -> None:
    """To whoever looks at how the job went."""
    hindered(flow.PAUSED_BY_STAFF if error.code == PAUSED else error.meaning.reason)


def leave_the_reserve(client: SalesforceClient) -> None:
    """CrmLimitReached where the share of the daily calls begins that is left to others."""
    if flow.quota_reserve_reached(client):
        raise CrmLimitReached("QUOTA_RESERVE")
