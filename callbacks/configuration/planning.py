"""Reading: what making it so would take, step by step, and what cannot be made."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext

from callbacks.configuration.document import (
    LINES,
    NUMBERS,
    ROUTES,
    VERSION,
    Entry,
    Key,
    configured,
    fields_of,
    key_of,
    number_entry,
    number_of,
    route_entry,
    routes,
)
from callbacks.models import AnswerField, FieldMapping, FunctionRoute, ServiceNumber

ADDED, CHANGED, UNCHANGED, REMOVED, KEPT = "added", "changed", "unchanged", "removed", "kept"
MOST_CHARACTERS_SHOWN = 40
Made = TypeVar("Made")


@dataclass(frozen=True)
class Place:
    """Where in a document: the part, which of its entries, and the name in it."""

    part: str
    index: int = 0
    name: str = ""

    def __str__(self) -> str:
        entry = f"{self.part}[{self.index}]" if self.index else self.part
        return f"{entry}.{self.name}" if self.name else entry

    def at(self, name: str) -> "Place":
        return replace(self, name=f"{self.name}.{name}" if self.name else name)


class RefusedError(Exception):
    """The document cannot be used; the text names the place in it, and what is wrong."""

    def __init__(self, sentence: str, place: Place | None = None) -> None:
        super().__init__(sentence, place)
        self.sentence = sentence
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence


@dataclass(frozen=True)
class Unusable:
    """In place of a value that came in a form that means nothing; why, in a sentence."""

    sentence: str


class Change(NamedTuple):
    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Step:
    """What becomes of one record: added, changed, unchanged, removed or kept."""

    verb: str
    kind: str
    title: str
    changes: tuple[Change, ...] = ()
    apply: Callable[[], object] = lambda: None

    @property
    def what(self) -> str:
        return f"{self.kind} {self.title}"

    @property
    def details(self) -> list[str]:
        if self.verb == KEPT:
            return ["not in the document"]
        changes = self.changes if self.verb == CHANGED else ()
        return [f"{name}: {_shown(old)} → {_shown(new)}" for name, old, new in changes]


@dataclass(frozen=True)
class Plan:
    steps: list[Step] = field(default_factory=list)
    refused: list[RefusedError] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The same for two plans that would make the same of the same."""
        told = [(step.verb, step.kind, step.title, step.changes) for step in self.steps]
        return hashlib.sha256(repr(told).encode()).hexdigest()


def plan(read: object, *, prune: bool = False) -> Plan:
    """All that can be made of the document, and all that cannot. RefusedError if it is none."""
    made = Plan()
    entries = _entries(read)
    numbers = _named(made, entries[NUMBERS], _number_of)
    wanted = _named(made, entries[ROUTES], _key_of)
    known = {number.number: number for number in ServiceNumber.objects.all()}
    there = {key_of(route): route for route in routes()}
    known_numbers = known.keys() | numbers.keys()
    for number, (place, entry) in numbers.items():
        _take(made, partial(_number_step, place, entry, known.get(number)))
    for key, (place, entry) in wanted.items():
        _take(made, partial(_route_step, place, entry, there.get(key), known_numbers))
    named = {*numbers, *(number for number, _function in wanted)}
    left: list[FunctionRoute | ServiceNumber] = [
        *(there[key] for key in sorted(there.keys() - wanted.keys())),
        *configured().exclude(number__in=named).order_by("number"),
    ]
    made.steps.extend(_left_over(record, prune=prune) for record in left)
    return made


def steps(read: object, *, prune: bool) -> list[Step]:
    """The same, all or nothing: RefusedError for the first thing that is wrong."""
    planned = plan(read, prune=prune)
    if planned.refused:
        raise planned.refused[0]
    return planned.steps


def carry_out(planned: Iterable[Step]) -> None:
    """All of them, or none."""
    with transaction.atomic():
        for step in planned:
            step.apply()


def _take(made: Plan, make: Callable[[], Step]) -> None:
    try:
        made.steps.append(make())
    except RefusedError as refusal:
        made.refused.append(refusal)


