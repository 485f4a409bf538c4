"""Save records: check all, refuse the bad ones, store the good ones together."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from . import ids
from .errors import RowError
from .fieldchecks import check, folded, missing
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


def save(sobject: SObject, drafts: list[Draft], write: Write) -> int:
    """Save what is good among the drafts; give the number of records stored."""
    for index, draft in enumerate(drafts):
        if not draft.errors:
            examine(sobject, index, draft, write)
    refuse_unknown_references(sobject, drafts, write)
    for unique in sobject.unique_fields:
        refuse_duplicates(sobject, unique, drafts, write)
    good = [d for d in drafts if not d.errors]
    finish(sobject, good, write)
    put(sobject, good, write)
    return len(good)


def examine(sobject: SObject, index: int, draft: Draft, write: Write) -> None:
    """Check one record's fields, then let armed troubles have their say."""
    creating = draft.before is None
    draft.after, draft.errors = check(sobject, draft.sent, creating=creating)
    if creating and not draft.errors:
        draft.errors = missing(sobject, draft.after)
    for trouble in write.troubles:
        if not draft.errors and (error := trouble(sobject, index, draft)):
            draft.errors = [error]


def refuse_unknown_references(sobject: SObject, drafts: list[Draft], write: Write) -> None:
    """Refuse records that point at others which are not there."""
    for reference in sobject.fields:
        if reference.type != "reference":
            continue
        pointing: dict[str, list[Draft]] = defaultdict(list)
        for draft in drafts:
            if not draft.errors and (target := draft.after.get(reference.name)):
                pointing[target].append(draft)
        for target, error in wrong_targets(reference, list(pointing), write.store):
            for draft in pointing[target]:
                draft.errors = [error]


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


def refuse_duplicates(sobject: SObject, unique: Field, drafts: list[Draft], write: Write) -> None:
    """Refuse records whose unique value another record holds, or an earlier one of the request."""
    wanting = [d for d in drafts if not d.errors and d.after.get(unique.name) is not None]
    values = [d.after[unique.name] for d in wanting]
    found = write.store.where_in(sobject, unique.name, values)
    holders = {folded(unique, row[unique.name]): row["Id"] for row in found}
    fresh: list[tuple[Draft, str]] = []
    for draft in wanting:
        value = folded(unique, draft.after[unique.name])
        if value in holders and holders[value] != draft.id:
            fresh.append((draft, holders[value]))
        elif draft.id is None:
            draft.id = new_id(sobject, write)
            holders[value] = draft.id
    for draft, holder in fresh:
        draft.errors = [duplicate(unique, holder)]


def duplicate(unique: Field, holder: str) -> RowError:
    """Name the field and the other record, by its 15-character id (3)."""
    message = (
        f"duplicate value found: {unique.name} duplicates value on record with id: "
        f"{ids.shorten(holder)}"
    )
    return RowError("DUPLICATE_VALUE", message)


def new_id(sobject: SObject, write: Write) -> str:
    """Take the next id of an sObject."""
    return ids.make(sobject.key_prefix, write.store.numbers(f"id {sobject.name}", 1)[0])


def finish(sobject: SObject, drafts: list[Draft], write: Write) -> None:
    """Fill in what the org itself knows: ids, numbers, defaults, times, owner."""
    news = [d for d in drafts if d.before is None]
    numbers = iter(write.store.numbers(f"number {sobject.name}", len(news)) if news else ())
    defaults = {f.name: f.default for f in sobject.fields if f.default is not None}
    for draft in drafts:
        if draft.before is None:
            draft.id = draft.id or new_id(sobject, write)
            draft.after = {
                **defaults,
                **draft.after,
                "Id": draft.id,
                "CreatedDate": write.now,
                "CreatedById": write.user_id,
                "IsDeleted": 0,
            }
            number(sobject, draft.after, next(numbers))
        else:
            draft.after = {**draft.before, **draft.after}
        stamp(draft.after, write)
        before_save(sobject, draft.before, draft.after, write)


def number(sobject: SObject, row: Row, value: int) -> None:
    """Give a record its automatic number: 8 digits for a Case (R)."""
    for auto in sobject.fields:
        if auto.auto_number:
            row[auto.name] = f"{1000 + value:08d}"


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


def history(draft: Draft, write: Write) -> list[tuple[object, ...]]:
    """List the changes of owner and status that a save makes."""
    before, after = draft.before or {}, draft.after
    return [
        (write.now, draft.id, name, before.get(name), after.get(name), int(write.by_agent))
        for name in ("OwnerId", "Status")
        if before.get(name) != after.get(name)
    ]
