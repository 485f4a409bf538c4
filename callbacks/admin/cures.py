"""Where the cause of a failure can be removed."""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from callbacks.admin.wording import translated
from callbacks.models import Callback
from callbacks.models.callback import Status
from callbacks.routing import RouteTable
from callbacks.signals import cure_sought


class Cure(NamedTuple):
    name: str
    link: str


def routes_today(request: HttpRequest) -> RouteTable:
    """Read once a request."""
    memory = request.__dict__
    if "routes_today" not in memory:
        memory["routes_today"] = RouteTable.load(templates=False)
    table: RouteTable = memory["routes_today"]
    return table


def is_in_route(code: str) -> bool:
    told = cure_sought.send(sender=None, code=code)
    return any(is_there for _receiver, is_there in told)


def cure(request: HttpRequest, callback: Callback) -> Cure | None:
    """The route that a failed callback is sent by, for those who may see it."""
    may_see = request.user.has_perm("callbacks.view_functionroute")
    if callback.status != Status.FAILED or not (may_see and is_in_route(callback.failure_code)):
        return None
    route = routes_today(request).match(callback.service_number, callback.function)
    if route is None:
        return None
    return Cure(
        translated(route.name), reverse("admin:callbacks_functionroute_change", args=[route.pk])
    )