# --- entries


def _entries(read: object) -> dict[str, list[tuple[Place, Entry]]]:
    """The two lists, each entry with its place in the document."""
    if not isinstance(read, dict):
        raise RefusedError(gettext("The document has no named parts."))
    if read.get("version") != VERSION:
        text = gettext("%(version)s is not understood; %(ours)s is.")
        found_version = {"version": read.get("version"), "ours": VERSION}
        raise RefusedError(text % found_version, Place("version"))
    if unknown := read.keys() - {"version", NUMBERS, ROUTES}:
        raise RefusedError(gettext("not known here."), Place(min(map(str, unknown))))
    found = {}
    for part in (NUMBERS, ROUTES):
        items = [] if read.get(part) is None else read[part]
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise RefusedError(gettext("expected a list of entries with named parts."), Place(part))
        found[part] = [(Place(part, index), item) for index, item in enumerate(items, 1)]
    return found


def _named(
    made: Plan, entries: list[tuple[Place, Entry]], name: Callable[[Place, Entry], Made]
) -> dict[Made, tuple[Place, Entry]]:
    found: dict[Made, tuple[Place, Entry]] = {}
    for place, entry in entries:
        try:
            key = name(place, entry)
        except RefusedError as refusal:
            made.refused.append(refusal)
            continue
        if key in found:
            text = gettext("means the same as %(other)s.") % {"other": found[key][0]}
            made.refused.append(RefusedError(text, place))
        found.setdefault(key, (place, entry))
    return found


def _number_of(place: Place, entry: Entry) -> str:
    written = _text(place.at("number"), entry.get("number"))
    if not written:
        raise RefusedError(gettext("is missing."), place.at("number"))
    return number_of(written)


def _key_of(place: Place, entry: Entry) -> Key:
    written = _text(place.at("service_number"), entry.get("service_number") or "")
    return number_of(written), _text(place.at("function"), entry.get("function", "")).lower()


# --- steps


def _number_step(place: Place, entry: Entry, there: ServiceNumber | None) -> Step:
    before = number_entry(there) | {"adopted": there.adopted} if there else {}
    number = there or ServiceNumber()
    wanted = _filled(number, place, entry) | {"number": _number_of(place, entry), "adopted": True}
    number.number, number.adopted = wanted["number"], True
    _check(place, number)
    columns = list(wanted) if there else None  # when it was seen last is not ours to write
    write = partial(number.save, update_fields=columns)
    defaults = number_entry(ServiceNumber()) | {"adopted": True}
    return _step("service number", str(number), before, wanted, write, defaults=defaults)


def _route_step(
    place: Place, entry: Entry, there: FunctionRoute | None, known: Iterable[str]
) -> Step:
    before = route_entry(there) if there else {}
    route = there or FunctionRoute()
    number, templates = _key_of(place, entry)[0], _templates(place, entry)
    if number and number not in known:
        text = gettext("%(number)s is not among the service numbers.") % {"number": number}
        raise RefusedError(text, place.at("service_number"))
    own = {name: entry[name] for name in entry.keys() - {*templates, "service_number"}}
    wanted = _filled(route, place, own) | {"service_number": number or None} | templates
    _check(place, route, exclude=["service_number"])
    lines: list[FieldMapping | AnswerField] = [
        *(FieldMapping(route=route, field=n, template=t) for n, t in templates["fields"].items()),
        *(AnswerField(route=route, name=n, template=t) for n, t in templates["answer"].items()),
    ]
    for line in lines:
        part = "fields" if isinstance(line, FieldMapping) else "answer"
        _check(place.at(part).at(str(line)), line, exclude=["route"])
    write = partial(_write, route, number, lines)
    defaults = {each.name: each.get_default() for each in fields_of(FunctionRoute)}
    return _step("route", route.name, before, wanted, write, defaults=defaults)


