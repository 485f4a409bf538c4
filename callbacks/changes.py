"""What was changed of the configuration: told as one entry for each saving, and taken back.

A record is followed together with its lines, which are the records that go when it goes: a route
with its fields and the variables of its answer. Callers and callbacks are not followed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeAlias

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.db.models import CASCADE, Exists, OuterRef, Q
from django.db.models.signals import post_save

from callbacks.models.change import say_why

KEPT_DAYS = 730
ONE_SAVING = timedelta(seconds=2)  # a form writes a record and its lines one after the other
CREATED, CHANGED, DELETED = "+", "~", "-"

Model: TypeAlias = type[models.Model]
Column: TypeAlias = "models.Field[Any, Any]"
Columns: TypeAlias = Mapping[Column, Any]


class SupersededError(Exception):
    """Somebody else has changed the record meanwhile."""


@dataclass(frozen=True)
class State:
    """A record at some time, and its lines by model and primary key. Nothing if it was not there."""

    columns: Columns = field(default_factory=dict)
    lines: Mapping[Model, Mapping[int, Columns]] = field(default_factory=dict)

    def templates(self, model: Model) -> dict[str, str]:
        """What fills each line of this model, by the line's name."""
        lines = (_built(model, columns) for columns in self.lines.get(model, {}).values())
        return {str(line): line.template for line in lines}


@dataclass(frozen=True)
class Difference:
    """Of a column, or of the line that is called so. None is nothing there."""

    of: "Column | Model"
    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Entry:
    """One saving, by whom, and what it left. `key` names it among those of its record."""

    key: str
    at: datetime
    person: str
    verb: str
    reason: str
    before: State
    after: State


@dataclass(frozen=True)
class Latest:
    """A saving of some record, without what it changed."""

    model: Model
    pk: int
    at: datetime
    person: str
    verb: str


def announce(record: models.Model, *, reason: str = "") -> None:
    """Tell whoever follows savings of what an UPDATE changed, of which Django says nothing."""
    record.refresh_from_db()
    say_why(record, reason)
    post_save.send(type(record), instance=record, created=False, raw=False, using=DEFAULT_DB_ALIAS)


def recorded() -> list[Model]:
    """All models whose changes are kept."""
    return [model for model in apps.get_models() if hasattr(model, "history")]


def records() -> list[Model]:
    """Those of them that are no lines of another."""
    lines = {line for model in recorded() for line in lines_of(model)}
    return [model for model in recorded() if model not in lines]


def lines_of(model: Model) -> list[Model]:
    """What goes when a record of it goes, and is told with it."""
    return [relation.model for relation in _lines_of(model)]


# --- telling


def entries(model: Model, pk: int) -> list[Entry]:
    """The newest first."""
    told: list[Entry] = []
    for rows, after in _followed(model, _savings(model, pk)):
        own = [row.history_type for row in rows if row.instance_type is model]
        told.append(
            Entry(
                key=f"{rows[0]._meta.model_name}-{rows[0].history_id}",
                at=rows[-1].history_date,
                person=rows[-1].person_name,
                verb=own[-1] if own else CHANGED,
                reason=next((r.history_change_reason for r in rows if r.history_change_reason), ""),
                before=told[-1].after if told else State(),
                after=after,
            )
        )
    return told[::-1]


def differences(old: State, new: State) -> Iterator[Difference]:
    for column in {**old.columns, **new.columns}:
        was, became = old.columns.get(column), new.columns.get(column)
        if was != became:
            yield Difference(column, column.name, was, became)
    for model in {**old.lines, **new.lines}:
        then, now = old.templates(model), new.templates(model)
        for name in sorted({**then, **now}):
            if then.get(name) != now.get(name):
                yield Difference(model, name, then.get(name), now.get(name))


def latest(models: Iterable[Model], most: int) -> list[Latest]:
    """Of all records of these models, also of those that are gone: the newest first."""
    found: list[tuple[Any, Model, int]] = []
    for model in models:
        found += [(row, model, getattr(row, _key_of(model))) for row in _history(model)[:most]]
        for relation in _lines_of(model):
            rows = _history(relation.model)[:most]
            found += [(row, model, getattr(row, relation.attname)) for row in rows]
    told: list[Latest] = []
    last: tuple[Any, Model, int] | None = None
    for each in sorted(found, key=lambda one: one[0].history_date, reverse=True)[:most]:
        row, model, pk = each
        verb = row.history_type if row.instance_type is model else CHANGED
        is_same = last is not None and last[1:] == (model, pk) and _belongs(last[0], row)
        last = each
        if not is_same:
            told.append(Latest(model, pk, row.history_date, row.person_name, verb))
        elif verb != CHANGED:
            told[-1] = replace(told[-1], verb=verb)
    return told


