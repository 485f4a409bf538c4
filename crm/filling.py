"""The fields of a record one by one, as a route would fill them: each with what is wrong with it.

For sending all of it has to fit; who writes templates needs to see which does not.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, ngettext

from callbacks.models import FunctionRoute
from callbacks.trials import Filled
from crm.mapping import (
    NOT_FOR_TEMPLATES,
    CallbackFacts,
    Filling,
    MappingError,
    fillable,
    mapped_field,
    recipe,
    update_recipe,
)
from crm.recipes import Outlook, owner_id, record_type_id
from crm.values import cleaned, reader_of, room_in, units
from crm.wire import Description

Made = Filling | Mapping[str, Any]  # how it is filled for each callback, or with what for all
Makers = dict[str, Callable[[], Made]]


def filled(route: FunctionRoute, facts: CallbackFacts, outlook: Outlook) -> list[Filled]:
    """Those first that the route names. MappingError if there is no such kind of record."""
    description = outlook.describe(route.target)
    key_field = route.key_field or settings.SALESFORCE_KEY_FIELD
    if route.action == FunctionRoute.Action.UPDATE:
        own = _makers(_changed_field, description, key_field, route)
        lines = [_line(description, name, make, facts) for name, make in own.items()]
        return _corrected(lines, description, facts)
    own = _makers(mapped_field, description, key_field, route)
    own |= _named_by_route(route, description, outlook, {name.lower() for name in own})
    notes = {"RecordTypeId": route.record_type, "OwnerId": route.owner}
    lines = [_line(description, name, make, facts) for name, make in own.items()]
    lines = [replace(line, note=notes.get(line.field, "")) for line in lines]
    lines += _usual(description, key_field, own, facts)
    return _corrected(lines, description, facts)


def _corrected(lines: list[Filled], description: Description, facts: CallbackFacts) -> list[Filled]:
    """With what a person put into fields of this callback's record, in place of what was there."""
    made = {
        name: replace(
            _line(description, name, partial(_put, description, name, text), facts),
            note=gettext("corrected"),
        )
        for name, text in facts.corrected.items()
    }
    return [made.pop(line.field, line) for line in lines] + list(made.values())


def _put(description: Description, name: str, text: str) -> Made:
    return Filling(name, lambda _facts: text, reader_of(fillable(description, name)))


def _makers(
    make: Callable[[Description, str, str, str], Made],
    description: Description,
    key_field: str,
    route: FunctionRoute,
) -> Makers:
    return {
        name: partial(make, description, key_field, name, template)
        for name, template in route.templates.items()
    }


def _changed_field(description: Description, key_field: str, name: str, template: str) -> Made:
    made = update_recipe(description, key_field, {name: template})
    return made.fillings[0] if made.fillings else made.constants


def _named_by_route(
    route: FunctionRoute, description: Description, outlook: Outlook, mapped: set[str]
) -> Makers:
    named: Makers = {}
    if route.record_type and "recordtypeid" not in mapped:
        named["RecordTypeId"] = lambda: {"": record_type_id(route.record_type, description)}
    if route.owner and "ownerid" not in mapped:
        named["OwnerId"] = lambda: {"": owner_id(route.owner, outlook)}
    return named


def _usual(
    description: Description, key_field: str, own: Makers, facts: CallbackFacts
) -> Iterator[Filled]:
    """What such a record gets of which the route says nothing."""
    impossible = NOT_FOR_TEMPLATES | {key_field.lower()}
    try:
        left_out = {name: "" for name in own if name.lower() not in impossible}
        made = recipe(description, key_field, left_out)
    except MappingError:
        return  # a field of ours is not there at all, which the connection tells
    for filling in made.fillings:
        yield _line(description, filling.field, partial(_same, filling), facts, is_own=False)
    for name, value in made.constants.items():
        yield _line(description, name, partial(_same, {name: value}), facts, is_own=False)


def _same(made: Made) -> Made:
    return made


def _line(
    description: Description,
    name: str,
    make: Callable[[], Made],
    facts: CallbackFacts,
    *,
    is_own: bool = True,
) -> Filled:
    info = description.field(name)
    label, room = (info.label, room_in(info)) if info else ("", 0)
    try:
        text, value = _filled(make(), facts)
    except MappingError as error:
        return Filled(name, label, "", trouble=error.sentence, is_own=is_own)
    shown = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    length = units(text or shown) if room else 0
    trouble = _too_long(length - room)
    return Filled(name, label, shown, length, room, trouble=trouble, is_own=is_own)


def _filled(made: Made, facts: CallbackFacts) -> tuple[str, Any]:
    """The text as it was made, and the field's value of it."""
    if not isinstance(made, Filling):
        return "", next(iter(made.values()), None)
    text = made.text(facts)
    return cleaned(text), made.read(text, facts.zone) if text else None


def _too_long(by: int) -> str:
    if by <= 0:
        return ""
    text = ngettext(
        "%(n)d character too long: the end is cut off.",
        "%(n)d characters too long: the end is cut off.",
        by,
    )
    return text % {"n": by}
