"""Whom routes name as owner, and whether the org still knows them."""

from collections.abc import Collection, Iterator

from crm.client import SalesforceClient
from crm.schema import queue_ids
from crm.values import KEY_PREFIXES, is_id

ACTIVE_USERS = "SELECT Id FROM User WHERE IsActive = true"
SHORT = 15  # an id's first characters say it all; the other three are a checksum


def unknown_owners(client: SalesforceClient, values: Collection[str]) -> set[str]:
    """Which of these ids and API names are neither a queue nor an active user. At most two calls."""
    known = set(_known(client, values))
    return {value for value in values if value.lower() not in known and value[:SHORT] not in known}


def _known(client: SalesforceClient, values: Collection[str]) -> Iterator[str]:
    """Names in lower case, ids without their checksum."""
    users = sorted(value for value in values if _is_user(value))
    if users:
        listed = ",".join(f"'{user}'" for user in users)
        yield from (
            row["Id"][:SHORT] for row in client.query(f"{ACTIVE_USERS} AND Id IN ({listed})")
        )
    if len(users) < len(values):
        queues = queue_ids(client, max_age=0)
        yield from queues
        yield from (queue[:SHORT] for queue in queues.values())


def _is_user(value: str) -> bool:
    return is_id(value) and value.startswith(KEY_PREFIXES["User"])
