"""What would become of a callback, for staff to look at: nothing is written, nobody is called.

Which route applies is decided here. What it would make of the callback is told by whoever answers
the signal `route_tried`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from callbacks import dialects, intake
from callbacks.models import AcdClient, Callback, FunctionRoute
from callbacks.models.queue import CallbackQuerySet
from callbacks.parsers import Arrival, parse_json
from callbacks.signals import route_tried

MOST_SAMPLES = 8
LOOKED_THROUGH = 2_000  # of the newest: a route may have had none for months
JSON = "application/json"
NOBODYS_NUMBER = "493023125007"  # of those that are given to nobody, for films


@dataclass(frozen=True)
class Filled:
    """A field of the record: its value, and of a text how long it is and may be.

    `length` is of the text as the template made it; `note` is what people call an id, `trouble`
    what is wrong with the value.
    """

    field: str
    label: str
    value: str
    length: int = 0
    room: int = 0
    note: str = ""
    trouble: str = ""
    is_own: bool = True


@dataclass(frozen=True)
class Trial:
    """`request` is what would be sent, word for word; `known_at` is set if the org was not asked."""

    tone: str
    sentence: str
    next_step: str = ""
    detail: str = ""
    caller: str = ""
    fields: Sequence[Filled] = ()
    request: str = ""
    known_at: datetime | None = None


def tried(callback: Callback, route: FunctionRoute, *, ask: bool) -> Trial | None:
    """None if nobody knows, because the other side is not installed."""
    told: list[tuple[Any, Any]] = route_tried.send(
        sender=None, callback=callback, route=route, ask=ask
    )
    return next((trial for _receiver, trial in told if isinstance(trial, Trial)), None)


def samples(service_number: str, function: str) -> list[Callback]:
    """The newest callbacks from there; empty stands for any."""
    return list(_from(service_number, function).order_by("-received_at", "-id")[:MOST_SAMPLES])


def _from(service_number: str, function: str) -> CallbackQuerySet:
    newest = Callback.objects.order_by("-received_at", "-id").values("pk")[:LOOKED_THROUGH]
    place = Q(service_number=service_number) if service_number else Q()
    if function:
        place &= Q(function__iexact=function)
    return Callback.objects.filter(place, pk__in=newest).select_related("client")


def stored(key: str) -> list[Callback]:
    """The callback with this key, if there is one."""
    try:
        return list(Callback.objects.filter(pk=key).select_related("client"))
    except ValidationError:
        return []


def functions_of_late() -> list[str]:
    newest = Callback.objects.order_by("-received_at", "-id").values("pk")[:LOOKED_THROUGH]
    named = Callback.objects.filter(pk__in=newest).exclude(function="")
    return list(named.order_by("function").values_list("function", flat=True).distinct())


def example(service_number: str, function: str) -> Callback:
    """A callback that nobody asked for, where there is none yet."""
    fields = {"CallerID": NOBODYS_NUMBER, "ServiceNumber": service_number, "Function": function}
    return callback_of(orjson.dumps(fields), client=AcdClient(), now=timezone.now())


def callback_of(body: bytes, *, client: AcdClient, now: datetime) -> Callback:
    """What a request body in JSON means, not stored. UnreadableError, or NoCallerError."""
    arrival = Arrival(parse_json(body, JSON), body, "", JSON)
    facts = dialects.facts_of(arrival.fields)
    kind = Callback.Kind.CALLBACK
    return intake.build(facts, arrival, client=client, kind=kind, now=now)[0]
