"""What a callback says in a record of the org. Pure: nothing is asked of database or network.

A route's templates replace or add fields. What they may print, always text, empty if unknown:

=====================  ===========================================================================
variable               meaning
=====================  ===========================================================================
number_to_dial         the callback number, else the caller's: +4989555010; empty: not dialable
caller_number          the caller: +4989555010; empty if it is not a number that can be dialled
caller_text            the caller as the ACD sent it: 089 555010, anonymous
callback_number        the number on which the caller wants to be called, if one was given
callback_text          the same as the ACD sent it
service_number         the number that was called: +498946134180
service_name           its name: Service Hotline
function               which action is wanted, or the reference of the ACD group
user_data              UserData; also user_data2 and user_data3
subject, body, group   of the ACD event: its subject, its text, the name of the ACD group
kind                   callback or voicemail
asked_at               when the caller asked, local time: 2026-11-23 09:41
asked_at_utc           the same as Salesforce reads it: 2026-11-23T08:41:03Z
received_at            when the request came in, local time
callback_id            the key of the callback: the external id of the Case
fields.<Name>          any field of the request, by the name that was sent: fields.SkillsValue1
default.<Name>         what the Case would hold without a template: default.Subject
caller.name            who called, if the org knows exactly one with that number
caller.contact_id      the id of that contact; also caller.account_id
caller.candidates      who could have called, if several have the number: one line for each
open_cases             numbers of the open Cases of the caller, if several could be commented on
=====================  ===========================================================================

A text becomes the value that its field takes (`crm.values`): cut to its length, checked against
its list, a number, a time in UTC. Without variables this is done once for all callbacks.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import partial
from typing import Any

from django.utils.translation import gettext

from callbacks.models import Callback
from callbacks.models.queue import NOBODY, Caller
from crm import default_case
from crm.default_case import REQUESTED_AT_FIELD, international, local, sent, utc
from crm.templating import MappingError, Texts, check_template, is_constant, rendering_of
from crm.values import Reader, reader_of
from crm.wire import Description, FieldInfo

__all__ = [
    "DEFAULT_CHOICES",
    "DEFAULT_TEXTS",
    "REQUESTED_AT_FIELD",
    "CallbackFacts",
    "MappingError",
    "NoSuchFieldError",
    "Recipe",
    "check_template",
    "fillable",
    "mapped_field",
    "names_owner",
    "recipe",
    "update_recipe",
]

DEFAULT_CHOICES = {"Origin": "Phone", "Priority": "Medium"}
DEFAULT_TEXTS: Mapping[str, Callable[["CallbackFacts"], str]] = {
    "Subject": lambda facts: default_case.subject(facts.callback),
    "Description": lambda facts: default_case.description(
        facts.callback, facts.zone, facts.caller, facts.open_cases
    ),
    "SuppliedPhone": lambda facts: default_case.phone(facts.callback),
    REQUESTED_AT_FIELD: lambda facts: utc(facts.callback.asked_at),
}
CALLER_FIELDS = {"ContactId": "contact_id", "AccountId": "account_id"}
NOTHING: Mapping[str, str] = {}
NOT_FOR_TEMPLATES = frozenset({"attributes", "id"})


class NoSuchFieldError(MappingError):
    """The route names what is not there for our user to fill."""

    code = "MAPPING_FIELD"


# --- facts


class CallbackFacts:
    """What templates may print of one callback, each worked out when it is first asked for."""

    callback: Callback
    zone: tzinfo
    caller: Caller
    open_cases: str
    corrected: Mapping[str, str]

    def __init__(
        self,
        callback: Callback,
        zone: tzinfo,
        caller: Caller = NOBODY,
        open_cases: str = "",
        corrected: Mapping[str, str] = NOTHING,
    ) -> None:
        """`corrected` is what a person put into fields of the record, by their names."""
        self.callback = callback
        self.zone = zone
        self.caller = caller
        self.open_cases = open_cases
        self.corrected = corrected
        self._known: dict[str, str | Texts] = {}
        self._defaults: dict[str, str] = {}

    def get(self, name: str, default: str = "", /) -> str | Texts:
        known = self._known.get(name)
        if known is not None:
            return known
        fact = FACTS.get(name)
        if fact is None:
            return default
        value = fact(self)
        if isinstance(value, str):
            value = value[: default_case.MOST_CHARACTERS]
        self._known[name] = value
        return value

    def default(self, name: str) -> str:
        """What the field of a Case would hold without a template."""
        if name in DEFAULT_CHOICES:
            return DEFAULT_CHOICES[name]
        if name not in DEFAULT_TEXTS:
            return ""
        if name not in self._defaults:
            self._defaults[name] = DEFAULT_TEXTS[name](self)
        return self._defaults[name]

    def about_caller(self, name: str) -> str:
        if name == "candidates":
            return default_case.candidates(self.caller)
        return getattr(self.caller, name) if name in {"name", *CALLER_FIELDS.values()} else ""


def _sent_as(name: str) -> Callable[[CallbackFacts], str]:
    return lambda facts: sent(facts.callback, name)


FACTS: Mapping[str, Callable[[CallbackFacts], str | Texts]] = {
    "number_to_dial": lambda facts: international(facts.callback.number_to_dial),
    "caller_number": lambda facts: international(facts.callback.caller_number),
    "caller_text": lambda facts: facts.callback.caller_text,
    "callback_number": lambda facts: international(facts.callback.callback_number),
    "callback_text": lambda facts: facts.callback.callback_text,
    "service_number": lambda facts: international(facts.callback.service_number),
    "service_name": lambda facts: facts.callback.service_name,
    "function": lambda facts: facts.callback.function,
    "user_data": _sent_as("UserData"),
    "user_data2": _sent_as("UserData2"),
    "user_data3": _sent_as("UserData3"),
    "subject": _sent_as("Subject"),
    "body": _sent_as("Body"),
    "group": _sent_as("AcdGroupsName"),
    "kind": lambda facts: str(facts.callback.kind),
    "asked_at": lambda facts: local(facts.callback.asked_at, facts.zone),
    "asked_at_utc": lambda facts: utc(facts.callback.asked_at),
    "received_at": lambda facts: local(facts.callback.received_at, facts.zone),
    "callback_id": lambda facts: str(facts.callback.id),
    "fields": lambda facts: Texts(lambda name: sent(facts.callback, name)),
    "default": lambda facts: Texts(facts.default),
    "caller": lambda facts: Texts(facts.about_caller),
    "open_cases": lambda facts: facts.open_cases,
}


# --- recipes


@dataclass(frozen=True)
class Filling:
    """A field, where its text comes from, and how it reads a text."""

    field: str
    text: Callable[[CallbackFacts], str]
    read: Reader


@dataclass(frozen=True)
class Recipe:
    """How a route fills a record: made once, used for each of its callbacks."""

    description: Description
    key_field: str
    constants: Mapping[str, Any]
    fillings: Sequence[Filling]

    def fields(self, facts: CallbackFacts) -> dict[str, Any]:
        """The fields of the record, key included. MappingError if something does not fit."""
        fields = dict(self.constants)
        for filling in self.fillings:
            if filling.field in facts.corrected:
                continue
            text = filling.text(facts)
            value = filling.read(text, facts.zone) if text else None
            if value is not None:
                fields[filling.field] = value
        if facts.corrected:
            self._correct(fields, facts)
        fields[self.key_field] = str(facts.callback.id)
        return fields

    def _correct(self, fields: dict[str, Any], facts: CallbackFacts) -> None:
        for name, text in facts.corrected.items():
            value = self.value(name, text, facts.zone)
            if value is None:
                fields.pop(name, None)
            else:
                fields[name] = value

    def value(self, name: str, text: str, zone: tzinfo) -> Any:
        """What a person's text becomes in a field. MappingError if it does not fit."""
        if name.lower() in NOT_FOR_TEMPLATES | {self.key_field.lower()}:
            raise NoSuchFieldError(name, gettext("This field cannot be corrected."))
        read = reader_of(fillable(self.description, name))
        return read(text, zone) if text else None


