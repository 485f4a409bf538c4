"""Armed faults that strike single records."""

import re
from collections.abc import Callable

from . import ids
from .calls import Call
from .errors import RowError
from .faults import Fault
from .schema import SObject
from .writing import Draft, Trouble

LOCK_WORDS = "unable to obtain exclusive access to this record or 1 records: "


def troubles_of(call: Call) -> list[Trouble]:
    """Give the troubles that a call's records are in for."""
    found = [
        of_fault(fault, call)
        for fault in call.work.faults
        if fault.action in MADE_BY and fault.match.call(call)
    ]
    if call.work.locked_out:
        found.append(of_locks(call.work.locked_out))
    return found


def of_fault(fault: Fault, call: Call) -> Trouble:
    """Make the trouble of one armed fault."""

    def trouble(sobject: SObject, index: int, draft: Draft) -> RowError | None:
        if not fault.match.row(sobject.name, index, draft.sent, call):
            return None
        return MADE_BY[fault.action](fault, call, sobject, draft)

    return trouble


def of_locks(locked_out: frozenset[str]) -> Trouble:
    """Make the trouble of records that another transaction holds."""

    def trouble(_sobject: SObject, _index: int, draft: Draft) -> RowError | None:
        touched = {draft.id, draft.after.get("ContactId"), draft.after.get("AccountId")}
        held = touched & locked_out
        return locked(str(held.pop())) if held else None

    return trouble


def locked(record_id: str) -> RowError:
    """Say that a record is locked; the real wait is 10 s (D)."""
    return RowError("UNABLE_TO_LOCK_ROW", LOCK_WORDS + ids.shorten(record_id))


def struck(fault: Fault, draft: Draft) -> bool:
    """Decide whether a fault on some of the records strikes this one."""
    keys = fault.params["keys"]
    if keys is not None:
        return any(value in keys for value in draft.sent.values() if isinstance(value, str))
    return bool(fault.chance.random() < fault.params["rows"])


def row_lock(fault: Fault, _call: Call, sobject: SObject, draft: Draft) -> RowError | None:
    """Lock the record, or the parent it hangs on."""
    parent = draft.after.get("AccountId") or draft.after.get("ContactId")
    return (
        locked(draft.id or parent or ids.make(sobject.key_prefix, 0))
        if struck(fault, draft)
        else None
    )


def wrapped_lock(fault: Fault, _call: Call, _sobject: SObject, draft: Draft) -> RowError | None:
    """Lock a record inside a flow, which wraps the words (R)."""
    if not struck(fault, draft):
        return None
    message = (
        "We can't save this record because the “Case Routing” process failed. Give your "
        "Salesforce admin these details. This error occurred when the flow tried to update "
        "records: UNABLE_TO_LOCK_ROW: unable to obtain exclusive access to this record."
    )
    return RowError("CANNOT_EXECUTE_FLOW_TRIGGER", message)


def batch_retries(fault: Fault, _call: Call, _sobject: SObject, draft: Draft) -> RowError | None:
    """Give up on partial saves with triggers (D)."""
    message = "Too many batch retries in the presence of Apex triggers and partial failures."
    return RowError("TOO_MANY_APEX_REQUESTS", message) if struck(fault, draft) else None


def storage_full(fault: Fault, _call: Call, _sobject: SObject, draft: Draft) -> RowError | None:
    """Refuse for want of storage."""
    if not struck(fault, draft):
        return None
    return RowError("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")


def validation_rule(fault: Fault, _call: Call, _sobject: SObject, draft: Draft) -> RowError | None:
    """Refuse a record whose field matches, or every record if no field is named."""
    field, message = fault.params["field"], fault.params["message"]
    if field and not re.search(fault.params["regex"], str(draft.after.get(field) or "")):
        return None
    return RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, (field,) if field else ())


def dup_rule(fault: Fault, call: Call, sobject: SObject, _draft: Draft) -> RowError | None:
    """Refuse by a duplicate rule, which Case does not support (3).

    A rule that only alerts is passed by a header, one that blocks is not (D).
    """
    if sobject.name != fault.params["object"]:
        return None
    wanted = call.header("sforce-duplicate-rule-header").replace(" ", "").lower()
    if fault.params["mode"] == "allow" and "allowsave=true" in wanted:
        return None
    return RowError("DUPLICATES_DETECTED", "Use one of these records?")


MADE_BY: dict[str, Callable[[Fault, Call, SObject, Draft], RowError | None]] = {
    "row_lock": row_lock,
    "wrapped_lock": wrapped_lock,
    "batch_retries": batch_retries,
    "storage_full": storage_full,
    "validation_rule": validation_rule,
    "dup_rule": dup_rule,
}
