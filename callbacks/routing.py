"""Which route answers for a service number and a function: the most specific, always the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from callbacks.models import Callback, FunctionRoute, ServiceNumber
from callbacks.snapshot import Snapshot

ANY = ""
MAX_AGE_SECONDS = 10
CHUNK = 200  # places in one condition; SQLite takes no thousand


@dataclass(frozen=True)
class RouteTable:
    """Routes by (service number, function in lower case); names and windows of service numbers.

    A window is for how many minutes the same caller's wishes are merged.
    """

    routes: dict[tuple[str, str], FunctionRoute]
    names: dict[str, str]
    windows: dict[str, int]

    @classmethod
    def load(cls, *, templates: bool = True) -> "RouteTable":
        """Without templates for who only asks which route it is."""
        routes = FunctionRoute.objects.filter(enabled=True).select_related("service_number")
        if templates:
            routes = routes.prefetch_related("mappings", "answer_fields")
        numbers = list(ServiceNumber.objects.exclude(name="", merge_minutes=0))
        return cls(
            routes={_place(route): route for route in routes},
            names={number.number: number.name for number in numbers if number.name},
            windows={each.number: each.merge_minutes for each in numbers if each.merge_minutes},
        )

    def match(self, service_number: str, function: str) -> FunctionRoute | None:
        """Look for number and function; the number alone; the function alone; anything."""
        function = function.lower()
        for place in (
            (service_number, function),
            (service_number, ANY),
            (ANY, function),
            (ANY, ANY),
        ):
            if route := self.routes.get(place):
                return route
        return None

    def sends(self, service_number: str, function: str) -> bool:
        """Whether what comes from there is brought to Salesforce."""
        route = self.match(service_number, function)
        return bool(route and route.sends)


def _place(route: FunctionRoute) -> tuple[str, str]:
    return (route.service_number.number if route.service_number else ANY, route.function.lower())


route_table = Snapshot(RouteTable.load, max_age=MAX_AGE_SECONDS)


def goes_out_since() -> datetime:
    """Held callbacks that came since then go out by themselves; an older one needs a click."""
    return timezone.now() - timedelta(hours=settings.HELD_RELEASE_HOURS)


def release_routed() -> int:
    """Let held callbacks go out whose route sends; old ones wait for a person's click."""
    table = RouteTable.load(templates=False)
    young = Callback.objects.held().filter(received_at__gte=goes_out_since())
    places = young.order_by().values_list("service_number", "function").distinct()
    routed = [place for place in places if table.sends(*place)]
    chunks = (routed[start : start + CHUNK] for start in range(0, len(routed), CHUNK))
    return sum(young.filter(_anywhere_of(chunk)).release() for chunk in chunks)


def _anywhere_of(places: Iterable[tuple[str, str]]) -> Q:
    condition = Q()
    for service_number, function in places:
        condition |= Q(service_number=service_number, function=function)
    return condition
