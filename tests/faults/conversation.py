"""The conversation with an org over HTTP, told step by step inside the test."""

import time
from datetime import timedelta

from django.db.models import F

from callbacks.models import Callback
from crm import sync
from crm.client import SalesforceClient
from crm.models import Org as Conversation
from tests.orgsim.process import Org

LOST = {"action": "commit_then_drop", "match": {"op": "create"}, "count": 1}


def push(client: SalesforceClient) -> None:
    """Bring what is pending, as if all waits were over."""
    Callback.objects.pending().update(due_at=F("received_at") - timedelta(days=1))
    Conversation.retry_now()
    sync.push_due(client, until=time.monotonic() + 30, chance=lambda: 1.0)


def trouble() -> str:
    """Why the conversation pauses, by code."""
    return Conversation.objects.current().trouble_code


def doubled(org: Org, **key_field: str) -> list[str]:
    return list(org.audit(**key_field)["duplicate_keys"])
