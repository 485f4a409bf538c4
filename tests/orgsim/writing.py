"""Save records: check all, refuse the bad ones, store the good ones together."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import ids
from .errors import RowError
from .fieldchecks import check, folded, missing
from .founding import USABLE_RECORD_TYPES
from .schema import Field, SObject
from .store import Row, Store
from .triggers import Rules, before_save


@dataclass(slots=True)
class Draft:
    """One record on its way: what was sent, what stands already, what will stand."""

    sent: Row
    id: str | None = None
    before: Row | None = None
    after: Row = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    removing: bool = False

    @property
    def created(self) -> bool:
        """Whether it was not there before."""
        return self.before is None


Trouble = Callable[[SObject, int, Draft], RowError | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Who writes, when, and under which conditions."""

    store: Store
    user_id: str
    now: str
    rules: Rules
    auto_assign: bool = True
    by_agent: bool = False
    troubles: Sequence[Trouble] = ()
    private: frozenset[str] = frozenset()


def save(sobject: SObject, drafts: list[Draft], write: Write) -> int:
    """Save what is good among the drafts; give the number of records stored."""
    for index, draft in enumerate(drafts):
        if not draft.errors:
            examine(sobject, index, draft, write)
    refuse_unknown_references(sobject, drafts, write)
    refuse_record_types(drafts, write)
    identify(sobject, drafts, write)
    for unique in sobject.unique_fields:
        refuse_duplicates(sobject, unique, drafts, write)
    good = [d for d in drafts if not d.errors]
    finish(sobject, good, write)
    put(sobject, good, write)
    return len(good)


def examine(sobject: SObject, index: int, draft: Draft, write: Write) -> None:
    """Check one record's fields, then let armed troubles have their say."""
    creating = draft.before is None
    if not (sobject.createable if creating else sobject.updateable):
        draft.errors = [unsupported(sobject, "create" if creating else "update")]
        return
    draft.after, draft.errors = check(sobject, draft.sent, creating=creating)
    if not draft.errors:
        draft.errors = missing(sobject, draft.after, creating=creating)
    for trouble in write.troubles:
        if not draft.errors and (error := trouble(sobject, index, draft)):
            draft.errors = [error]


def unsupported(sobject: SObject, what: str) -> RowError:
    """Say that this kind of record is not for the API to write (M for the code)."""
    message = f"entity type {sobject.name} does not support {what}"
    return RowError("INVALID_TYPE_FOR_OPERATION", message)


def refuse_unknown_references(sobject: SObject, drafts: list[Draft], write: Write) -> None:
    """Refuse records that point at others which are not there."""
    for reference in sobject.references:
        pointing: dict[str, list[Draft]] = defaultdict(list)
        for draft in drafts:
            if not draft.errors and (target := draft.after.get(reference.name)):
                pointing[target].append(draft)
        for target, error in wrong_targets(reference, list(pointing), write.store):
            for draft in pointing[target]:
                draft.errors = [error]


def refuse_record_types(drafts: list[Draft], write: Write) -> None:
    """Refuse record types that our user was not given, or that are no longer used (M)."""
    for draft in drafts:
        given = None if draft.errors or write.by_agent else draft.after.get("RecordTypeId")
        if given and given not in USABLE_RECORD_TYPES:
            message = f"Record Type ID: this ID value isn't valid for the user: {given}"
            code = "INVALID_CROSS_REFERENCE_KEY"
            draft.errors = [RowError(code, message, ("RecordTypeId",))]


def wrong_targets(reference: Field, targets: list[str], store: Store) -> list[tuple[str, RowError]]:
    """Give the targets that cannot be referred to, each with the reason."""
    wrong = []
    for name in reference.refers_to:
        sobject = store.schema.find(name)
        mine = [t for t in targets if sobject and t.startswith(sobject.key_prefix)]
        targets = [t for t in targets if t not in mine]
        if sobject is None or not mine:
            continue
        deleted = {
            r["Id"]: r["IsDeleted"] for r in store.where_in(sobject, "Id", mine, deleted=True)
        }
        wrong += [(t, dangling(exists=t in deleted)) for t in mine if deleted.get(t, 1)]
    message = f"{reference.label or reference.name}: id value of incorrect type: "
    return wrong + [(t, RowError("MALFORMED_ID", message + t, (reference.name,))) for t in targets]