def recipe(description: Description, key_field: str, mappings: Mapping[str, str]) -> Recipe:
    """MappingError if a field or a text without variables does not fit what the org describes.

    `mappings` is field → template; an empty one keeps the field empty. A Case gets default fields
    and its caller beside them.
    """
    constants: dict[str, Any] = {}
    fillings: list[Filling] = []
    if description.name == "Case":
        mapped = {name.lower() for name in mappings}
        constants = _default_choices(description, mapped)
        fillings = [*_default_texts(description, mapped), *_caller(description, mapped)]
    for name, template in mappings.items():
        made = mapped_field(description, key_field, name, template)
        if isinstance(made, Filling):
            fillings.append(made)
        else:
            constants |= made
    return Recipe(description, key_field, constants, fillings)


def update_recipe(description: Description, key_field: str, mappings: Mapping[str, str]) -> Recipe:
    """What a route changes of a record: the fields that it names, and no others. MappingError."""
    for name in mappings:
        if not (field := description.field(name)) or not field.updateable:
            raise NoSuchFieldError(
                name, gettext("Our user may not change this field in Salesforce.")
            )
    made = [mapped_field(description, key_field, *mapping) for mapping in mappings.items()]
    constants = {name: v for each in made if isinstance(each, dict) for name, v in each.items()}
    fillings = [each for each in made if isinstance(each, Filling)]
    if not made:
        raise NoSuchFieldError("", gettext("The route names no field to change."))
    return Recipe(description, key_field, constants, fillings)


