"""Whom routes name as owner, and whether the org still knows them."""

import re
from collections.abc import Collection, Iterator

from crm.client import SalesforceClient

QUEUES = "SELECT Id, DeveloperName FROM Group WHERE Type = 'Queue'"
ACTIVE_USERS = "SELECT Id FROM User WHERE IsActive = true"
_USER_ID = re.compile(r"005[a-zA-Z0-9]{12}(?:[a-zA-Z0-9]{3})?")
SHORT = 15  # an id's first characters say it all; the other three are a checksum


def unknown_owners(client: SalesforceClient, values: Collection[str]) -> set[str]:
    """Which of these ids and API names are neither a queue nor an active user. At most two calls."""
    known = set(_known(client, values))
    return {value for value in values if value not in known and value[:SHORT] not in known}


def _known(client: SalesforceClient, values: Collection[str]) -> Iterator[str]:
    users = sorted({value for value in values if _USER_ID.fullmatch(value)})
    if users:
        listed = ",".join(f"'{user}'" for user in users)
        for user in client.query(f"{ACTIVE_USERS} AND Id IN ({listed})"):
            yield user["Id"][:SHORT]
    if len(users) < len(values):
        for queue in client.query(QUEUES):
            yield queue["Id"][:SHORT]
            yield queue["DeveloperName"]
