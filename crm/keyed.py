"""Records of the org that carry a key of ours, as queries find them: the recycle bin's too.

Facts of Salesforce: `queryAll` also finds what was deleted or merged; who lost a merge names the
winner in `MasterRecordId`; `ClosedDate` is empty again after reopening; times are the org's own.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from crm.client import SalesforceClient
from crm.draft import Target
from crm.preconditions import check_org
from crm.wire import well_formed

T = TypeVar("T")

PAGE = 2_000  # the most that one answer holds
KEYS_PER_QUERY = 200
COLUMNS = ("Id", "SystemModstamp", "CreatedDate", "IsDeleted")  # of every object
CASE_COLUMNS = ("Status", "ClosedDate", "MasterRecordId", "Owner.Name")


@dataclass(frozen=True)
class Keyed:
    """A record; `key` is None where the field holds no key of our form."""

    id: str
    key: UUID | None
    number: str
    status: str
    owner: str
    created_at: datetime
    modified_at: datetime
    closed_at: datetime | None
    is_deleted: bool
    master_id: str


def pages(
    client: SalesforceClient,
    target: Target,
    *,
    by: str,
    since: datetime,
    also: Collection[str] = (),
) -> Iterator[list[Keyed]]:
    """Those with any key, or an id in `also`, from a time on by the field `by`; oldest first.

    Each page is one API call and goes on behind the last record, however many are of one second.
    """
    wanted = f"{target.key_field} != null"
    if also:
        wanted = f"({wanted} OR Id IN ({_listed(also)}))"
    place = f"{by} >= {_written(since)}"
    while True:
        rest = f"WHERE {wanted} AND {place} ORDER BY {by}, Id LIMIT {PAGE}"
        raw = _asked(client, f"{_select(target)} {rest}")
        yield [_read(record, target) for record in raw]
        if len(raw) < PAGE:
            return
        with well_formed():
            at, last = _written(_time(raw[-1][by])), raw[-1]["Id"]
        place = f"({by} > {at} OR ({by} = {at} AND Id > '{last}'))"


def with_keys(client: SalesforceClient, target: Target, keys: Iterable[UUID]) -> Iterator[Keyed]:
    """Those with these keys; 200 keys are one API call."""
    return _listed_records(client, target, target.key_field, map(str, keys))


def with_ids(client: SalesforceClient, target: Target, ids: Iterable[str]) -> Iterator[Keyed]:
    """Those with these ids; 200 ids are one API call."""
    return _listed_records(client, target, "Id", ids)


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _listed_records(
    client: SalesforceClient, target: Target, field: str, values: Iterable[str]
) -> Iterator[Keyed]:
    for some in chunks(values, KEYS_PER_QUERY):
        soql = f"{_select(target)} WHERE {field} IN ({_listed(some)})"
        for record in _asked(client, soql):
            yield _read(record, target)


def _asked(client: SalesforceClient, soql: str) -> list[dict[str, Any]]:
    """What was read counts only if it was our org: a session may end and begin with another."""
    records = client.query(soql, deleted=True)
    check_org(client)
    return records


def _select(target: Target) -> str:
    named = filter(None, [target.key_field, target.name_field])
    columns = [*COLUMNS, *named, *(CASE_COLUMNS if target.sobject == "Case" else ())]
    return f"SELECT {', '.join(columns)} FROM {target.sobject}"  # noqa: S608 - checked API names


def _listed(values: Iterable[str]) -> str:
    """For IN: keys and ids have letters, digits and dashes only."""
    return ",".join(f"'{value}'" for value in values)


def _read(raw: dict[str, Any], target: Target) -> Keyed:
    with well_formed():
        closed = raw.get("ClosedDate")
        return Keyed(
            id=str(raw["Id"]),
            key=key_of(raw[target.key_field]),
            number=raw.get(target.name_field) or "",
            status=raw.get("Status") or "",
            owner=(raw.get("Owner") or {}).get("Name") or "",
            created_at=_time(raw["CreatedDate"]),
            modified_at=_time(raw["SystemModstamp"]),
            closed_at=_time(closed) if closed else None,
            is_deleted=bool(raw["IsDeleted"]),
            master_id=raw.get("MasterRecordId") or "",
        )


def key_of(text: str | None) -> UUID | None:
    """The key, unless somebody else wrote something of their own into our field."""
    try:
        key = UUID(text or "")
    except ValueError:
        return None
    return key if str(key) == (text or "").lower() else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _written(moment: datetime) -> str:
    """As SOQL reads it; the org keeps whole seconds, but nothing hangs on that."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
