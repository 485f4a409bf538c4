"""Failed callbacks gathered by their signature: one correction mends all of a group."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, Min, Window
from django.db.models.functions import RowNumber

from callbacks.models import Callback, FunctionRoute
from callbacks.models.queue import CallbackQuerySet
from callbacks.routing import RouteTable

NAMES = re.compile(r"[A-Za-z]\w*(,[A-Za-z]\w*)*")
MOST_GROUPS = 20
MOST_SAMPLES = 3


@dataclass(frozen=True)
class Group:
    """`first` and `last` are when the oldest and the newest of them came."""

    signature: str
    code: str
    reason: str
    next_step: str
    count: int
    first: datetime
    last: datetime


def of_signature(signature: str) -> CallbackQuerySet:
    return Callback.objects.failed().filter(failure_signature=signature)


def fields_of(callback: Callback) -> str:
    """Those that its signature names between the code and the org's words, if it names any."""
    _code, _, rest = callback.failure_signature.partition(" ")
    first = rest.partition(" ")[0]
    is_said = callback.failure_detail.startswith(first)
    return "" if is_said or not NAMES.fullmatch(first) else first


def groups() -> list[Group]:
    """The largest first."""
    return _gathered(Callback.objects.failed())


def group(signature: str) -> Group | None:
    return next(iter(_gathered(of_signature(signature))), None)


def _gathered(failed: CallbackQuerySet) -> list[Group]:
    counted = (
        failed.values(signature=F("failure_signature"))
        .annotate(
            code=Max("failure_code"),
            reason=Max("failure_reason"),
            next_step=Max("failure_next_step"),
            count=Count("id"),
            first=Min("received_at"),
            last=Max("received_at"),
        )
        .order_by("-count", "signature")
    )
    return [Group(**row) for row in counted]


def samples(signatures: Collection[str]) -> Mapping[str, Sequence[Callback]]:
    """Some of each group: those that have waited longest."""
    place = Window(RowNumber(), partition_by="failure_signature", order_by=["received_at", "id"])
    failed = Callback.objects.failed().filter(failure_signature__in=signatures)
    chosen = failed.annotate(place=place).filter(place__lte=MOST_SAMPLES).values("id")
    found = defaultdict(list)
    light = Callback.objects.defer("payload", "raw_body", "raw_query")
    for callback in light.filter(id__in=chosen).order_by("received_at", "id"):
        found[callback.failure_signature].append(callback)
    return found


def routes(signatures: Collection[str]) -> Mapping[str, Sequence[FunctionRoute]]:
    """By which routes the callbacks of each group are sent now, where it is only a few."""
    table = RouteTable.load(templates=False)
    found: dict[str, dict[int, FunctionRoute]] = defaultdict(dict)
    failed = Callback.objects.failed().filter(failure_signature__in=signatures).order_by()
    places = failed.values_list("failure_signature", "service_number", "function").distinct()
    for signature, *place in places:
        if route := table.match(*place):
            found[signature][route.pk] = route
    return {signature: list(by_key.values()) for signature, by_key in found.items()}
