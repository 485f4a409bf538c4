"""From callbacks to what is sent: which route, who called, which fields."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from callbacks.models import Callback, Correction, FunctionRoute
from callbacks.models.queue import NOBODY, Lease
from callbacks.routing import RouteTable, route_table
from callbacks.zones import default_zone, zones_by_client
from crm import outcomes
from crm.client import SalesforceClient
from crm.contacts import Wish, callers_of
from crm.draft import Draft, Target
from crm.elsewhere import ROUTE_CHANGED, with_past
from crm.mapping import NOTHING, CallbackFacts, MappingError, Recipe
from crm.meanings import MEANINGS
from crm.models import SentRecord
from crm.models.sent_record import Kind
from crm.outcomes import Told
from crm.places import OF_ITS_OWN, Known, Place, Routed, named, number_of_case, placed, updates
from crm.preconditions import preconditions
from crm.recipes import Outlook, recipe_of
from crm.remembered import FRESH_SECONDS
from crm.signature import signature_of
from crm.values import MisfitError

ROUTES_SECONDS = 1.0
MENDED_SECONDS = 60.0  # how old what a row is refused for may be: a person mends it meanwhile
SEARCH_SECONDS = 20.0
_QUOTED = re.compile("“.*”", re.DOTALL)


@dataclass
class Drafted:
    drafts: list[Draft] = field(default_factory=list)
    refused: list[Told] = field(default_factory=list)
    unrouted: list[Lease] = field(default_factory=list)
    answered: dict[Lease, list[dict[str, str]]] = field(default_factory=dict)  # and the Cases found
    uncertain: list[Callback] = field(default_factory=list)  # which Case it is was not found out

    @property
    def given_up(self) -> list[UUID]:
        """Those whose past is left to a person."""
        return [told.outcome.id for told in self.refused if told.code == ROUTE_CHANGED]

    def unsettled(self, callbacks: Sequence[Callback]) -> list[Callback]:
        keys = {told.outcome.id for told in self.refused} | {lease.id for lease in self.unrouted}
        return [callback for callback in callbacks if callback.id in keys]


def nothing() -> None:
    pass


def drafts_of(
    client: SalesforceClient,
    callbacks: Sequence[Callback],
    *,
    before_search: Callable[[], None] = nothing,
) -> Drafted:
    """What can be sent, what its route cannot make, and what no route wants.

    CrmError if the org does not answer, or cannot take anything. What does not go is looked at
    twice, because a person may just have mended the route or the org.
    """
    preconditions.assure(client)
    table = route_table.get(max_age=ROUTES_SECONDS)
    drafted = _attempt(client, callbacks, table, FRESH_SECONDS, before_search)
    if unsettled := drafted.unsettled(callbacks):
        again = _attempt(client, unsettled, RouteTable.load(), MENDED_SECONDS, before_search)
        again.answered |= drafted.answered
        again.uncertain += drafted.uncertain
        return replace(again, drafts=drafted.drafts + again.drafts)
    return drafted


def _attempt(
    client: SalesforceClient,
    callbacks: Sequence[Callback],
    table: RouteTable,
    max_age: float,
    before_search: Callable[[], None],
) -> Drafted:
    drafted, recipes = Drafted(), Recipes(Outlook.asked(client, max_age=max_age))
    zones, usual_zone, routed = zones_by_client.get(), default_zone(), []
    for callback in callbacks:
        if (route := table.match(callback.service_number, callback.function)) and route.sends:
            routed.append((callback, route))
        else:
            drafted.unrouted.append(Lease(callback.id, callback.lease_no))
    known, again = Known.of(routed), [c.id for c, _ in routed if c.lease_no > 1]
    past, corrected = SentRecord.of(again), Correction.objects.overlays(again)
    before_search()
    callers = callers_of(client, list(_wishes(routed)), deadline=SEARCH_SECONDS)
    places = known.places(client, callers, deadline=SEARCH_SECONDS)
    for callback, route in routed:
        caller, place = callers.get(callback.id, NOBODY), places.get(callback.id, OF_ITS_OWN)
        zone = zones.get(callback.client_id, usual_zone)
        others, own = ", ".join(place.others), corrected.get(callback.id, NOTHING)
        facts = CallbackFacts(callback, zone, caller, others, own)
        sent = past.get(callback.id, [])
        if _is_guessed(facts, place):
            drafted.uncertain.append(callback)
            continue
        if updates(route) and place.is_nowhere:
            _add_unchanged(drafted, facts, place, sent)
            continue
        try:
            made = placed(draft(facts, *recipes.of(route)), place, facts, route)
            drafted.drafts.append(with_past(made, sent))
        except MappingError as error:
            drafted.refused.append(_refusal(callback, error))
    return drafted


def _is_guessed(facts: CallbackFacts, place: Place) -> bool:
    """Whether it would change the one Case that we saw though its caller may have others.

    What was sent is finished, and a number of a Case is no guess.
    """
    if not place.update or place.update.was_sent or number_of_case(facts.callback):
        return False
    return facts.caller.is_uncertain


def _add_unchanged(
    drafted: Drafted, facts: CallbackFacts, place: Place, sent: Sequence[Kind]
) -> None:
    """Not one Case was found that it could change; but not found out is not none."""
    callback = facts.callback
    if sent:
        detail = ", ".join(sobject for sobject, *_ in sent)
        outcome = outcomes.failed(callback, ROUTE_CHANGED, detail, MEANINGS[ROUTE_CHANGED])
        drafted.refused.append(Told(outcome, ROUTE_CHANGED, detail))
    elif facts.caller.is_uncertain and not place.cases:
        drafted.uncertain.append(callback)
    else:
        drafted.answered[Lease(callback.id, callback.lease_no)] = named(place)


def draft(facts: CallbackFacts, target: Target, recipe: Recipe) -> Draft:
    """MappingError if what the route makes of this callback does not fit."""
    return Draft(facts.callback, target, recipe.fields(facts), facts.caller)


class Recipes:
    """Each route's, or what is wrong with it, found out once."""

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._made: dict[int, tuple[Target, Recipe] | MappingError] = {}

    def of(self, route: FunctionRoute) -> tuple[Target, Recipe]:
        if route.pk not in self._made:
            self._made[route.pk] = self._make(route)
        made = self._made[route.pk]
        if isinstance(made, MappingError):
            raise made.with_traceback(None)
        return made

    def _make(self, route: FunctionRoute) -> tuple[Target, Recipe] | MappingError:
        try:
            return recipe_of(route, self._outlook)
        except MappingError as error:
            return error


def wish_of(callback: Callback, route: FunctionRoute) -> Wish:
    """Nothing to search for if the number cannot be dialled, or the route does not want it."""
    numbers = dict.fromkeys(filter(None, [callback.caller_number, callback.callback_number]))
    objects = filter(None, route.find_caller_in.replace(" ", "").split(","))
    return Wish(callback.id, tuple(numbers), tuple(objects))


def _wishes(routed: Sequence[Routed]) -> Iterator[Wish]:
    for callback, route in routed:
        if route.find_caller_in:
            wish = wish_of(callback, route)
            if wish.numbers and wish.objects:
                yield wish


def _refusal(callback: Callback, error: MappingError) -> Told:
    outcome = outcomes.failed(callback, error.code, str(error), MEANINGS[error.code])
    return Told(replace(outcome, signature=_signature(error)), error.code, str(error))


def _signature(error: MappingError) -> str:
    """What is quoted of a misfit came from a caller; of other errors it is the route's own."""
    words = error.sentence
    if isinstance(error, MisfitError):
        words = _QUOTED.sub("“…”", words)
    return signature_of(error.code, words, fields=[error.field])