def dangling(*, exists: bool) -> RowError:
    """Say that a referred record is in the recycle bin, or never was."""
    if exists:
        return RowError("ENTITY_IS_DELETED", "entity is deleted")
    return RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")


def identify(sobject: SObject, drafts: list[Draft], write: Write) -> None:
    """Give ids to the new records that are good so far; those refused later burn theirs."""
    news = [d for d in drafts if d.before is None and not d.errors]
    numbers = write.store.numbers(f"id {sobject.name}", len(news)) if news else range(0)
    for draft, value in zip(news, numbers, strict=True):
        draft.id = ids.make(sobject.key_prefix, value)


def refuse_duplicates(sobject: SObject, unique: Field, drafts: list[Draft], write: Write) -> None:
    """Refuse records whose unique value another record holds, or an earlier one of the request."""
    wanting = [d for d in drafts if not d.errors and d.after.get(unique.name) is not None]
    values = [d.after[unique.name] for d in wanting]
    found = write.store.where_in(sobject, unique.name, values)
    hidden = {
        row["Id"]
        for row in found
        if sobject.name in write.private and row["OwnerId"] != write.user_id
    }
    holders: dict[Any, str] = {folded(unique, row[unique.name]): row["Id"] for row in found}
    for draft in wanting:
        holder = holders.setdefault(folded(unique, draft.after[unique.name]), draft.id or "")
        if holder != draft.id:
            draft.errors = [MASKED if holder in hidden else duplicate(unique, holder)]


# What a clash says when the user cannot see the other record (3).
MASKED = RowError(
    "DUPLICATE_VALUE",
    "duplicate value found: <unknown> duplicates value on record with id: <unknown>",
)


def duplicate(unique: Field, holder: str) -> RowError:
    """Name the field and the other record, by its 15-character id (3)."""
    message = (
        f"duplicate value found: {unique.name} duplicates value on record with id: "
        f"{ids.shorten(holder)}"
    )
    return RowError("DUPLICATE_VALUE", message)


def finish(sobject: SObject, drafts: list[Draft], write: Write) -> None:
    """Fill in what the org itself knows: numbers, defaults, times, owner."""
    news = [d for d in drafts if d.before is None]
    numbers = iter(write.store.numbers(f"number {sobject.name}", len(news)) if news else ())
    for draft in drafts:
        if draft.before is None:
            draft.after = first_form(sobject, draft, write, next(numbers))
        else:
            draft.after = {**draft.before, **draft.after}
        stamp(draft.after, write)
        before_save(sobject, draft.before, draft.after, write)


def first_form(sobject: SObject, draft: Draft, write: Write, number: int) -> Row:
    """Give a new record with what is filled in once; automatic numbers have 8 digits (R)."""
    return {
        **sobject.defaults,
        **draft.after,
        **dict.fromkeys(sobject.auto_numbers, f"{1000 + number:08d}"),
        "Id": draft.id,
        "CreatedDate": write.now,
        "CreatedById": write.user_id,
        "IsDeleted": 0,
    }


def stamp(row: Row, write: Write) -> None:
    """Note who changed a record and when."""
    row["LastModifiedDate"] = row["SystemModstamp"] = write.now
    row["LastModifiedById"] = write.user_id


def put(sobject: SObject, drafts: list[Draft], write: Write) -> None:
    """Write the finished records in two statements, and remember who changed owner and status."""
    write.store.insert(sobject, [d.after for d in drafts if d.before is None])
    changed = [d for d in drafts if d.before is not None]
    if not changed:
        return
    write.store.replace(sobject, [d.after for d in changed])
    write.store.db.executemany(
        "INSERT INTO sim_history VALUES (?, ?, ?, ?, ?, ?)",
        [entry for d in changed for entry in history(d, write)],
    )


def discarded(row: Row, user_id: str, now: str) -> Row:
    """Give a record as it lies in the recycle bin."""
    return {
        **row,
        "IsDeleted": 1,
        "SystemModstamp": now,
        "LastModifiedDate": now,
        "LastModifiedById": user_id,
    }


def history(draft: Draft, write: Write) -> list[tuple[object, ...]]:
    """List the changes of owner and status that a save makes."""
    before, after = draft.before or {}, draft.after
    return [
        (write.now, draft.id, name, before.get(name), after.get(name), int(write.by_agent))
        for name in ("OwnerId", "Status")
        if before.get(name) != after.get(name)
    ]
