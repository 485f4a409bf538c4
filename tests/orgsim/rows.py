"""Resources about one record: by id, or by an external id."""

from collections.abc import Callable
from typing import Any

from .calls import Answer, Call
from .errors import ApiError, from_row, not_found
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
    stands,
)
from .schema import Field, SObject
from .store import Row
from .writing import Draft, discarded, unsupported

Body = dict[str, Any]


def create(org: Org, call: Call, name: str) -> Answer:
    """POST /sobjects/{name}."""
    sobject = sobject_named(call, name)
    draft = saved(org, call, sobject, Draft(call.record))
    return made(call, sobject, draft, {})


def saved(org: Org, call: Call, sobject: SObject, draft: Draft) -> Draft:
    """Save one draft; what is wrong with it is what is wrong with the request."""
    save_all(org, call, [(sobject, [draft])], all_or_none=False)
    if draft.errors:
        raise from_row(draft.errors[0])
    return draft


def made(call: Call, sobject: SObject, draft: Draft, more: dict[str, Any]) -> Answer:
    """Answer that a record was created, and where (D)."""
    location = f"{call.data_url}/sobjects/{sobject.name}/{draft.id}"
    body: Body = {"id": draft.id, "success": True, "errors": [], **more}
    return Answer(201, body, {"Location": location})


def read(org: Org, call: Call, name: str, record_id: str) -> Answer:
    """GET /sobjects/{name}/{id}."""
    sobject = sobject_named(call, name)
    row = stands(org, call, sobject, record_id)
    if row is None or row["IsDeleted"]:
        raise gone(row)
    return Answer(200, as_json(call, sobject, row, chosen(sobject, call.query.get("fields", ""))))


def gone(row: Row | None) -> ApiError:
    """Say that a record is not there, or no more (3)."""
    if row is None:
        return not_found()
    return ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", ())


def update(org: Org, call: Call, name: str, record_id: str) -> Answer:
    """PATCH /sobjects/{name}/{id}."""
    sobject = sobject_named(call, name)
    draft = present(drafts_by_id(org, sobject, [(record_id, call.record)])[0], record_id)
    saved(org, call, sobject, draft)
    return Answer(204)


def present(draft: Draft, given: object) -> Draft:
    """Pass a draft of a record that is there, refuse any other with 404 (3)."""
    if draft.errors:
        error = absent(given, draft.id, draft.before)
        status = 400 if error.code == "MALFORMED_ID" else 404
        raise ApiError(status, error.code, error.message, error.fields)
    return draft


def delete(org: Org, call: Call, name: str, record_id: str) -> Answer:
    """DELETE /sobjects/{name}/{id}."""
    sobject = sobject_named(call, name)
    if not sobject.deletable:
        raise from_row(unsupported(sobject, "delete"))
    draft = present(drafts_by_id(org, sobject, [(record_id, {})])[0], record_id)
    remove(org, call, sobject, [draft])
    return Answer(204)


def remove(org: Org, call: Call, sobject: SObject, drafts: list[Draft]) -> None:
    """Put records into the recycle bin."""
    now = org.clock.stamp()
    rows = [discarded(d.before, call.work.user_id, now) for d in drafts if d.before]
    with org.store.transaction():
        org.store.replace(sobject, rows)
    call.work.committed += len(rows)


def by_key(
    act: Callable[[Org, Call, str, str], Answer],
) -> Callable[[Org, Call, str, str, str], Answer]:
    """Let a resource by id be reached by an external id."""

    def acting(org: Org, call: Call, name: str, field: str, value: str) -> Answer:
        sobject = sobject_named(call, name)
        found = matching(org, call, sobject, external_id(sobject, field), value)
        if not found:
            raise not_found()
        if len(found) > 1:
            return several(call, sobject, found)
        return act(org, call, name, found[0]["Id"])

    return acting


def matching(org: Org, call: Call, sobject: SObject, key: Field, value: str) -> list[Row]:
    """Find the records with a key, as they stood when the request began."""
    stored, error = stored_form(key, value)
    if error:
        raise from_row(error)
    seen = (call.work.seen_keys or {}).get((sobject.name, key.name, folded(key, stored)))
    if seen is not None:
        return org.store.where_in(sobject, "Id", seen)
    return holders(org, call, sobject, key, [stored]).get(folded(key, stored), [])


def several(call: Call, sobject: SObject, rows: list[Row]) -> Answer:
    """Answer that a key leads to several records; nothing was changed (R)."""
    return Answer(300, [f"{call.data_url}/sobjects/{sobject.name}/{r['Id']}" for r in rows])


def upsert(org: Org, call: Call, name: str, field: str, value: str) -> Answer:
    """PATCH /sobjects/{name}/{field}/{value}: create or change (D)."""
    sobject = sobject_named(call, name)
    key = external_id(sobject, field)
    if any(sent.lower() == key.name.lower() for sent in call.record):
        message = f"The {key.name} field should not be specified in the sobject data."
        raise ApiError(400, "INVALID_FIELD", message)
    found = matching(org, call, sobject, key, value)
    if len(found) > 1:
        return several(call, sobject, found)
    if not found and call.query.get("updateOnly", "").lower() == "true":
        raise not_found()
    if found:
        draft = Draft(call.record, id=found[0]["Id"], before=found[0])
        saved(org, call, sobject, draft)
        body: Body = {"id": draft.id, "success": True, "errors": [], "created": False}
        return Answer(200, body)
    if key.type == "id":
        raise not_found()
    draft = saved(org, call, sobject, Draft({**call.record, key.name: value}))
    return made(call, sobject, draft, {"created": True})