def titles(model: Model, pks: Iterable[int]) -> dict[int, str]:
    """What records are called, or were called last."""
    wanted = set(pks)
    known = {pk: str(record) for pk, record in _records(model).in_bulk(wanted).items()}
    gone = _history(model).filter(**{f"{_key_of(model)}__in": wanted - known.keys()})
    past = {getattr(row, _key_of(model)): str(row.history_object) for row in gone.reverse()}
    return past | known


def _savings(model: Model, pk: int) -> Iterator[list[Any]]:
    """What the history has of the record and its lines, the oldest first, by saving."""
    rows = list(_history(model).filter(**{_key_of(model): pk}))
    for relation in _lines_of(model):
        rows += _history(relation.model).filter(**{relation.attname: pk})
    saving: list[Any] = []
    for row in sorted(rows, key=attrgetter("history_date", "history_id")):
        if saving and not _belongs(row, saving[-1]):
            yield saving
            saving = []
        saving.append(row)
    if saving:
        yield saving


def _belongs(row: Any, last: Any) -> bool:
    apart: timedelta = row.history_date - last.history_date
    return apart < ONE_SAVING and bool(row.history_user_id == last.history_user_id)


def _followed(model: Model, savings: Iterable[list[Any]]) -> Iterator[tuple[list[Any], State]]:
    """Each saving with the state that it left."""
    columns: Columns = {}
    lines: dict[Model, dict[int, Columns]] = {}
    for rows in savings:
        for row in rows:
            known = {} if row.history_type == DELETED else _columns(row)
            if row.instance_type is model:
                columns = known
            else:
                of_model = lines.setdefault(row.instance_type, {})
                of_model[getattr(row, _key_of(row.instance_type))] = known
        left = {m: {pk: line for pk, line in each.items() if line} for m, each in lines.items()}
        yield rows, State(columns, left)


def _columns(row: Any) -> Columns:
    return {f: getattr(row, f.attname) for f in row.tracked_fields if not f.primary_key}


def _history(model: Model) -> "models.QuerySet[Any]":
    records: Any = model
    history: models.QuerySet[Any] = records.history.all()
    return history


def _records(model: Model) -> "models.QuerySet[Any]":
    return model._default_manager.all()  # noqa: SLF001 - public, by Django's docs


def _key_of(model: Model) -> str:
    return model._meta.pk.attname


def _lines_of(model: Model) -> "list[models.ForeignObject[Any, Any]]":
    """What leads from lines to their record."""
    return [
        relation.field
        for relation in model._meta.related_objects
        if relation.on_delete is CASCADE and hasattr(relation.related_model, "history")
    ]


def _built(model: Model, columns: Columns, **more: Any) -> Any:
    return model(**{column.attname: value for column, value in columns.items()}, **more)


# --- taking back


def restore(model: Model, pk: int, state: State, *, seen: str) -> models.Model:
    """Make the record as it was then, also if it is gone by now. Returns it.

    ValidationError if that may not be any more; SupersededError if the newest entry is another than
    the one that was `seen`.
    """
    there = _records(model).filter(pk=pk).first()
    record = there or model(pk=pk)
    for column, value in state.columns.items():
        setattr(record, column.attname, value)
    record.full_clean()
    lines = list(_checked_lines(record, state))
    with transaction.atomic():
        if there:
            _records(model).select_for_update().get(pk=pk)
        if entries(model, pk)[0].key != seen:
            raise SupersededError
        _write(record, lines)
    return record


def _checked_lines(record: models.Model, state: State) -> Iterator[models.Model]:
    for relation in _lines_of(type(record)):
        for pk, columns in state.lines.get(relation.model, {}).items():
            line = _built(relation.model, columns, pk=pk)
            setattr(line, relation.name, record)
            line.full_clean([relation.name], validate_unique=False, validate_constraints=False)
            yield line


def _write(record: models.Model, lines: Iterable[models.Model]) -> None:
    record.save()
    kept = {(type(line), line.pk) for line in lines}
    for relation in _lines_of(type(record)):
        for line in _records(relation.model).filter(**{relation.name: record}):
            if (type(line), line.pk) not in kept:
                line.delete()
    for line in lines:
        line.save()


# --- forgetting


def forget_old(model: Model, *, now: datetime) -> int:
    """Delete what is older than KEPT_DAYS, but the last state before then. Returns how many."""
    old = _history(model).filter(history_date__lt=now - timedelta(days=KEPT_DAYS))
    key = _key_of(model)
    later = old.filter(**{key: OuterRef(key)}, history_date__gt=OuterRef("history_date"))
    return old.filter(Exists(later) | Q(history_type=DELETED)).delete()[0]
