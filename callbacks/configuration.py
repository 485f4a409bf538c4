"""Service numbers and routes as a document: written in a fixed order, read back as steps.

A document says all of what it names: what it leaves out of a route has its default. It never holds
a secret. What it does not name stays, unless somebody asks for the rest to go.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction

from callbacks.models import AnswerField, FieldMapping, FunctionRoute, ServiceNumber
from callbacks.phone import to_e164

VERSION = 1
NUMBERS, ROUTES = "service_numbers", "routes"
MOST_CHARACTERS_SHOWN = 40
Entry = dict[str, Any]
Key = tuple[str, str]  # of a route: service number, and function in lower case


class RefusedError(Exception):
    """The document cannot be used; the text names the place in it, and what is wrong."""


@dataclass(frozen=True)
class Step:
    """What becomes of one record: added, changed, unchanged, removed or kept."""

    verb: str
    what: str
    details: tuple[str, ...] = ()
    apply: Callable[[], object] = lambda: None


# --- writing


def document() -> Entry:
    return {
        "version": VERSION,
        NUMBERS: [_number_entry(number) for number in _configured().order_by("number")],
        ROUTES: [_route_entry(route) for route in sorted(_routes(), key=_key)],
    }


def _configured() -> "models.QuerySet[ServiceNumber]":
    """Without those that were only seen: that is no decision of anybody."""
    is_configured = models.Q(adopted=True) | models.Q(routes__isnull=False)
    return ServiceNumber.objects.filter(is_configured).distinct()


def _routes() -> "models.QuerySet[FunctionRoute]":
    routes = FunctionRoute.objects.select_related("service_number")
    return routes.prefetch_related("mappings", "answer_fields")


def _number_entry(number: ServiceNumber) -> Entry:
    return {field.name: getattr(number, field.name) for field in _fields(ServiceNumber)}


def _route_entry(route: FunctionRoute) -> Entry:
    own = {field.name: getattr(route, field.name) for field in _fields(FunctionRoute)}
    return {
        "name": own.pop("name"),
        "service_number": route.service_number.number if route.service_number else None,
        **own,
        "fields": {each.field: each.template for each in route.mappings.all()},
        "answer": {each.name: each.template for each in route.answer_fields.all()},
    }


def _fields(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    """What a person decides; whether a number is adopted follows from its being named."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable and not (field.primary_key or field.is_relation)
        if field.name != "adopted"
    ]


def _key(route: FunctionRoute) -> Key:
    number = route.service_number.number if route.service_number else ""
    return number, route.function.lower()


# --- reading


def steps(read: object, *, prune: bool) -> list[Step]:
    """What making it so would take, in order. RefusedError."""
    entries = _entries(read)
    numbers = _named(entries[NUMBERS], _number_of)
    routes = _named(entries[ROUTES], _key_of)
    known = {number.number: number for number in ServiceNumber.objects.all()}
    there = {_key(route): route for route in _routes()}
    for (number, _function), (at, _entry) in routes.items():
        if number and number not in known and number not in numbers:
            raise RefusedError(f"{at}.service_number: {number} is not among {NUMBERS}.")
    named = {*numbers, *(number for number, _function in routes)}
    left: list[FunctionRoute | ServiceNumber] = [
        *(there[key] for key in sorted(there.keys() - routes.keys())),
        *_configured().exclude(number__in=named).order_by("number"),
    ]
    return [
        *(_number_step(at, entry, known.get(key)) for key, (at, entry) in numbers.items()),
        *(_route_step(at, entry, there.get(key)) for key, (at, entry) in routes.items()),
        *(_left_over(record, prune=prune) for record in left),
    ]


def carry_out(planned: Iterable[Step]) -> None:
    """All of them, or none."""
    with transaction.atomic():
        for step in planned:
            step.apply()


def _entries(read: object) -> dict[str, list[tuple[str, Entry]]]:
    """The two lists, each entry with its place in the document."""
    if not isinstance(read, dict):
        raise RefusedError("The document has no named parts.")
    if read.get("version") != VERSION:
        raise RefusedError(f"version: {read.get('version')} is not understood; {VERSION} is.")
    if unknown := read.keys() - {"version", NUMBERS, ROUTES}:
        raise RefusedError(f"{min(map(str, unknown))}: not known here.")
    found = {}
    for part in (NUMBERS, ROUTES):
        items = [] if read.get(part) is None else read[part]
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise RefusedError(f"{part}: expected a list of entries with named parts.")
        found[part] = [(f"{part}[{index}]", item) for index, item in enumerate(items, 1)]
    return found


def _named(
    entries: list[tuple[str, Entry]], name: Callable[[str, Entry], Any]
) -> dict[Any, tuple[str, Entry]]:
    found: dict[Any, tuple[str, Entry]] = {}
    for at, entry in entries:
        key = name(at, entry)
        if key in found:
            raise RefusedError(f"{at}: means the same as {found[key][0]}.")
        found[key] = at, entry
    return found


