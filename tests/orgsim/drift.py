"""What an administrator changes in the schema while clients are at work.

A change is a plain object, so that it can be kept and made again when the org starts again.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from .actions import ControlError, refuse_unknown_keys, wrong_flag, wrong_text
from .metadata import LENGTHS, TYPES
from .schema import Field, Schema, SObject

Change = dict[str, Any]
CUSTOM_NAME = re.compile(r"[A-Za-z]\w*__c")
KINDS = sorted(set(TYPES.values()) | {"int"})
KIND_LENGTHS = {"string": 255, **{TYPES[kind]: length for kind, length in LENGTHS.items()}}
NOT_THERE = "no such field"


def changed(schema: Schema, change: Change) -> Schema:
    """Give the schema after a change."""
    after = []
    for sobject in schema.sobjects.values():
        mine = sobject.name == change["sobject"]
        fields = tuple(changed_fields(sobject.fields, change)) if mine else ()
        after.append(replace(sobject, fields=fields) if mine else sobject)
    return Schema(after)


def changed_fields(fields: tuple[Field, ...], change: Change) -> Iterable[Field]:
    """Give the fields after a change; one about a field that is not there changes nothing."""
    match change:
        case {"do": "add", "field": name, "facts": said}:
            return [*fields, added(name, said)]
        case {"do": "remove", "field": name}:
            return [f for f in fields if f.name != name]
        case {"do": "rename", "field": name, "to": new}:
            return [renamed(f, new) if f.name == name else f for f in fields]
        case {"do": "change", "field": name, "facts": said}:
            return [replace(f, **facts(said)) if f.name == name else f for f in fields]
    raise ControlError("do", "unknown change")


def added(name: str, said: dict[str, Any]) -> Field:
    """Make a custom field with what its type brings along."""
    kind = said["type"]
    checkbox = kind == "boolean"
    plain = Field(
        name=name,
        type=kind,
        label=name.removesuffix("__c").replace("_", " "),
        custom=True,
        length=KIND_LENGTHS.get(kind, 0),
        nillable=not checkbox,
        default=False if checkbox else None,
        defaulted_on_create=checkbox,
        relationship=relationship(name) if kind == "reference" else None,
    )
    return replace(plain, **facts(said))


def renamed(field: Field, name: str) -> Field:
    """Give a field another name in the API; its label stays."""
    return replace(field, name=name, relationship=field.relationship and relationship(name))


def relationship(name: str) -> str:
    """Name the relationship of a custom reference (D)."""
    return name[:-1] + "r"


def facts(said: dict[str, Any]) -> dict[str, Any]:
    """Read what is said of a field, or refuse with the key that is wrong."""
    refuse_unknown_keys(said, set(FACTS), "")
    found: dict[str, Any] = {}
    for key, value in said.items():
        wrong, meaning = FACTS[key]
        if reason := wrong(value):
            raise ControlError(key, reason)
        found |= meaning(value)
    return found


def wrong_length(value: Any) -> str | None:
    """Say what is wrong with a length."""
    right = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return None if right else "must be a whole number above 0"


def wrong_kind(value: Any) -> str | None:
    """Say what is wrong with a type."""
    return None if value in KINDS else f"must be one of {', '.join(KINDS)}"


def wrong_texts(value: Any) -> str | None:
    """Say what is wrong with a list of texts."""
    right = isinstance(value, list) and all(isinstance(v, str) and v for v in value)
    return None if right else "must be a list of texts"


def needed(value: bool) -> dict[str, Any]:
    """Say whether a create must bring a field: then nothing fills it in by itself (D)."""
    return {"nillable": False, "defaulted_on_create": False} if value else {"nillable": True}


# What may be said of a field: what is wrong with a value, and what the value means.
FACTS: dict[str, tuple[Callable[[Any], str | None], Callable[[Any], dict[str, Any]]]] = {
    "length": (wrong_length, lambda v: {"length": v}),
    "unique": (wrong_flag, lambda v: {"unique": v}),
    "external_id": (wrong_flag, lambda v: {"external_id": v}),
    "nillable": (wrong_flag, lambda v: needed(not v)),
    "required": (wrong_flag, needed),
    "createable": (wrong_flag, lambda v: {"createable": v, "updateable": v}),
    "label": (wrong_text, lambda v: {"label": v}),
    "type": (wrong_kind, lambda v: {"type": v}),
    "picklist": (wrong_texts, lambda v: {"picklist": tuple(v)}),
    "restricted": (wrong_flag, lambda v: {"restricted": v}),
    "refers_to": (wrong_texts, lambda v: {"refers_to": tuple(v)}),
}


def addition(sobject: SObject, said: Any) -> Change:
    """Read the request for another custom field, or for another name of one."""
    if isinstance(said, dict) and "rename" in said:
        refuse_unknown_keys(said, {"rename"}, "")
        return renaming(sobject, said["rename"])
    refuse_unknown_keys(said, {"name", *FACTS}, "")
    rest = {key: value for key, value in said.items() if key != "name"}
    if "type" not in rest:
        raise ControlError("type", "is required")
    facts(rest)
    name = new_name(sobject, said.get("name"), "name")
    return {"do": "add", "sobject": sobject.name, "field": name, "facts": rest}


def renaming(sobject: SObject, said: Any) -> Change:
    """Read `{old: new}`."""
    if not isinstance(said, dict) or len(said) != 1:
        raise ControlError("rename", 'must be {"old": "new"}')
    [(old, new)] = said.items()
    field = sobject.find(old)
    if field is None or not field.custom:
        raise ControlError("rename", "no such custom field")
    name = new_name(sobject, new, "rename")
    return {"do": "rename", "sobject": sobject.name, "field": field.name, "to": name}


def new_name(sobject: SObject, name: Any, key: str) -> str:
    """Read the name of a custom field that is not there yet."""
    if not isinstance(name, str) or not CUSTOM_NAME.fullmatch(name):
        raise ControlError(key, "must be a name that ends with __c")
    if sobject.find(name):
        raise ControlError(key, "there is a field of that name")
    return name


def alteration(sobject: SObject, name: str, said: Any) -> Change:
    """Read what is to be different about a field."""
    field = sobject.find(name)
    if field is None:
        raise ControlError("field", NOT_THERE)
    if not facts(said):
        raise ControlError("body", f"must say one of {', '.join(FACTS)}")
    return {"do": "change", "sobject": sobject.name, "field": field.name, "facts": said}


def removal(sobject: SObject, name: str) -> Change:
    """Read which field is to go; those that the org itself writes stay."""
    field = sobject.find(name)
    if field is None:
        raise ControlError("field", NOT_THERE)
    if not (field.custom or field.createable):
        raise ControlError("field", "an org is not an org without it")
    return {"do": "remove", "sobject": sobject.name, "field": field.name}
