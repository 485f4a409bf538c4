"""Whether the org may be asked for what no callback waits for: that can always be done later."""

from crm import flow
from crm.client import SalesforceClient
from crm.errors import CrmError
from crm.models import Org
from crm.outcomes import Chance
from crm.preconditions import check_org


def may_ask(client: SalesforceClient, chance: Chance) -> bool:
    """False while the conversation pauses, at the quota's reserve, and of any org but ours."""
    org = Org.objects.current()
    if org.retry_at or org.paused_at:
        return False
    try:
        check_org(client)
    except CrmError as error:
        if flow.is_orgs_own(error, client):
            flow.pause_for(error, chance)
        return False
    return not flow.quota_reserve_reached(client)
