"""A look at the org without our rows: whether it lets us in, knows our fields and takes records.

What the org refuses us is its own trouble only if this call meets it too.
"""

from typing import Any
from urllib.parse import quote

from django.conf import settings

from crm.client import SalesforceClient, Subrequest, Subresponse
from crm.errors import CrmError, CrmUnavailable, Trouble, from_response
from crm.preconditions import check_described
from crm.timing import CALL_SECONDS
from crm.usage import purpose
from crm.wire import description_of, well_formed

# A Case that cannot be: of a contact that does not exist, and twice under one unique key in a
# request for all or none. Whatever an automation of the org mends of it, the index refuses.
# Unverified of a real org: whether it says that it is full, or read-only, before it looks at the
# contact. If not, rows that are refused alike say so instead (`suspicion`).
NO_KEY = "00000000-0000-0000-0000-000000000000"
NO_CONTACT = "003000000000000AAA"

# Of a row these may be its route's; of a canary they are about our user.
_OUR_USERS = frozenset({"INSUFFICIENT_ACCESS_OR_READONLY"})


@purpose("probe")
def look(client: SalesforceClient) -> None:
    """CrmError if the org is in trouble, whatever we sent last. Stores nothing. One API call."""
    described, created, found = client.composite(
        [_describe(client), _create(client), _read_back(client)], deadline=CALL_SECONDS
    )
    check_described(description_of(_answered(described)))
    _answered(found)
    for error in _refusals(created):
        if error.meaning.trouble is Trouble.ORG or error.code in _OUR_USERS:
            raise error


def _describe(client: SalesforceClient) -> Subrequest:
    return Subrequest("GET", client.data_path("sobjects/Case/describe"), "describe")


def _create(client: SalesforceClient) -> Subrequest:
    record = {
        "attributes": {"type": "Case"},
        settings.SALESFORCE_KEY_FIELD: NO_KEY,
        "ContactId": NO_CONTACT,
    }
    body = {"allOrNone": True, "records": [record, record]}
    url = client.data_path("composite/sobjects")
    return Subrequest("POST", url, "canary", body, {"Sforce-Auto-Assign": "FALSE"})


def _read_back(client: SalesforceClient) -> Subrequest:
    soql = f"SELECT Id FROM Case WHERE {settings.SALESFORCE_KEY_FIELD} = '{NO_KEY}'"  # noqa: S608 - a setting that is a name
    return Subrequest("GET", client.data_path(f"query?q={quote(soql)}"), "readBack")


def _answered(answer: Subresponse) -> Any:
    if answer.status != 200:  # noqa: PLR2004 - HTTP
        raise from_response(answer.status, answer.body)
    return answer.body


def _refusals(answer: Subresponse) -> list[CrmError]:
    if answer.status != 200:  # noqa: PLR2004 - HTTP
        error = from_response(answer.status, answer.body)
        if isinstance(error, CrmUnavailable):
            raise error
        return [error]
    with well_formed():
        return [from_response(400, row["errors"]) for row in answer.body if row["errors"]]
