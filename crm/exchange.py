"""One call: create what is new, read back by key. The query decides, whatever a row said.

Both go in one `/composite` request, so that an attempt costs one API call. An outer `allOrNone`
overrides the inner one, so both are false: one refused row must not roll back the others. And the
order matters: `collateSubrequests` is false too, though its default is true from v49 on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from callbacks.parsers import storable
from crm.client import SalesforceClient, Subrequest, Subresponse
from crm.draft import Draft
from crm.errors import Trouble, from_response
from crm.mapping import names_owner

FOUND_FIELDS = "Id, CaseNumber, Status"
READ_BACK = "readBack"
CODE_LENGTH = 80  # of the columns that keep it
MASKED = "<unknown>"  # in place of the field and the record that our user may not see


@dataclass(frozen=True)
class Found:
    """A Case that carries our key."""

    case_id: str
    case_number: str
    case_status: str


@dataclass(frozen=True)
class Refused:
    """`fields` are those that the org names beside its words."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missing:
    """The org says it created or has the record, but our user cannot see it."""

    case_id: str


@dataclass(frozen=True)
class Unknown:
    """The read-back itself failed: nothing is known of this row."""

    code: str
    message: str


@dataclass(frozen=True)
class InBadCompany:
    """The whole list was refused, perhaps for one of its records."""

    code: str
    message: str


Result = Found | Refused | Missing | Unknown | InBadCompany


def create_and_read_back(
    client: SalesforceClient,
    drafts: Sequence[Draft],
    *,
    generation: int,
    deadline: float,
) -> dict[str, Result]:
    """What became of each record, by key. Raises CrmError if the call as a whole failed.

    At most 200 records. `generation` is the sign-in that was looked at before; another one sends
    nothing. `deadline` is in seconds from now and covers the whole call.
    """
    records = {draft.key: draft.fields for draft in drafts}
    key_field = drafts[0].target.key_field
    groups = _by_assignment(records)
    requests = [_create(client, name, group) for name, group in groups.items()]
    requests.append(_read_back(client, list(records), key_field))
    answers = {
        answer.reference_id: answer
        for answer in client.composite(requests, deadline=deadline, generation=generation)
    }
    found = _found(answers[READ_BACK], key_field)
    if isinstance(found, Unknown):
        return dict.fromkeys(records, found)
    unfound = {
        key: result
        for name, group in groups.items()
        for key, result in zip(group, _unfound(answers[name], len(group), key_field), strict=True)
    }
    return {key: found.get(key) or unfound[key] for key in records}


def _by_assignment(
    records: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Assignment rules would override an owner that a route names, so those go without."""
    groups: dict[str, dict[str, Mapping[str, Any]]] = {}
    for key, record in records.items():
        name = "createOwned" if names_owner(record) else "createAssigned"
        groups.setdefault(name, {})[key] = record
    return groups


def _create(
    client: SalesforceClient, name: str, group: Mapping[str, Mapping[str, Any]]
) -> Subrequest:
    return Subrequest(
        method="POST",
        url=client.data_path("composite/sobjects"),
        reference_id=name,
        body={
            "allOrNone": False,
            "records": [{"attributes": {"type": "Case"}, **record} for record in group.values()],
        },
        # Not inherited from the outer request: each subrequest carries its own.
        headers={"Sforce-Auto-Assign": "FALSE" if name == "createOwned" else "TRUE"},
    )


def _read_back(client: SalesforceClient, keys: Sequence[str], key_field: str) -> Subrequest:
    wanted = ",".join(f"'{key}'" for key in keys)
    soql = f"SELECT {FOUND_FIELDS}, {key_field} FROM Case WHERE {key_field} IN ({wanted})"  # noqa: S608 - keys are our UUIDs
    return Subrequest("GET", client.data_path(f"query?q={quote(soql)}"), READ_BACK)


def _unfound(answer: Subresponse, count: int, key_field: str) -> list[Result]:
    """What each record's row says, for those that the query does not find."""
    if answer.status < 300 and isinstance(answer.body, list) and len(answer.body) == count:  # noqa: PLR2004
        return [_not_found(row, key_field) for row in answer.body]
    error = from_response(answer.status, answer.body)
    if count == 1 or error.meaning.trouble is Trouble.ORG:
        return [Refused(error.code, error.detail)] * count
    return [InBadCompany(error.code, error.detail)] * count


def _found(answer: Subresponse, key_field: str) -> dict[str, Found] | Unknown:
    """Absence counts only if the query itself answered."""
    if answer.status != 200 or not isinstance(answer.body, dict):  # noqa: PLR2004
        error = from_response(answer.status, answer.body)
        return Unknown(error.code, error.detail)
    return {
        record[key_field].lower(): Found(
            record["Id"], record.get("CaseNumber") or "", record.get("Status") or ""
        )
        for record in reversed(answer.body.get("records", []))
    }


def _not_found(row: dict[str, Any], key_field: str) -> Result:
    if row.get("success"):
        return Missing(str(row["id"]))
    error = (row.get("errors") or [{}])[0]
    code = str(error.get("statusCode") or "UNKNOWN")[:CODE_LENGTH]
    message = storable(str(error.get("message") or ""))
    # By text, because the code is the same for every unique field; the id in it is never parsed.
    if code == "DUPLICATE_VALUE" and (key_field.lower() in message.lower() or MASKED in message):
        return Missing("")
    return Refused(code, message, tuple(str(name) for name in error.get("fields") or ()))
