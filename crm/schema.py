"""What the org's objects look like: asked once an hour and sign-in, kept for when it is away."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from django.utils import timezone

from crm.client import CALL_SECONDS, SalesforceClient
from crm.models import ObjectDescription, Queue
from crm.remembered import FRESH_SECONDS, Remembered
from crm.wire import Description, stored_description, well_formed

__all__ = [
    "UNKNOWN_OBJECT",
    "Description",
    "ask_queues",
    "described",
    "forget",
    "last_known",
    "last_known_queues",
    "queue_ids",
    "renewed",
    "renewed_queues",
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


def ask_queues(client: SalesforceClient, *, deadline: float = CALL_SECONDS) -> dict[str, str]:
    return _ids_by_name(_asked_queues(client, deadline))


def renewed_queues(client: SalesforceClient, *, deadline: float = CALL_SECONDS) -> dict[str, str]:
    """Asked now, and kept for when the org is away."""
    queues = _asked_queues(client, deadline)
    Queue.keep(queues)
    return _ids_by_name(queues)


def last_known_queues() -> dict[str, str] | None:
    """None if they were never asked for, or there is none."""
    return _ids_by_name(Queue.objects.all()) or None


def _asked_queues(client: SalesforceClient, deadline: float) -> list[Queue]:
    soql = "SELECT Id, DeveloperName, Name FROM Group WHERE Type = 'Queue'"
    records = client.query(soql, deadline=deadline)
    with well_formed():
        return [
            Queue(
                salesforce_id=str(record["Id"]),
                developer_name=str(record["DeveloperName"]),
                name=str(record["Name"]),
            )
            for record in records
        ]


def _ids_by_name(queues: Iterable[Queue]) -> dict[str, str]:
    return {queue.developer_name.lower(): queue.salesforce_id for queue in queues}


_descriptions = Remembered(_ask)
_queues = Remembered(lambda client, _name: renewed_queues(client))