def mapped_field(
    description: Description, key_field: str, name: str, template: str
) -> Filling | dict[str, Any]:
    """Of a text without variables the value at once; nothing of an empty one. MappingError."""
    if name.lower() in NOT_FOR_TEMPLATES | {key_field.lower()}:
        raise NoSuchFieldError(name, gettext("This field cannot be filled by a template."))
    if not template.strip():
        return {}
    field = fillable(description, name)
    if not is_constant(template) or field.type == "datetime":
        return Filling(field.name, rendering_of(name, template), reader_of(field))
    value = reader_of(field)(template, UTC)
    return {} if value is None else {field.name: value}


def names_owner(fields: Mapping[str, Any]) -> bool:
    """Assignment rules override an owner, so they have to be off for such a record."""
    return "OwnerId" in fields


def fillable(description: Description, name: str) -> FieldInfo:
    """NoSuchFieldError if our user cannot fill it."""
    field = description.field(name)
    if field is None:
        why = gettext("The field does not exist in Salesforce, or is hidden from our user.")
        raise NoSuchFieldError(name, why)
    if not field.createable:
        raise NoSuchFieldError(name, gettext("Our user may not fill this field in Salesforce."))
    return field


def _default_choices(description: Description, mapped: Container[str]) -> dict[str, Any]:
    """Ours only where the org has them in its lists."""
    return {
        name: value
        for name, value in DEFAULT_CHOICES.items()
        if name.lower() not in mapped and _has_choice(description.fields.get(name), value)
    }


def _has_choice(field: FieldInfo | None, value: str) -> bool:
    return field is not None and field.createable and value in field.picklist_values


def _default_texts(description: Description, mapped: Container[str]) -> Iterator[Filling]:
    for name in DEFAULT_TEXTS:
        if name.lower() not in mapped:
            field = fillable(description, name)
            is_ready = name == REQUESTED_AT_FIELD and field.type == "datetime"
            read = _as_it_is if is_ready else reader_of(field)
            yield Filling(name, partial(CallbackFacts.default, name=name), read)


def _as_it_is(text: str, _zone: tzinfo) -> str:
    return text


def _caller(description: Description, mapped: Container[str]) -> Iterator[Filling]:
    """The org finds the account of a contact that a route names by itself."""
    if "contactid" in mapped:
        return
    for name, about in CALLER_FIELDS.items():
        field = description.fields.get(name)
        if name.lower() not in mapped and field is not None and field.createable:
            text = partial(CallbackFacts.about_caller, name=about)
            yield Filling(name, text, reader_of(field))
