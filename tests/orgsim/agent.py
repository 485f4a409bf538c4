"""People who work in the org's own pages: what the API must neither overwrite nor make again."""

from typing import Any

from . import ids
from .actions import ControlError
from .org import Org
from .schema import SObject
from .store import Row
from .triggers import AGENT
from .writing import Draft, Write, discarded, save

MOST_LOSERS = 2


def edit(org: Org, record_id: str, fields: dict[str, Any]) -> tuple[SObject, Row]:
    """Change a record as the agent; assignment rules do not run when people save (D)."""
    sobject, row = living(org, record_id, "id")
    return sobject, saved(org, sobject, Draft(fields, id=row["Id"], before=row))


def create(org: Org, sobject: SObject, fields: dict[str, Any]) -> Row:
    """Enter a record as the agent."""
    return saved(org, sobject, Draft(fields))


def saved(org: Org, sobject: SObject, draft: Draft) -> Row:
    """Save what the agent typed, or refuse as the page would."""
    with org.store.transaction():
        save(sobject, [draft], as_agent(org))
    if draft.errors:
        raise ControlError(draft.errors[0].code, draft.errors[0].message)
    return draft.after


def delete(org: Org, record_id: str) -> tuple[SObject, Row]:
    """Put a record into the recycle bin as the agent."""
    sobject, row = living(org, record_id, "id")
    binned = discarded(row, AGENT, org.clock.stamp())
    org.store.replace(sobject, [binned])
    return sobject, binned


def merge(org: Org, master_id: str, loser_ids: list[str]) -> tuple[SObject, Row]:
    """Keep one record of two or three: the others are deleted and name it as their master (D).

    The winner counts as updated (D). What hangs on the losers is not moved.
    """
    sobject, master = living(org, master_id, "master")
    losers = [living(org, i, "losers") for i in loser_ids]
    refuse_merge(sobject, master, losers)
    now = org.clock.stamp()
    binned = [{**discarded(r, AGENT, now), "MasterRecordId": master["Id"]} for _, r in losers]
    winner = {**master, "SystemModstamp": now, "LastModifiedDate": now, "LastModifiedById": AGENT}
    with org.store.transaction():
        org.store.replace(sobject, [*binned, winner])
    return sobject, winner


def refuse_merge(sobject: SObject, master: Row, losers: list[tuple[SObject, Row]]) -> None:
    """Refuse what no page offers: other kinds of records, itself, more than three (D)."""
    if not sobject.mergeable:
        raise ControlError("master", f"{sobject.name} records cannot be merged")
    if any(kind.name != sobject.name for kind, _ in losers):
        raise ControlError("losers", f"must all be {sobject.name} records")
    different = {row["Id"] for _, row in losers} - {master["Id"]}
    if not 0 < len(different) == len(losers) <= MOST_LOSERS:
        raise ControlError("losers", "must be one or two other records")


def convert(org: Org, record_id: str) -> tuple[SObject, Row]:
    """Mark a lead as converted; the contact that it becomes is left to whoever needs one."""
    sobject, row = living(org, record_id, "id")
    if sobject.name != "Lead":
        raise ControlError("id", "only leads can be converted")
    now = org.clock.stamp()
    converted = {**row, "IsConverted": 1, "SystemModstamp": now, "LastModifiedDate": now}
    org.store.replace(sobject, [converted])
    return sobject, converted


def living(org: Org, record_id: object, key: str) -> tuple[SObject, Row]:
    """Find a record that is not in the recycle bin; the key names it in a refusal."""
    long_id = ids.lengthen(record_id)
    sobject = org.schema.of_id(long_id) if long_id else None
    found = org.store.where_in(sobject, "Id", [long_id]) if sobject else []
    if sobject is None or not found:
        raise ControlError(key, "no such record")
    return sobject, found[0]


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
