"""What the org's objects look like: asked once an hour and sign-in, kept for when it is away."""

from collections.abc import Mapping
from dataclasses import asdict

from django.utils import timezone

from crm.client import CALL_SECONDS, SalesforceClient
from crm.models import ObjectDescription
from crm.remembered import FRESH_SECONDS, Remembered
from crm.wire import Description, stored_description, well_formed

__all__ = [
    "UNKNOWN_OBJECT",
    "Description",
    "ask_queues",
    "described",
    "forget",
    "last_known",
    "queue_ids",
    "renewed",
]

# What a describe answers for an object that does not exist, or is hidden from our user.
UNKNOWN_OBJECT = frozenset({"NOT_FOUND", "INVALID_TYPE"})


def described(
    client: SalesforceClient, sobject: str, *, max_age: float = FRESH_SECONDS
) -> Description:
    """How the org describes the object, asked at most so many seconds ago under this sign-in.

    CrmError, with a code of UNKNOWN_OBJECT if there is no such object for our user.
    """
    return _descriptions.get(client, sobject, max_age=max_age)


def renewed(client: SalesforceClient, sobject: str, *, deadline: float) -> Description:
    """Asked now, in so many seconds. CrmError as above."""
    return _ask(client, sobject, deadline=deadline)


def last_known(sobject: str) -> Description | None:
    """How it was described last, by whichever process asked."""
    row = ObjectDescription.objects.filter(name=sobject).first()
    return stored_description(row.description) if row else None


def queue_ids(client: SalesforceClient, *, max_age: float = FRESH_SECONDS) -> Mapping[str, str]:
    """Ids of the org's queues by developer name, in lower case."""
    return _queues.get(client, max_age=max_age)


def forget() -> None:
    """Ask again at the next need: something does not fit what the org described."""
    _descriptions.forget()
    _queues.forget()


def _ask(client: SalesforceClient, sobject: str, *, deadline: float = CALL_SECONDS) -> Description:
    description = client.describe(sobject, deadline=deadline)
    ObjectDescription.objects.update_or_create(
        name=sobject,
        defaults={"description": asdict(description), "described_at": timezone.now()},
    )
    return description


def ask_queues(client: SalesforceClient) -> dict[str, str]:
    records = client.query("SELECT Id, DeveloperName FROM Group WHERE Type = 'Queue'")
    with well_formed():
        return {str(record["DeveloperName"]).lower(): str(record["Id"]) for record in records}


_descriptions = Remembered(_ask)
_queues = Remembered(lambda client, _name: ask_queues(client))
