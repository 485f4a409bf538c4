"""What is looked at before a call is worked on: keys, locks, the schema as the user sees it."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from . import ids
from .calls import Call, records_of
from .collection import key_of
from .errors import ApiError
from .faults import Fault
from .fieldchecks import folded, stored_form
from .org import Org
from .records import external_id, holders, sobject_named
from .schema import Field, Schema, SObject

SeenKeys = dict[tuple[str, str, Any], tuple[str, ...]]


def seen_keys(org: Org, calls: list[Call]) -> tuple[SeenKeys | None, float]:
    """Resolve the keys of upserts, and say how long to pause before the write.

    An upsert is not atomic: between looking for a key and inserting it another
    request may insert the same (3). This is that gap.
    """
    upserts = [c for c in calls if c.op == "upsert"]
    if not upserts:
        return None, 0.0
    seen: SeenKeys = {}
    for call in upserts:
        try:
            resolve(org, call, seen)
        except ApiError:
            continue
    widened = [f.params["ms"] for f in upserts[0].work.faults if f.action == "race_dup"]
    fresh = any(not found for found in seen.values())
    return seen, max([org.behaviour.race_ms, *widened]) / 1000 if fresh else 0.0


def resolve(org: Org, call: Call, seen: SeenKeys) -> None:
    """Look up the keys of one upsert."""
    single = call.path[0] == "sobjects"
    name, field = call.path[1:3] if single else call.path[2:4]
    sobject = sobject_named(call, name)
    key = external_id(sobject, field)
    values = (
        [stored_form(key, call.path[3])[0]]
        if single
        else [key_of(key, r) for r in records_of(call)]
    )
    values = [v for v in values if v is not None]
    found = holders(org, call, sobject, key, values)
    for value in values:
        rows = found.get(folded(key, value), [])
        seen[sobject.name, key.name, folded(key, value)] = tuple(r["Id"] for r in rows)


def locked_by(org: Org, calls: list[Call]) -> set[str]:
    """Give the records that calls will lock: those they change, and parents (D)."""
    wanted = {i for found in (calls[0].work.seen_keys or {}).values() for i in found}
    for call in calls:
        if call.op not in {"create", "update", "upsert", "delete"}:
            continue
        records = records_of(call)
        given = [r.get(n) for r in records for n in ("id", "Id", "ContactId", "AccountId")]
        given += [s for s in call.path[2:3] if call.path[0] == "sobjects"]
        wanted |= {i for i in map(ids.lengthen, given) if i}
    return {i for i in wanted if org.schema.of_id(i)}


def schema_seen(schema: Schema, faults: Iterable[Fault]) -> Schema:
    """Give the schema that the user sees under the armed faults."""
    shaping = frozenset(
        (f.action, f.params["object"], f.params.get("field", ""))
        for f in faults
        if f.action in {"object_hidden", "field_hidden", "field_missing", "picklist_restrict"}
    )
    return reshaped(schema, shaping) if shaping else schema


@lru_cache(maxsize=16)
def reshaped(schema: Schema, shaping: frozenset[tuple[str, str, str]]) -> Schema:
    """Take sObjects or fields out of a schema, or make picklists strict."""
    hidden = {name for action, name, _ in shaping if action == "object_hidden"}
    seen = (s for s in schema.sobjects.values() if s.name not in hidden)
    return Schema(one_reshaped(sobject, shaping) for sobject in seen)


def one_reshaped(sobject: SObject, shaping: frozenset[tuple[str, str, str]]) -> SObject:
    """Reshape one sObject."""
    gone = {
        field for action, name, field in shaping
        if name == sobject.name and action != "picklist_restrict"
    }  # fmt: skip
    strict = {field for action, name, field in shaping if name == sobject.name} - gone

    def shape(field: Field) -> Field:
        return replace(field, restricted=True) if field.name in strict else field

    return replace(sobject, fields=tuple(shape(f) for f in sobject.fields if f.name not in gone))
