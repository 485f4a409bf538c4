"""What has changed in the org's fields, told before the first record is refused for it.

Each hour the objects that routes make are described afresh. What a field was like when we began
to rely on it is kept (`relied_on`), because descriptions are renewed by whoever needs them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from callbacks.models import FunctionRoute
from crm import findings
from crm.asking import heed, may_ask
from crm.client import FieldInfo, SalesforceClient
from crm.errors import CrmError
from crm.findings import Seen
from crm.mapping import DEFAULT_CHOICES, NoSuchFieldError
from crm.models import Finding, ObjectDescription
from crm.outcomes import Chance
from crm.recipes import record_type_id
from crm.references import unknown_owners
from crm.reliance import Use, uses_of
from crm.schema import UNKNOWN_OBJECT, Description, described

log = structlog.get_logger()

Kind = Finding.Kind
Reliance = dict[str, dict[str, Any]]  # by field: its type and length

KINDS = (Kind.FIELD_VANISHED, Kind.FIELD_SHRANK, Kind.FIELD_REQUIRED, Kind.FIELD_CHANGED)
KEY_LENGTH = 36  # of a UUID as text


@dataclass(frozen=True)
class Fault:
    """`why` and `facts` make the sentence that staff reads."""

    kind: Kind
    field_name: str
    route: str
    why: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def watch(client: SalesforceClient, *, chance: Chance, now: datetime) -> int:
    """Describe what our routes make, and note what does not fit. Returns how many findings."""
    if not may_ask(client, chance):
        return 0
    seen = []
    try:
        for sobject, uses in _uses_by_object().items():
            seen += _look(client, sobject, uses)
    except CrmError as error:
        heed(error, chance)
        log.warning("objects not watched", error=str(error))
        return 0
    findings.note(seen, now=now)
    findings.close_unseen(KINDS, since=now)
    return len(seen)


def _uses_by_object() -> dict[str, list[Use]]:
    uses: dict[str, list[Use]] = defaultdict(list)
    for route in FunctionRoute.objects.filter(enabled=True).prefetch_related("mappings"):
        uses[route.target] += uses_of(route)
    return dict(uses)


def _look(client: SalesforceClient, sobject: str, uses: Sequence[Use]) -> list[Seen]:
    try:
        description = described(client, sobject, max_age=0)
    except CrmError as error:
        if error.code not in UNKNOWN_OBJECT:
            raise
        gone = {"why": "object", "routes": sorted({use.route for use in uses})}
        return [Seen(Kind.FIELD_VANISHED, sobject, {"faults": [gone]})]
    known = ObjectDescription.objects.get(name=sobject)
    owners = unknown_owners(client, {use.value for use in uses if _is(use, "OwnerId")} - {""})
    faults = [*_faults(description, uses, known.relied_on, owners), *_required(description, uses)]
    known.relied_on = _relied_on(description, uses, known.relied_on, faults)
    known.save(update_fields=["relied_on"])
    return _seen(sobject, faults)


def _faults(
    description: Description, uses: Iterable[Use], relied_on: Reliance, owners: Collection[str]
) -> Iterator[Fault]:
    for use in uses:
        info = description.field(use.field)
        if info is None:
            yield Fault(Kind.FIELD_VANISHED, use.field, use.route, "field")
            continue
        if not info.createable:
            yield Fault(Kind.FIELD_CHANGED, info.name, use.route, "read_only")
        yield from _changed(use, info, relied_on.get(info.name))
        if _is(use, "OwnerId") and use.value in owners:
            yield Fault(Kind.FIELD_CHANGED, info.name, use.route, "owner", {"value": use.value})
        if _is(use, "RecordTypeId") and not _has_record_type(description, use.value):
            facts = {"value": use.value}
            yield Fault(Kind.FIELD_CHANGED, info.name, use.route, "record_type", facts)


def _changed(use: Use, info: FieldInfo, before: Mapping[str, Any] | None) -> Iterator[Fault]:
    if use.is_key and not (info.unique and info.external_id):
        yield Fault(Kind.FIELD_CHANGED, info.name, use.route, "not_unique")
    if use.is_key and info.length < KEY_LENGTH:
        facts = {"was": KEY_LENGTH, "is": info.length}
        yield Fault(Kind.FIELD_SHRANK, info.name, use.route, "key", facts)
    elif before and info.type != before["type"]:
        types = {"was": before["type"], "is": info.type}
        yield Fault(Kind.FIELD_CHANGED, info.name, use.route, "type", types)
    elif before and info.length < before["length"]:
        facts = {"was": before["length"], "is": info.length}
        yield Fault(Kind.FIELD_SHRANK, info.name, use.route, "length", facts)
    if info.picklist_values and not _is_offered(use.value, info):
        lost = {"value": use.value, "restricted": info.restricted}
        yield Fault(Kind.FIELD_CHANGED, info.name, use.route, "value", lost)


def _required(description: Description, uses: Iterable[Use]) -> Iterator[Fault]:
    """Fields that a record has to have, and that a route does not fill."""
    filled: dict[str, set[str]] = defaultdict(lambda: _offered_defaults(description))
    for use in uses:
        filled[use.route].add(use.field.lower())
    for info in description.fields.values():
        if info.createable and not info.nillable and not info.defaulted_on_create:
            for route, names in filled.items():
                if info.name.lower() not in names:
                    yield Fault(Kind.FIELD_REQUIRED, info.name, route, "required")


def _offered_defaults(description: Description) -> set[str]:
    """What a Case gets without a route, where the org has it in its list."""
    if description.name != "Case":
        return set()
    infos = ((description.field(name), value) for name, value in DEFAULT_CHOICES.items())
    return {info.name.lower() for info, value in infos if info and value in info.picklist_values}


def _is(use: Use, name: str) -> bool:
    return use.field.lower() == name.lower()


def _is_offered(value: str, info: FieldInfo) -> bool:
    values = value.split(";") if info.type == "multipicklist" else [value]
    return not value or all(each.strip() in info.picklist_values for each in values)


def _has_record_type(description: Description, value: str) -> bool:
    """A template with variables is anybody's guess."""
    try:
        return not value or bool(record_type_id(value, description))
    except NoSuchFieldError:
        return False


def _relied_on(
    description: Description, uses: Iterable[Use], before: Reliance, faults: Iterable[Fault]
) -> Reliance:
    """As the fields are now, but where that is what is wrong."""
    faulty = {fault.field_name for fault in faults if fault.why in {"type", "length"}}
    infos = filter(None, (description.field(use.field) for use in uses))
    return {
        info.name: before[info.name]
        if info.name in faulty
        else {"type": info.type, "length": info.length}
        for info in infos
    }


def _seen(sobject: str, faults: Iterable[Fault]) -> list[Seen]:
    """One finding for each kind and field, whatever the number of routes."""
    grouped: dict[tuple[Kind, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for fault in faults:
        same = grouped[fault.kind, fault.field_name]
        facts = same.setdefault(
            f"{fault.why} {fault.facts}", {"why": fault.why, "routes": [], **fault.facts}
        )
        if fault.route not in facts["routes"]:
            facts["routes"].append(fault.route)
    return [
        Seen(kind, f"{sobject}.{name}", {"faults": list(same.values())})
        for (kind, name), same in grouped.items()
    ]
