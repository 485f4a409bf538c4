"""What the tests of pushing have in common."""

import time
from datetime import timedelta

from django.utils import timezone

from callbacks.models import Callback
from crm import sync
from crm.client import SalesforceClient
from crm.models import Org as OrgState
from tests.orgsim.process import Org
from tests.processes import until

KEY = "Jtel_Callback_ID__c"


def push(client: SalesforceClient, *, chance: float = 1.0) -> int:
    return sync.push_due(client, until=time.monotonic() + 30, chance=lambda: chance)


def fall_due_again() -> None:
    """Whatever waits has waited long enough: callbacks, and a pause for the org's trouble."""
    long_ago = timezone.now() - timedelta(seconds=1)
    Callback.objects.filter(status="pending").update(due_at=long_ago)
    OrgState.objects.exclude(retry_at=None).update(retry_at=long_ago)


def keys_in(org: Org) -> list[str]:
    return sorted(record[KEY] for record in org.records("Case"))


def calls_made(org: Org) -> int:
    return int(org.state()["api_calls"])


def push_until_none_waits(client: SalesforceClient) -> None:
    """Again and again, as if time flew; AssertionError if something waits for ever."""

    def none_waits() -> bool:
        fall_due_again()
        push(client)
        return not Callback.objects.pending().exists()

    until(none_waits)