def _write(route: FunctionRoute, number: str, lines: list[FieldMapping | AnswerField]) -> None:
    route.service_number = ServiceNumber.objects.get(number=number) if number else None
    route.save()
    before: list[FieldMapping | AnswerField] = []
    before += route.mappings.all()
    before += route.answer_fields.all()
    there = {_named_as(line): line for line in before}
    for line in lines:
        if known := there.pop(_named_as(line), None):
            line.pk = known.pk
        line.save()
    for left in there.values():
        left.delete()


def _named_as(line: FieldMapping | AnswerField) -> tuple[type, str]:
    return type(line), str(line).lower()


def _left_over(record: FunctionRoute | ServiceNumber, *, prune: bool) -> Step:
    kind = "route" if isinstance(record, FunctionRoute) else "service number"
    if prune:
        return Step(REMOVED, kind, str(record), (), record.delete)
    return Step(KEPT, kind, str(record))


# --- values


def _filled(record: models.Model, place: Place, entry: Entry) -> Entry:
    """Put the entry's values, and defaults for what it leaves out, into the record."""
    fields = {each.name: each for each in fields_of(type(record))}
    if unknown := entry.keys() - fields.keys():
        raise RefusedError(gettext("not known here."), place.at(min(map(str, unknown))))
    values = {
        name: _value(place.at(name), each, entry[name]) if name in entry else each.get_default()
        for name, each in fields.items()
    }
    for name, value in values.items():
        setattr(record, name, value)
    return values


def _value(place: Place, column: "models.Field[Any, Any]", value: object) -> object:
    if isinstance(column, models.CharField | models.TextField):
        return _text(place, value)
    kind: type = bool if isinstance(column, models.BooleanField) else int
    if isinstance(value, Unusable):
        raise RefusedError(value.sentence, place)
    if type(value) is not kind:
        is_bool = kind is bool
        expected = (
            gettext("expected true or false.") if is_bool else gettext("expected a whole number.")
        )
        raise RefusedError(expected, place)
    return value


def _text(place: Place, value: object) -> str:
    """What YAML takes for a number or for yes and no has lost how it was written."""
    if isinstance(value, Unusable):
        raise RefusedError(value.sentence, place)
    if not isinstance(value, str):
        raise RefusedError(gettext("expected text; put it in quotes."), place)
    return value


def _templates(place: Place, entry: Entry) -> dict[str, dict[str, str]]:
    found = {}
    for part in LINES:
        at, named = place.at(part), entry.get(part) or {}
        if not isinstance(named, dict):
            raise RefusedError(gettext("expected names with templates."), at)
        found[part] = {str(name): _text(at.at(str(name)), named[name]) for name in named}
        if len({name.lower() for name in found[part]}) < len(named):
            raise RefusedError(gettext("a name is there twice, in other capitals."), at)
    return found


def _check(place: Place, record: models.Model, *, exclude: Iterable[str] = ()) -> None:
    """As the admin does; what is there twice was found before."""
    try:
        record.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        name, said = next(iter(error.message_dict.items()))
        raise RefusedError(said[0], place if name == "__all__" else place.at(name)) from error


# --- comparing


def _step(
    kind: str,
    title: str,
    before: Entry,
    wanted: Entry,
    apply: Callable[[], object],
    *,
    defaults: Entry,
) -> Step:
    if not before:
        return Step(ADDED, kind, title, tuple(_changes(defaults, wanted)), apply)
    changes = tuple(_changes(before, wanted))
    return Step(CHANGED, kind, title, changes, apply) if changes else Step(UNCHANGED, kind, title)


def _changes(
    before: Mapping[str, Any], wanted: Mapping[str, Any], at: str = ""
) -> Iterator[Change]:
    for name in {**before, **wanted}:
        old, new = before.get(name), wanted.get(name)
        if isinstance(new, dict):
            yield from _changes(old or {}, new, f"{name}.")
        elif old != new:
            yield Change(f"{at}{name}", old, new)


def _shown(value: object) -> str:
    text = "nothing" if value is None else str(value).replace("\n", " ")
    return text if len(text) <= MOST_CHARACTERS_SHOWN else f"{text[:MOST_CHARACTERS_SHOWN]}…"
