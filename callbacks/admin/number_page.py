"""What a service number's page tells besides its form: what comes in, and which routes apply."""

from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext

from callbacks import matrix
from callbacks.admin.facts import Fact
from callbacks.admin.places import place
from callbacks.admin.wording import NOTHING, ago, full_date, translated, when
from callbacks.lists import unserved
from callbacks.models import Callback, FunctionRoute, ServiceNumber
from callbacks.routing import ANY, RouteTable


class Applies(NamedTuple):
    function: str
    route: str
    link: str


def told(request: HttpRequest, number: ServiceNumber) -> dict[str, Any]:
    now = timezone.now()
    return {
        "facts": _facts(request, number, now),
        "routes": _routes(number),
        "matrix": reverse("matrix"),
    }


def _facts(request: HttpRequest, number: ServiceNumber, now: datetime) -> list[Fact]:
    lately = sum(each.n for each in matrix.came_lately(now) if each.number == number.number)
    held = Callback.objects.held().filter(service_number=number.number).count()
    oldest = Callback.objects.unserved().filter(service_number=number.number)
    since = oldest.order_by("received_at").values_list("received_at", flat=True).first()
    calls = place(request, "callbacks.callback", service_number=number.number)
    held_there = place(
        request, "callbacks.callback", status__exact="held", service_number=number.number
    )
    waiting = place(request, "callbacks.callback", **unserved(number.number))
    return [
        Fact(gettext("Callbacks in 7 days"), _figure(lately, calls)),
        Fact(gettext("Held"), _figure(held, held_there)),
        Fact(
            gettext("Waits longest"),
            _led(when(since, ago(since, now)), waiting) if since else NOTHING,
        ),
        Fact(gettext("Last seen"), full_date(number.seen_at) if number.seen_at else NOTHING),
    ]


def _figure(n: int, link: str) -> object:
    return _led(number_format(n), link) if n else NOTHING


def _led(text: str, link: str) -> str:
    return format_html('<a class="jb-out" href="{}">{}</a>', link, text) if link else text


def _routes(number: ServiceNumber) -> list[Applies]:
    """Its own by function, and last what applies to every other function."""
    table = RouteTable.load()
    functions = {function for where, function in table.routes if where == number.number} - {ANY}
    own = [table.routes[number.number, function] for function in sorted(functions)]
    found = [_applies(route, route.function) for route in own]
    rest = table.match(number.number, ANY)
    words = gettext("Others, or none")
    return [*found, _applies(rest, words) if rest else Applies(words, gettext("No route"), "")]


def _applies(route: FunctionRoute, function: str) -> Applies:
    link = reverse("admin:callbacks_functionroute_change", args=[route.pk])
    return Applies(function, translated(route.name), link)
