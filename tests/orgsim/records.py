"""What all resources about records share: finding, writing and showing them."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from . import ids
from .calls import Call
from .errors import ApiError, RowError, not_found
from .fieldchecks import folded
from .org import Org
from .schema import Field, SObject
from .store import Row
from .troubles import troubles_of
from .writing import Draft, Write, save

ROLLED_BACK = RowError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using "
    "AllOrNone header",
)


class RollBackError(Exception):
    """Raised inside a transaction to undo it."""


def sobject_named(call: Call, name: str) -> SObject:
    """Find an sObject as the caller sees it, or refuse."""
    found = call.work.schema.find(name)
    if found is None:
        raise not_found()
    return found


def external_id(sobject: SObject, name: str) -> Field:
    """Find a field that records can be addressed by, or refuse (R)."""
    found = sobject.find(name)
    if found is None or not found.id_lookup:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return found


def write_of(org: Org, call: Call) -> Write:
    """Say who writes and how; assignment rules run unless the header forbids it (D)."""
    return Write(
        store=org.store,
        user_id=call.work.user_id,
        now=org.clock.stamp(),
        rules=org.rules,
        auto_assign=call.header("sforce-auto-assign", "TRUE").upper() != "FALSE",
        troubles=troubles_of(call),
        private=call.work.private,
    )


def save_all(
    org: Org, call: Call, groups: Iterable[tuple[SObject, list[Draft]]], *, all_or_none: bool
) -> None:
    """Save drafts of several sObjects in one transaction."""
    write, saved = write_of(org, call), 0
    groups = list(groups)
    drafts = [d for _, group in groups for d in group]
    with suppress(RollBackError), org.store.transaction():
        for sobject, group in groups:
            saved += save(sobject, group, write)
        if all_or_none and any(d.errors for d in drafts):
            raise RollBackError
    if all_or_none and any(d.errors for d in drafts):
        take_back(drafts)
        saved = 0
    call.work.committed += saved


def take_back(drafts: list[Draft]) -> None:
    """Mark the good ones of a rolled-back request; ids that it made are gone."""
    for draft in drafts:
        draft.errors = draft.errors or [ROLLED_BACK]
        if draft.created:
            draft.id = None


def stands(org: Org, call: Call, sobject: SObject, given_id: object) -> Row | None:
    """Give a record by its id of either length, also from the recycle bin, if the user sees it."""
    long_id = ids.lengthen(given_id)
    found = org.store.where_in(sobject, "Id", [long_id], deleted=True) if long_id else []
    return next((row for row in found if call.work.sees(sobject.name, row)), None)


def drafts_by_id(org: Org, sobject: SObject, sent: list[tuple[object, Row]]) -> list[Draft]:
    """Make drafts that change records; those that are not there carry the reason."""
    long_ids = [ids.lengthen(given) for given, _ in sent]
    known = [i for i in long_ids if i]
    rows = {r["Id"]: r for r in org.store.where_in(sobject, "Id", known, deleted=True)}
    drafts = []
    for (given, values), long_id in zip(sent, long_ids, strict=True):
        before = rows.get(long_id or "")
        errors = [] if before and not before["IsDeleted"] else [absent(given, long_id, before)]
        drafts.append(Draft(values, id=long_id, before=before, errors=errors))
    return drafts


def absent(given: object, long_id: str | None, before: Row | None) -> RowError:
    """Say why an id leads to no record."""
    if long_id is None:
        return RowError("MALFORMED_ID", f"bad id {given}", ("Id",))
    if before is not None:
        return RowError("ENTITY_IS_DELETED", "entity is deleted")
    return RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")


def holders(
    org: Org, call: Call, sobject: SObject, key: Field, values: list[Any]
) -> dict[Any, list[Row]]:
    """Find living records that the user sees by key, letter case as the field minds it (D)."""
    found: dict[Any, list[Row]] = {}
    for row in org.store.where_in(sobject, key.name, values):
        if not call.work.sees(sobject.name, row):
            continue
        found.setdefault(folded(key, row[key.name]), []).append(row)
    return found


def as_json(call: Call, sobject: SObject, row: Row, names: Iterable[str]) -> dict[str, Any]:
    """Write a record as the API shows it, attributes first (R)."""
    shown: dict[str, Any] = {"attributes": attributes(call.data_url, sobject.name, row["Id"])}
    for name in names:
        shown[name] = json_value(sobject.by_exact_name[name], row[name])
    return shown


def attributes(data_url: str, sobject: str, record_id: str) -> dict[str, str]:
    """Write a record's type and place."""
    return {"type": sobject, "url": f"{data_url}/sobjects/{sobject}/{record_id}"}


def json_value(field: Field, value: Any) -> Any:
    """Write one value: a checkbox is true or false, never null."""
    return bool(value) if field.type == "boolean" else value


def chosen(sobject: SObject, names: str) -> list[str]:
    """Read a list of field names from a query, all fields if it is empty."""
    if not names:
        return list(sobject.columns)
    found = []
    for name in names.split(","):
        field = sobject.find(name.strip())
        if field is None:
            message = f"No such column '{name.strip()}' on entity '{sobject.name}'."
            raise ApiError(400, "INVALID_FIELD", message)
        found.append(field.name)
    return found
