"""Held callbacks, gathered by the route that they lack."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Count, Max, Min, Q

from callbacks.models import Callback, FunctionRoute
from callbacks.models.queue import CallbackQuerySet
from callbacks.routing import RouteTable, goes_out_since

MOST_GROUPS = 20
NUMBER_LENGTH, FUNCTION_LENGTH = 40, 120  # of the columns of service numbers and routes


@dataclass(frozen=True)
class Place:
    """What a route applies to; empty stands for any service number, or any function."""

    service_number: str = ""
    function: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Self:
        """What no route could be made for stands for any."""
        number, function = fields.get("service_number", ""), fields.get("function", "")
        fits = len(number) <= NUMBER_LENGTH, len(function) <= FUNCTION_LENGTH
        return cls(number if fits[0] else "", function if fits[1] else "")

    def held(self) -> CallbackQuerySet:
        """The callbacks that a route for this place would apply to, if no other did."""
        held = Callback.objects.held()
        if self.service_number:
            held = held.filter(service_number=self.service_number)
        return held.filter(function__iexact=self.function) if self.function else held

    def route(self) -> FunctionRoute | None:
        """The route for exactly this place, switched off or not."""
        routes = FunctionRoute.objects.filter(function__iexact=self.function)
        if self.service_number:
            return routes.filter(service_number__number=self.service_number).first()
        return routes.filter(service_number=None).first()


@dataclass(frozen=True)
class Group:
    """Held callbacks of one service number and function, and the route that applies by now.

    `young` of them go out by themselves as soon as a route sends them.
    """

    service_number: str
    function: str
    service_name: str
    count: int
    young: int
    oldest: datetime
    route: FunctionRoute | None

    @property
    def waits_for_click(self) -> bool:
        return bool(self.route and self.route.sends)


def groups() -> list[Group]:
    """The largest first."""
    table = RouteTable.load(templates=False)
    counted = (
        Callback.objects.held()
        .values("service_number", "function")
        .annotate(
            service_name=Max("service_name"),
            count=Count("id"),
            young=Count("id", filter=Q(received_at__gte=goes_out_since())),
            oldest=Min("received_at"),
        )
        .order_by("-count", "service_number", "function")
    )
    return [
        Group(**row, route=table.match(row["service_number"], row["function"])) for row in counted
    ]


def young_and_old(callbacks: CallbackQuerySet) -> tuple[int, int]:
    """How many go out by themselves once a route sends them, and how many need a click."""
    count = callbacks.count()
    young = callbacks.filter(received_at__gte=goes_out_since()).count()
    return young, count - young


def came_with(service_number: str, function: str) -> CallbackQuerySet:
    """The held callbacks that came with these very words."""
    return Callback.objects.held().filter(service_number=service_number, function=function)
