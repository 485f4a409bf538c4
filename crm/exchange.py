"""One call: create what is new, read back by key. The query decides, whatever a row said.

Both go in one `/composite` request, so that an attempt costs one API call. An outer `allOrNone`
overrides the inner one, so both are false: one refused row must not roll back the others. And the
order matters: `collateSubrequests` is false too, though its default is true from v49 on.

Rows that were under way before are looked for first, deleted records included: where somebody
deleted the record meanwhile its key is free again, and a create would make a second one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any
from urllib.parse import quote

from callbacks.models import Callback
from callbacks.parsers import storable
from crm.client import SalesforceClient, Subrequest, Subresponse
from crm.draft import Draft, Target
from crm.errors import Trouble, from_response
from crm.mapping import names_owner
from crm.transport import left

READ_BACK = "readBack"
MOST_TARGETS = 3  # of the five creates and queries that one call takes, two are creates
CODE_LENGTH, NUMBER_LENGTH, STATUS_LENGTH = 80, 30, 40  # of the columns that keep them
# Of another kind of record than Case these speak of nothing but that kind.
OF_THE_TARGET = frozenset({"NOT_FOUND", "INVALID_TYPE", "INVALID_FIELD"})
REFUSALS_OF_REFERENCES = frozenset(
    {
        "ENTITY_IS_DELETED",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "INVALID_CROSS_REFERENCE_KEY",
    }
)
MASKED = "<unknown>"  # in place of the field and the record that our user may not see


@dataclass(frozen=True)
class Found:
    """A record that carries our key; only a Case has a status. `gone` as in Callback.Gone.

    `target` is its kind, if that is another than the draft's.
    """

    case_id: str
    case_number: str
    case_status: str
    gone: str = ""
    target: Target | None = None


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


@dataclass(frozen=True)
class MayCome:
    """What was sent before is not there, but the org may still be at it."""

    code: str


Result = Found | Refused | Missing | Unknown | InBadCompany | MayCome


def create_and_read_back(
    client: SalesforceClient,
    drafts: Sequence[Draft],
    *,
    generation: int,
    deadline: float,
) -> dict[str, Result]:
    """What became of each record, by key. Raises CrmError if a call as a whole failed.

    At most 200 records, in one call unless they are of more than three kinds. `generation` is the
    sign-in that was looked at before; another one sends nothing. `deadline` is in seconds from now
    and covers everything.
    """
    ends = monotonic() + deadline
    results: dict[str, Result] = {}
    for part in _parts([draft for draft in drafts if draft.callback.lease_no > 1]):
        results |= _made_before(client, part, generation=generation, deadline=left(ends))
    new = [draft for draft in drafts if draft.key not in results]
    for part in _parts(new):
        results |= _exchange(client, part, generation=generation, deadline=left(ends))
    alone = [alone for draft in new if (alone := _alone(draft, results[draft.key]))]
    for part in _parts(alone):
        results |= _exchange(client, part, generation=generation, deadline=left(ends))
    return results


def _parts(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Sorted by kind of record, as many kinds together as one call can create and read back."""
    by_target: dict[Target, list[Draft]] = {}
    for draft in drafts:
        by_target.setdefault(draft.target, []).append(draft)
    kinds = list(by_target.values())
    for start in range(0, len(kinds), MOST_TARGETS):
        yield [draft for kind in kinds[start : start + MOST_TARGETS] for draft in kind]


def _made_before(
    client: SalesforceClient, drafts: Sequence[Draft], *, generation: int, deadline: float
) -> dict[str, Result]:
    """What earlier attempts have made, or that it cannot be told; absent what was never made."""
    targets = _targets(drafts)
    looks = [
        look_back(client, number, target, _keys(drafts, target))
        for number, target in enumerate(targets)
    ]
    answers = client.composite(looks, deadline=deadline, generation=generation)
    found = {
        target: found_by_key(answer, target)
        for target, answer in zip(targets, answers, strict=True)
    }
    seen = {draft.key: _seen(draft, found[draft.target]) for draft in drafts}
    return {key: result for key, result in seen.items() if result}


def _seen(draft: Draft, found: "dict[str, Found] | Unknown") -> Result | None:
    result = found if isinstance(found, Unknown) else found.get(draft.key)
    return _decided(draft, found, result) if result else None


def _exchange(
    client: SalesforceClient, drafts: Sequence[Draft], *, generation: int, deadline: float
) -> dict[str, Result]:
    requests = requests_of(client, drafts)
    answers = {
        answer.reference_id: answer
        for answer in client.composite(requests, deadline=deadline, generation=generation)
    }
    found = {
        target: found_by_key(answers[f"{READ_BACK}{number}"], target)
        for number, target in enumerate(_targets(drafts))
    }
    unfound = {
        draft.key: result
        for name, group in _by_assignment(drafts).items()
        for draft, result in zip(group, rows_of(answers[name], group), strict=True)
    }
    return {d.key: _decided(d, found[d.target], unfound[d.key]) for d in drafts}


def requests_of(client: SalesforceClient, drafts: Sequence[Draft]) -> list[Subrequest]:
    """What one call is made of: drafts of at most three targets."""
    creates = [_create(client, name, group) for name, group in _by_assignment(drafts).items()]
    queries = [
        _read_back(client, number, target, _keys(drafts, target))
        for number, target in enumerate(_targets(drafts))
    ]
    return creates + queries


def _keys(drafts: Iterable[Draft], target: Target) -> list[str]:
    return [draft.key for draft in drafts if draft.target == target]


def _targets(drafts: Sequence[Draft]) -> list[Target]:
    return list(dict.fromkeys(draft.target for draft in drafts))


