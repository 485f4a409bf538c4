"""sObject Collections: up to 200 records in one call, each with its own result (D)."""

from itertools import groupby
from typing import Any

from . import ids
from .calls import Answer, Call
from .errors import ApiError, RowError, unreadable_json
from .faults import kind
from .fieldchecks import folded, stored_form
from .org import Org
from .records import (
    absent,
    as_json,
    chosen,
    drafts_by_id,
    external_id,
    holders,
    save_all,
    sobject_named,
    take_back,
)
from .rows import remove
from .schema import Field, SObject
from .store import Row
from .writing import Draft, unsupported

MOST_RECORDS = 200
MOST_CHUNKS = 10
MOST_READ = 2_000


def create(org: Org, call: Call) -> Answer:
    """POST /composite/sobjects."""
    records = records_sent(call)
    drafts = [Draft(record) for record in records]
    save_all(org, call, by_type(call, records, drafts), all_or_none=all_or_none(call))
    return Answer(200, [result(d) for d in drafts])


def update(org: Org, call: Call) -> Answer:
    """PATCH /composite/sobjects: each record brings its id."""
    records = records_sent(call)
    drafts: list[Draft] = []
    for name, group in groupby(records, key=kind):
        sent = [(record_id(r), without_id(r)) for r in group]
        drafts += drafts_by_id(org, sobject_of_record(call, name), sent)
    save_all(org, call, by_type(call, records, drafts), all_or_none=all_or_none(call))
    return Answer(200, [result(d) for d in drafts])


def upsert(org: Org, call: Call, name: str, field: str) -> Answer:
    """PATCH /composite/sobjects/{name}/{field}: the key is in each record (D)."""
    sobject = sobject_named(call, name)
    key = external_id(sobject, field)
    drafts = resolved(org, call, sobject, key, records_sent(call))
    save_all(org, call, [(sobject, drafts)], all_or_none=all_or_none(call))
    return Answer(200, [result(d, upserting=True) for d in drafts])


def delete(org: Org, call: Call) -> Answer:
    """DELETE /composite/sobjects?ids=…: the flag is in the query (D)."""
    given = [i for i in call.query.get("ids", "").split(",") if i]
    refuse_too_many(given, MOST_RECORDS)
    drafts = [deletion(org, call, i) for i in given]
    whole = call.query.get("allOrNone", "").lower() == "true"
    if whole and any(d.errors for _, d in drafts):
        take_back([d for _, d in drafts])
    for sobject, draft in drafts:
        if sobject and not draft.errors:
            remove(org, call, sobject, [draft])
    return Answer(200, [result(d) for _, d in drafts])


def deletion(org: Org, call: Call, given: str) -> tuple[SObject | None, Draft]:
    """Make the draft of one deletion."""
    long_id = ids.lengthen(given)
    sobject = call.work.schema.of_id(long_id) if long_id else None
    if sobject is None:
        return None, Draft({}, errors=[RowError("MALFORMED_ID", f"malformed id {given}")])
    if not sobject.deletable:
        return None, Draft({}, errors=[unsupported(sobject, "delete")])
    return sobject, drafts_by_id(org, sobject, [(given, {})])[0]


def read(org: Org, call: Call, name: str) -> Answer:
    """GET and POST /composite/sobjects/{name}: records by id, null for those that are not there."""
    sobject = sobject_named(call, name)
    source: Any = call.record if call.method == "POST" else call.query
    wanted, fields = as_list(source.get("ids")), as_list(source.get("fields"))
    refuse_too_many(wanted, MOST_READ)
    names = chosen(sobject, ",".join(fields))
    long_ids = [ids.lengthen(i) or "" for i in wanted]
    rows = {
        r["Id"]: r
        for r in org.store.where_in(sobject, "Id", long_ids)
        if call.work.sees(sobject.name, r)
    }
    found = [as_json(call, sobject, rows[i], names) if i in rows else None for i in long_ids]
    return Answer(200, found)


def as_list(value: Any) -> list[str]:
    """Read a list of texts, or a text with commas."""
    found = value.split(",") if isinstance(value, str) else value or []
    if not isinstance(found, list) or not all(isinstance(v, str) for v in found):
        raise unreadable_json("Cannot deserialize: 'ids' and 'fields' must be lists of texts")
    return found


