"""How many API calls it takes to send callbacks again, about."""

from collections.abc import Sequence

from django.db.models import Count

from callbacks.models import FunctionRoute
from callbacks.models.queue import CallbackQuerySet
from callbacks.routing import RouteTable
from crm.places import CALLBACKS_PER_QUERY, updates

CALLS_PER_BATCH = 2  # what an attempt before may have made is looked for, then the rest is made
NUMBERS_PER_SEARCH = 30


def calls_for(callbacks: CallbackQuerySet, batches: Sequence[int]) -> list[int]:
    """For each number of batches. What was searched for a while ago is remembered: maybe fewer."""
    table = RouteTable.load()
    further = 0.0
    places = callbacks.order_by().values_list("service_number", "function")
    for *place, count in places.annotate(Count("pk")):
        if route := table.match(*place):
            further += count * _further_calls(route)
    return [number * CALLS_PER_BATCH + round(further) for number in batches]


def _further_calls(route: FunctionRoute) -> float:
    """For each callback of the route: a share of a search, and of a query."""
    searches = 1 / NUMBERS_PER_SEARCH if route.find_caller_in else 0.0
    finds_case = updates(route) or route.action == FunctionRoute.Action.COMMENT
    return searches + (1 / CALLBACKS_PER_QUERY if finds_case else 0.0)