def _decided(draft: Draft, found: "dict[str, Found] | Unknown", unfound: Result) -> Result:
    """The query decides; what only a route's own kind of record lacks is no trouble of the org."""
    result = found if isinstance(found, Unknown) else found.get(draft.key) or unfound
    if draft.target.sobject == "Case" or not isinstance(result, Refused | Unknown):
        return result
    if result.code not in OF_THE_TARGET:
        return result
    return unfound if isinstance(unfound, Missing) else Refused("TARGET_MISSING", result.message)


def _alone(draft: Draft, result: Result) -> Draft | None:
    """The draft without the caller that we found, if it may be him that the org refuses."""
    if not isinstance(result, Refused) or result.code not in REFUSALS_OF_REFERENCES:
        return None
    ours = {"ContactId": draft.caller.contact_id, "AccountId": draft.caller.account_id}
    fields = {n: v for n, v in draft.fields.items() if n not in ours or v != ours[n]}
    blamed = {"ContactId", "AccountId"}.intersection(result.fields) or not result.fields
    return replace(draft, fields=fields) if blamed and fields != draft.fields else None


def _by_assignment(drafts: Iterable[Draft]) -> dict[str, list[Draft]]:
    """Assignment rules would override an owner that a route names, so those go without."""
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        name = "createOwned" if names_owner(draft.fields) else "createAssigned"
        groups.setdefault(name, []).append(draft)
    return groups


def _create(client: SalesforceClient, name: str, group: Sequence[Draft]) -> Subrequest:
    return Subrequest(
        method="POST",
        url=client.data_path("composite/sobjects"),
        reference_id=name,
        body={"allOrNone": False, "records": [_record(draft) for draft in group]},
        # Not inherited from the outer request: each subrequest carries its own.
        headers={"Sforce-Auto-Assign": "FALSE" if name == "createOwned" else "TRUE"},
    )


def _record(draft: Draft) -> dict[str, Any]:
    return {"attributes": {"type": draft.target.sobject}, **draft.fields}


def _read_back(
    client: SalesforceClient, number: int, target: Target, keys: Iterable[str]
) -> Subrequest:
    return _query(client, "query", number, target, keys, ())


def look_back(
    client: SalesforceClient, number: int, target: Target, keys: Iterable[str]
) -> Subrequest:
    """Records of that kind with these keys, deleted ones included."""
    gone = ("IsDeleted", "MasterRecordId") if target.sobject == "Case" else ("IsDeleted",)
    return _query(client, "queryAll", number, target, keys, gone)


def _query(
    client: SalesforceClient,
    resource: str,
    number: int,
    target: Target,
    keys: Iterable[str],
    more: Sequence[str],
) -> Subrequest:
    status = ("Status",) if target.sobject == "Case" else ()
    fields = ", ".join(filter(None, ["Id", target.name_field, *status, *more, target.key_field]))
    soql = quote(f"SELECT {fields} FROM {target.sobject} WHERE {target.key_field} IN ")  # noqa: S608 - API names
    url = f"{resource}?q={soql}{_quoted(keys)}"
    return Subrequest("GET", client.data_path(url), f"{READ_BACK}{number}")


def _quoted(keys: Iterable[str]) -> str:
    """What `quote` makes of ('…','…'); a UUID needs no quoting, and `quote` takes each letter."""
    return "%28%27" + "%27%2C%27".join(keys) + "%27%29"


def rows_of(answer: Subresponse, group: Sequence[Draft]) -> list[Result]:
    """What each record's row says, for those that the query does not find."""
    rows = answer.body
    if answer.status < 300 and isinstance(rows, list) and len(rows) == len(group):  # noqa: PLR2004
        return [_not_found(row, draft) for row, draft in zip(rows, group, strict=True)]
    error = from_response(answer.status, answer.body)
    if len(group) == 1 or error.meaning.trouble is Trouble.ORG:
        return [Refused(error.code, error.detail)] * len(group)
    return [InBadCompany(error.code, error.detail)] * len(group)


def found_by_key(answer: Subresponse, target: Target) -> dict[str, Found] | Unknown:
    """Absence counts only if the query itself answered."""
    if answer.status != 200 or not isinstance(answer.body, dict):  # noqa: PLR2004
        error = from_response(answer.status, answer.body)
        return Unknown(error.code, error.detail)
    records = sorted(answer.body.get("records", []), key=_is_there)
    return {record[target.key_field].lower(): _as_found(record, target) for record in records}


def _is_there(record: Mapping[str, Any]) -> bool:
    return not record.get("IsDeleted")


def _as_found(record: Mapping[str, Any], target: Target) -> Found:
    merged = Callback.Gone.MERGED if record.get("MasterRecordId") else Callback.Gone.DELETED
    return Found(
        record["Id"],
        (record.get(target.name_field) or "")[:NUMBER_LENGTH],
        record.get("Status") or "",
        "" if _is_there(record) else merged,
    )


def _not_found(row: dict[str, Any], draft: Draft) -> Result:
    if row.get("success"):
        return Missing(str(row["id"]))
    error = (row.get("errors") or [{}])[0]
    code = str(error.get("statusCode") or "UNKNOWN")[:CODE_LENGTH]
    message = storable(str(error.get("message") or ""))
    if code == "DUPLICATE_VALUE" and draft.is_record and _is_of_key(message, draft.target):
        return Missing("")
    return Refused(code, message, tuple(str(name) for name in error.get("fields") or ()))


def _is_of_key(message: str, target: Target) -> bool:
    """By text, because the code is the same for every unique field; the id in it is never parsed.

    Comments and changes of a Case carry no key: of these it is always another field.
    """
    return target.key_field.lower() in message.lower() or MASKED in message
