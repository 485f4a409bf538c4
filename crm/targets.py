"""Which kinds of record our callbacks become, as far as the org has described them."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class RecordsOf:
    """Records of one object, found under one key field or several.

    Not `is_whole` if a route names a further field, which the org does not show to us.
    """

    targets: tuple[Target, ...]
    is_whole: bool

    @property
    def sobject(self) -> str:
        return self.targets[0].sobject


def by_object() -> list[RecordsOf]:
    """Cases, and what routes name, also those that are off: something may have become of it.

    Without a call. What the org never described to us, nobody has made of our callbacks.
    """
    usual = settings.SALESFORCE_KEY_FIELD
    routes = FunctionRoute.objects.values_list("target", "key_field")
    wanted = {(sobject, key_field or usual) for sobject, key_field in routes} - {("Case", usual)}
    found: dict[str, list[Target | None]] = {"Case": [_target("Case", usual) or usual_target()]}
    for sobject, key_field in sorted(wanted):
        found.setdefault(sobject, []).append(_target(sobject, key_field))
    records = ((dict.fromkeys(filter(None, each)), None not in each) for each in found.values())
    return [RecordsOf(tuple(some), is_whole) for some, is_whole in records if some]


def targets() -> list[Target]:
    """Each kind of record with each of its key fields, Cases first."""
    return [target for records in by_object() for target in records.targets]


def _target(sobject: str, key_field: str) -> Target | None:
    description = last_known(sobject)
    if field := description and description.field(key_field):
        return Target(description.name, field.name, description.name_field)
    return None
