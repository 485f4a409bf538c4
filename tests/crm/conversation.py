"""What the tests of the conversation have in common: push, pull, and what agents do meanwhile."""

import time
from typing import Any

from callbacks.models import Callback
from crm import pull, sync
from crm.client import SalesforceClient
from tests.callbacks.cast import a_callback
from tests.orgsim.process import Org

KEY = "Jtel_Callback_ID__c"


def push_all(client: SalesforceClient) -> None:
    sync.push_due(client, until=time.monotonic() + 30, chance=lambda: 1.0)


def pull_all(client: SalesforceClient) -> int:
    return pull.pull_cases(client, until=time.monotonic() + 30, chance=lambda: 1.0)


def a_case(client: SalesforceClient, **facts: Any) -> Callback:
    """A callback whose Case was made."""
    callback = a_callback(**facts)
    push_all(client)
    return now_is(callback)


def case_by_hand(org: Org, key: object, **fields: Any) -> dict[str, Any]:
    """A Case that somebody else made under a key."""
    return org.create("Case", **{KEY: str(key)}, **fields)


def named(client: SalesforceClient, case: dict[str, Any]) -> dict[str, str]:
    """As findings tell of it."""
    return {"name": case["CaseNumber"], "url": client.record_url(case["Id"])}


def now_is(callback: Callback) -> Callback:
    callback.refresh_from_db()
    return callback