def records_sent(call: Call) -> list[Row]:
    """Give the records of the body, or refuse their number or form."""
    records = call.record.get("records")
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise unreadable_json("Cannot deserialize: 'records' must be a list of sObjects")
    refuse_too_many(records, MOST_RECORDS)
    chunks = [name for name, _ in groupby(records, key=kind)]
    if len(chunks) > MOST_CHUNKS:
        message = f"Number of type chunks ({len(chunks)}) exceeds the limit of {MOST_CHUNKS}"
        raise ApiError(400, "LIMIT_EXCEEDED", message)
    if not all(chunks):
        raise ApiError(400, "INVALID_INPUT", "Each record must name its type in attributes")
    return records


def refuse_too_many(records: list[Any], most: int) -> None:
    """Refuse more records than a call may bring (3)."""
    if len(records) > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", message)


def all_or_none(call: Call) -> bool:
    """Read the flag of the body; it is false by default (D)."""
    return call.record.get("allOrNone") is True


def sobject_of_record(call: Call, name: str) -> SObject:
    """Find the sObject that a record names."""
    found = call.work.schema.find(name)
    if found is None:
        message = f"sObject type '{name}' is not supported."
        raise ApiError(400, "INVALID_TYPE", message)
    return found


def by_type(
    call: Call, records: list[Row], drafts: list[Draft]
) -> list[tuple[SObject, list[Draft]]]:
    """Group drafts of neighbouring records of one sObject."""
    pairs = zip(map(kind, records), drafts, strict=True)
    return [
        (sobject_of_record(call, name), [d for _, d in group])
        for name, group in groupby(pairs, key=lambda pair: pair[0])
    ]


def record_id(record: Row) -> object:
    """Give the id that a record brings."""
    return record.get("id") or record.get("Id")


def without_id(record: Row) -> Row:
    """Give a record's other fields."""
    return {k: v for k, v in record.items() if k not in {"id", "Id"}}


def resolved(org: Org, call: Call, sobject: SObject, key: Field, records: list[Row]) -> list[Draft]:
    """Decide for each record whether it creates or changes; keys must be there, once each."""
    pairs = [(record, key_of(key, record)) for record in records]
    values = [folded(key, v) for _, v in pairs if v is not None]
    found = found_before(org, call, sobject, key, [v for _, v in pairs if v is not None])
    drafts = []
    for record, value in pairs:
        draft = Draft(without_id(record))
        drafts.append(draft)
        if error := key_error(sobject, key, record, value, values):
            draft.errors = [error]
            continue
        rows = found.get(folded(key, value), [])
        if len(rows) > 1:
            message = "A user-specified external ID matches more than one record during an upsert"
            draft.errors = [RowError("DUPLICATE_EXTERNAL_ID", message, (key.name,))]
        elif rows:
            draft.id, draft.before = rows[0]["Id"], rows[0]
        elif key.type == "id" and value is not None:
            draft.errors = [absent(value, value, None)]
    return drafts


def found_before(
    org: Org, call: Call, sobject: SObject, key: Field, values: list[Any]
) -> dict[Any, list[Row]]:
    """Find records by key, as they stood when the request began."""
    seen = call.work.seen_keys
    if seen is None:
        return holders(org, call, sobject, key, values)
    known = {v: seen.get((sobject.name, key.name, folded(key, v)), ()) for v in values}
    there = [i for found in known.values() for i in found]
    rows = {r["Id"]: r for r in org.store.where_in(sobject, "Id", there)}
    return {folded(key, v): [rows[i] for i in found if i in rows] for v, found in known.items()}


def key_of(key: Field, record: Row) -> Any:
    """Give the key that a record brings, whatever the letter case of its name."""
    for name, value in record.items():
        if name.lower() == key.name.lower():
            return stored_form(key, value)[0]
    return None


def key_error(
    sobject: SObject, key: Field, record: Row, value: Any, values: list[Any]
) -> RowError | None:
    """Say what is wrong with a record's key or type."""
    if kind(record).lower() != sobject.name.lower():
        return RowError("INVALID_TYPE", f"sObject type '{kind(record)}' does not match the URI")
    if value is None and key.type != "id":
        return RowError("MISSING_ARGUMENT", f"{key.name} not specified", (key.name,))
    if values.count(folded(key, value)) > 1:
        message = f"Duplicate external id specified: {value}"
        return RowError("DUPLICATE_VALUE", message, (key.name,))
    return None


def result(draft: Draft, *, upserting: bool = False) -> dict[str, Any]:
    """Write one result; a failed create has no id at all (R)."""
    if draft.errors:
        rolled_back = draft.errors[0].code == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
        known = {"id": draft.id} if rolled_back and draft.id else {}
        return {**known, "success": False, "errors": [e.in_collection() for e in draft.errors]}
    done: dict[str, Any] = {"id": draft.id, "success": True, "errors": []}
    return {**done, "created": draft.created} if upserting else done
