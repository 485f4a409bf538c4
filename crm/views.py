"""Questions that are asked during a call: nothing is stored, and nothing is a repeat."""

from time import monotonic

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from callbacks import sightings
from callbacks.authentication import client_of
from callbacks.dialects import NoCallerError
from callbacks.intake import question
from callbacks.models import FunctionRoute
from callbacks.views import AcdView, answered
from crm import queries
from crm.responder import look_up

USUAL = FunctionRoute(action=FunctionRoute.Action.FIND_CALLER)


class CallersView(AcdView):
    """Who is calling, or what a look-up route says. Other routes do not apply to a question."""

    def get(self, request: Request) -> HttpResponse:
        began = monotonic()
        arrival = self._read(request)
        try:
            asked, route = question(arrival, client=client_of(request), now=timezone.now())
        except NoCallerError as error:
            raise self._nameless(request) from error
        route = route if route and route.looks_up else USUAL
        (body, status), _found = look_up(asked, route, began=began)
        if "CallbackID" in body:
            body["CallbackID"] = None  # nothing is stored under it
        return answered((body, status))


class QueryView(AcdView):
    """A query that an administrator wrote, with what the call flow asks about."""

    only_reads = True

    def post(self, request: Request) -> HttpResponse:
        began = monotonic()
        fields = self._read(request).fields
        sightings.note(client_of(request), "", timezone.now())
        return answered(queries.answer(fields, began=began))