def _number_of(at: str, entry: Entry) -> str:
    written = _text(f"{at}.number", entry.get("number"))
    if not written:
        raise RefusedError(f"{at}.number: is missing.")
    return to_e164(written, settings.JTEL_DEFAULT_REGION) or written


def _key_of(at: str, entry: Entry) -> Key:
    written = _text(f"{at}.service_number", entry.get("service_number") or "")
    number = to_e164(written, settings.JTEL_DEFAULT_REGION) or written
    return number, _text(f"{at}.function", entry.get("function", "")).lower()


def _number_step(at: str, entry: Entry, there: ServiceNumber | None) -> Step:
    before = _number_entry(there) | {"adopted": there.adopted} if there else {}
    number = there or ServiceNumber()
    wanted = _filled(number, at, entry) | {"number": _number_of(at, entry), "adopted": True}
    number.number, number.adopted = wanted["number"], True
    _check(at, number)
    return _step(f"service number {number}", before, wanted, number.save)


def _route_step(at: str, entry: Entry, there: FunctionRoute | None) -> Step:
    before = _route_entry(there) if there else {}
    route = there or FunctionRoute()
    number, templates = _key_of(at, entry)[0], _templates(at, entry)
    own = {name: entry[name] for name in entry.keys() - {*templates, "service_number"}}
    wanted = _filled(route, at, own) | {"service_number": number or None} | templates
    _check(at, route, exclude=["service_number"])
    lines: list[FieldMapping | AnswerField] = [
        *(FieldMapping(route=route, field=n, template=t) for n, t in templates["fields"].items()),
        *(AnswerField(route=route, name=n, template=t) for n, t in templates["answer"].items()),
    ]
    for line in lines:
        part = "fields" if isinstance(line, FieldMapping) else "answer"
        _check(f"{at}.{part}.{line}", line, exclude=["route"])
    return _step(f"route {route.name}", before, wanted, partial(_write, route, number, lines))


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


def _filled(record: models.Model, at: str, entry: Entry) -> Entry:
    """Put the entry's values, and defaults for what it leaves out, into the record."""
    fields = {field.name: field for field in _fields(type(record))}
    if unknown := entry.keys() - fields.keys():
        raise RefusedError(f"{at}.{min(map(str, unknown))}: not known here.")
    values = {
        name: _value(f"{at}.{name}", field, entry[name]) if name in entry else field.get_default()
        for name, field in fields.items()
    }
    for name, value in values.items():
        setattr(record, name, value)
    return values


def _value(at: str, field: "models.Field[Any, Any]", value: object) -> object:
    if isinstance(field, models.CharField | models.TextField):
        return _text(at, value)
    kind: type = bool if isinstance(field, models.BooleanField) else int
    if type(value) is not kind:
        expected = "true or false" if kind is bool else "a whole number"
        raise RefusedError(f"{at}: expected {expected}.")
    return value


def _text(at: str, value: object) -> str:
    """What YAML takes for a number or for yes and no has lost how it was written."""
    if not isinstance(value, str):
        raise RefusedError(f"{at}: expected text; put it in quotes.")
    return value


def _templates(at: str, entry: Entry) -> dict[str, dict[str, str]]:
    found = {}
    for part in ("fields", "answer"):
        named = entry.get(part) or {}
        if not isinstance(named, dict):
            raise RefusedError(f"{at}.{part}: expected names with templates.")
        found[part] = {str(name): _text(f"{at}.{part}.{name}", named[name]) for name in named}
        if len({name.lower() for name in found[part]}) < len(named):
            raise RefusedError(f"{at}.{part}: a name is there twice, in other capitals.")
    return found


def _check(at: str, record: models.Model, *, exclude: Iterable[str] = ()) -> None:
    """As the admin does; what is there twice was found before."""
    try:
        record.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        name, said = next(iter(error.message_dict.items()))
        place = at if name == "__all__" else f"{at}.{name}"
        raise RefusedError(f"{place}: {said[0]}") from error


# --- comparing


def _step(what: str, before: Entry, wanted: Entry, apply: Callable[[], object]) -> Step:
    if not before:
        return Step("added", what, (), apply)
    details = tuple(_differences(before, wanted))
    return Step("changed", what, details, apply) if details else Step("unchanged", what)


def _differences(before: Mapping[str, Any], wanted: Mapping[str, Any], at: str = "") -> list[str]:
    found: list[str] = []
    for name in {**before, **wanted}:
        old, new = before.get(name), wanted.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            found += _differences(old, new, f"{name}.")
        elif old != new:
            found.append(f"{at}{name}: {_shown(old)} → {_shown(new)}")
    return found


def _shown(value: object) -> str:
    text = "nothing" if value is None else str(value).replace("\n", " ")
    return text if len(text) <= MOST_CHARACTERS_SHOWN else f"{text[:MOST_CHARACTERS_SHOWN]}…"


def _left_over(record: FunctionRoute | ServiceNumber, *, prune: bool) -> Step:
    kind = "route" if isinstance(record, FunctionRoute) else "service number"
    if prune:
        return Step("removed", f"{kind} {record}", (), record.delete)
    return Step("kept", f"{kind} {record}", ("not in the document",))
