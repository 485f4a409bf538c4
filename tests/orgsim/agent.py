"""A person who works in the org's own pages: what the API must not overwrite."""

from typing import Any

from . import ids
from .actions import ControlError
from .org import Org
from .schema import SObject
from .store import Row
from .triggers import AGENT
from .writing import Draft, Write, save


def edit(org: Org, record_id: str, fields: dict[str, Any]) -> tuple[SObject, Row]:
    """Change a record as the agent; assignment rules do not run when people save (D)."""
    long_id = ids.lengthen(record_id)
    sobject = org.schema.of_id(long_id) if long_id else None
    found = org.store.where_in(sobject, "Id", [long_id]) if sobject else []
    if sobject is None or not found:
        raise ControlError("id", "no such record")
    draft = Draft(fields, id=long_id, before=found[0])
    with org.store.transaction():
        save(sobject, [draft], as_agent(org))
    if draft.errors:
        raise ControlError(draft.errors[0].code, draft.errors[0].message)
    return sobject, draft.after


def as_agent(org: Org) -> Write:
    """Say who writes."""
    return Write(
        store=org.store,
        user_id=AGENT,
        now=org.clock.stamp(),
        rules=org.rules,
        auto_assign=False,
        by_agent=True,
    )
