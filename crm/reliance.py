"""What our routes rely on in the org: the fields that they fill, and the values they name."""

from collections.abc import Iterator
from dataclasses import dataclass

from callbacks.models import FunctionRoute
from crm.drafting import target_of
from crm.mapping import REQUESTED_AT_FIELD

DEFAULT_FIELDS = ("Subject", "Description", "Origin", "Priority", "SuppliedPhone")
DEFAULT_CHOICES = {"Origin": "Phone", "Priority": "Medium"}


@dataclass(frozen=True)
class Use:
    """A field that a route fills; `value` if every record gets the same."""

    route: str
    field: str
    value: str = ""
    is_key: bool = False


def uses_of(route: FunctionRoute) -> Iterator[Use]:
    """Every field of its target that a route fills."""
    templates = {mapping.field: mapping.template for mapping in route.mappings.all()}
    named = {name.lower() for name in templates}
    if route.target == "Case":
        for name in (*DEFAULT_FIELDS, REQUESTED_AT_FIELD):
            if name.lower() not in named:
                yield Use(route.name, name, DEFAULT_CHOICES.get(name, ""))
    for name, template in templates.items():
        if template:
            yield Use(route.name, name, constant(template))
    if route.owner:
        yield Use(route.name, "OwnerId", route.owner)
    if route.record_type:
        yield Use(route.name, "RecordTypeId", route.record_type)
    yield Use(route.name, target_of(route).key_field, is_key=True)


def constant(template: str) -> str:
    """What a template without variables always says."""
    return "" if "{" in template else template.strip()
