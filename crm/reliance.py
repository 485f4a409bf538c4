"""What our routes rely on in the org: the fields that they fill, and the values they name."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from callbacks.models import FunctionRoute
from crm.mapping import DEFAULT_TEXTS
from crm.templating import is_constant


@dataclass(frozen=True)
class Use:
    """A field that a route fills; `value` if every record gets the same."""

    route: str
    field: str
    value: str = ""
    is_key: bool = False


def uses_of(route: FunctionRoute) -> Iterator[Use]:
    """Every field of its target that a route fills, but what is left out where it does not fit."""
    templates = route.templates
    mapped = {name.lower() for name in templates}
    if route.target.lower() == "case":
        for name in DEFAULT_TEXTS:
            if name.lower() not in mapped:
                yield Use(route.name, name)
    for name, template in templates.items():
        if template.strip():
            value = template.strip() if is_constant(template) else ""
            yield Use(route.name, name, value)
    if route.owner and "ownerid" not in mapped:
        yield Use(route.name, "OwnerId", route.owner)
    if route.record_type and "recordtypeid" not in mapped:
        yield Use(route.name, "RecordTypeId", route.record_type)
    yield Use(route.name, route.key_field or settings.SALESFORCE_KEY_FIELD, is_key=True)
