"""Which kinds of record our callbacks become, as far as the org has described them."""

from django.conf import settings

from callbacks.models import FunctionRoute
from crm.draft import Target
from crm.schema import last_known


def usual_target() -> Target:
    """A Case under the key that the settings name."""
    return Target("Case", settings.SALESFORCE_KEY_FIELD, "CaseNumber")


def is_usual(target: Target) -> bool:
    usual = usual_target()
    return target.sobject == usual.sobject and target.key_field.lower() == usual.key_field.lower()


def targets() -> list[Target]:
    """Cases, and what routes name, also those that are off: something may have become of it.

    Without a call. What the org never described to us, nobody has made of our callbacks.
    """
    usual = settings.SALESFORCE_KEY_FIELD
    routes = FunctionRoute.objects.values_list("target", "key_field")
    wanted = [("Case", usual), *((sobject, key_field or usual) for sobject, key_field in routes)]
    found = (_target(sobject, key_field) for sobject, key_field in dict.fromkeys(wanted))
    return list(dict.fromkeys(target for target in found if target))


def _target(sobject: str, key_field: str) -> Target | None:
    description = last_known(sobject)
    if field := description and description.field(key_field):
        return Target(description.name, field.name, description.name_field)
    return Target("Case", key_field, "CaseNumber") if sobject == "Case" else None
