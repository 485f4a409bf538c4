"""From callbacks to what is sent: which route, who called, which fields."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.conf import settings

from callbacks.models import AcdClient, Callback, FunctionRoute
from callbacks.models.queue import Lease
from callbacks.routing import RouteTable
from crm import outcomes
from crm.draft import Draft, Target
from crm.mapping import MappingError, fields_for
from crm.meanings import MEANINGS
from crm.outcomes import Told


@dataclass
class Drafted:
    drafts: list[Draft] = field(default_factory=list)
    refused: list[Told] = field(default_factory=list)
    unrouted: list[Lease] = field(default_factory=list)


def drafts_of(callbacks: Sequence[Callback]) -> Drafted:
    """What can be sent, what its route cannot make, and what no route wants."""
    table, zones, drafted = RouteTable.load(), zones_by_client(), Drafted()
    for callback in callbacks:
        route = table.match(callback.service_number, callback.function)
        if route is None:
            drafted.unrouted.append(Lease(callback.id, callback.lease_no))
            continue
        try:
            drafted.drafts.append(draft(callback, route, zones.get(callback.client_id)))
        except MappingError as error:
            drafted.refused.append(_unmappable(callback, error))
    return drafted


def draft(callback: Callback, route: FunctionRoute, zone: ZoneInfo | None) -> Draft:
    """MappingError if the route's templates cannot be used."""
    target = target_of(route)
    templates = {mapping.field: mapping.template for mapping in route.mappings.all()}
    fields = fields_for(callback, templates, key_field=target.key_field, zone=zone)
    return Draft(callback, target, fields)


def target_of(route: FunctionRoute) -> Target:
    return Target(route.target, route.key_field or settings.SALESFORCE_KEY_FIELD)


def zones_by_client() -> dict[int, ZoneInfo]:
    """The zones of clients that have one of their own."""
    named = AcdClient.objects.exclude(timezone="").values_list("pk", "timezone")
    return {pk: ZoneInfo(name) for pk, name in named}


def _unmappable(callback: Callback, error: MappingError) -> Told:
    outcome = outcomes.failed(callback, "MAPPING", str(error), MEANINGS["MAPPING"])
    return Told(outcome, "MAPPING", str(error))
