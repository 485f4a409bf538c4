"""Which route wins for each service number and function, and how much has come from there.

What wins is asked of `routing`, for every pair; the rule is written there alone.
"""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.cache import cache
from django.db.models import Count

from callbacks.models import Callback, FunctionRoute, ServiceNumber
from callbacks.models.queue import CallbackQuerySet
from callbacks.routing import ANY, RouteTable

LATELY = timedelta(days=7)
KEPT_SECONDS = 60
MOST_FUNCTIONS = 30  # those with a route first, then the busiest; the rest is among the others

KEY = "callbacks.matrix"


class Traffic(NamedTuple):
    """So many callbacks from a service number, for a function as it was sent."""

    number: str
    function: str
    n: int


@dataclass(frozen=True)
class Cell:
    """`lately` callbacks came from there, and `held` wait for a route or a click."""

    function: str
    route: FunctionRoute | None
    lately: int
    held: int

    @property
    def is_gap(self) -> bool:
        return bool(self.held or (self.lately and self.route is None))


@dataclass(frozen=True)
class Row:
    """`number` is None for all numbers that have no row of their own."""

    number: ServiceNumber | None
    cells: list[Cell]

    @property
    def has_gap(self) -> bool:
        return any(cell.is_gap for cell in self.cells)


@dataclass(frozen=True)
class Matrix:
    """The last function is `ANY`: none, or another than those with a column."""

    functions: list[str]
    rows: list[Row]


def matrix(now: datetime) -> Matrix:
    table = RouteTable.load()
    numbers: list[ServiceNumber | None] = [*ServiceNumber.objects.order_by("name", "number"), None]
    came, waiting = came_lately(now), _counted(Callback.objects.held())
    names = _columns(table, [*came, *waiting])
    rows = {number.number for number in numbers if number}
    lately, held = _folded(came, rows, names), _folded(waiting, rows, names)
    functions = [*(names[key] for key in sorted(names)), ANY]

    def cell(number: str, function: str) -> Cell:
        place = number, function.lower()
        return Cell(function, table.match(number, function), lately[place], held[place])

    return Matrix(
        functions,
        [
            Row(number, [cell(number.number if number else ANY, each) for each in functions])
            for number in numbers
        ],
    )


def came_lately(now: datetime) -> list[Traffic]:
    """A minute old at most: a week can be hundreds of thousands of callbacks."""
    came: list[Traffic] | None = cache.get(KEY)
    if came is None:
        came = _counted(Callback.objects.filter(received_at__gte=now - LATELY))
        cache.set(KEY, came, KEPT_SECONDS)
    return came


def _counted(callbacks: CallbackQuerySet) -> list[Traffic]:
    grouped = callbacks.order_by().values_list("service_number", "function")
    return [Traffic(*row) for row in grouped.annotate(n=Count("id"))]


def _columns(table: RouteTable, traffic: Iterable[Traffic]) -> dict[str, str]:
    """By the name in lower case how it is written most: those with a route, then the busiest."""
    names = {route.function.lower(): route.function for route in table.routes.values()}
    volume: Counter[str] = Counter()
    for each in sorted(traffic, key=lambda each: (-each.n, each.function)):
        volume[each.function.lower()] += each.n
        names.setdefault(each.function.lower(), each.function)
    with_route = {route.function.lower() for route in table.routes.values()}
    ranked = sorted(names, key=lambda name: (name not in with_route, -volume[name], name))
    return {name: names[name] for name in ranked[:MOST_FUNCTIONS] if name != ANY}


def _folded(
    traffic: Iterable[Traffic], rows: Container[str], columns: Container[str]
) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for each in traffic:
        number = each.number if each.number in rows else ANY
        function = each.function.lower() if each.function.lower() in columns else ANY
        counts[number, function] += each.n
    return counts
