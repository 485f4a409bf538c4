"""Held callbacks by what they lack, and the way from there to a route."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from callbacks import held, staff
from callbacks.admin import attention
from callbacks.admin.actions import RELEASE, Words, person, report
from callbacks.admin.asking import ask
from callbacks.admin.callback_screens import CallbackScreens
from callbacks.admin.cures import routes_today
from callbacks.admin.dismissing_groups import GroupAsked, dismiss_group
from callbacks.admin.wording import ago, phone, when
from callbacks.adoption import configured
from callbacks.held import Group, Place
from callbacks.models import Callback, FunctionRoute, ServiceNumber
from callbacks.models.callback import Status
from callbacks.models.queue import CallbackQuerySet

DASH = "\N{EN DASH}"
RIGHTS = ("add_functionroute", "add_servicenumber", "change_servicenumber")
MAKE_ROUTE = Words(
    _("Make a route?"),
    _("The next page is the form for it, filled in. Nothing goes out before it is saved."),
    _("Make a route"),
    "",
)


class HeldActions(CallbackScreens):
    """What can be done for all held callbacks that lack the same route."""

    def has_make_route_permission(self, request: HttpRequest) -> bool:
        may_see = self.has_view_permission(request)
        return may_see and request.user.has_perms(f"callbacks.{right}" for right in RIGHTS)

    def get_urls(self) -> list[URLPattern]:
        inside = self.admin_site.admin_view
        own = [
            path("held/route/", inside(self.make_route), name="callbacks_held_route"),
            path("held/release/", inside(self.release_group), name="callbacks_held_release"),
            path("held/dismiss/", inside(self.dismiss_group), name="callbacks_held_dismiss"),
        ]
        return own + super().get_urls()

    def page_context(self, request: HttpRequest, record: Callback) -> dict[str, Any]:
        words = {"service_number": record.service_number, "function": record.function}
        lacks_route = record.status == Status.HELD and not routes_today(request).match(**words)
        offered = lacks_route and self.has_make_route_permission(request)
        link = url("route", words) if offered else ""
        return super().page_context(request, record) | {"route_url": link}

    def held_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the view of held callbacks shows above them."""
        found = held.groups()
        return {
            "groups": [self._row(request, group) for group in found[: held.MOST_GROUPS]],
            "more_groups": max(0, len(found) - held.MOST_GROUPS),
            "lacks_routes": bool(found) and not any(group.route for group in found),
        }

    @admin.action(description=_("Make a route for these"), permissions=["make_route"])
    def make_route_selected(self, request: HttpRequest, queryset: CallbackQuerySet) -> HttpResponse:
        """For the place that they have in common; a page of its own asks."""
        places = set(queryset.held().values_list("service_number", "function"))
        numbers, functions = {number for number, _f in places}, {f.lower() for _n, f in places}
        if len(numbers) != 1:
            text = gettext("Choose held callbacks of one service number: a route is for one.")
            messages.warning(request, text)
            return HttpResponseRedirect(held_view())
        function = next(iter(places))[1] if len(functions) == 1 else ""
        return HttpResponseRedirect(
            url("route", {"service_number": numbers.pop(), "function": function})
        )

    def make_route(self, request: HttpRequest) -> HttpResponse:
        if not self.has_make_route_permission(request):
            raise PermissionDenied
        place = Place.of(request.GET)
        if route := place.route():
            messages.info(request, _existing(route))
            return HttpResponseRedirect(
                reverse("admin:callbacks_functionroute_change", args=[route.pk])
            )
        if request.method == "POST":
            if words := " ".join(expected(place.held())):
                messages.info(request, words)
            return HttpResponseRedirect(_filled_form(place))
        lines = [_applies_to(place), *_to_be_adopted(place), *expected(place.held())]
        return self._ask(request, MAKE_ROUTE, lines)

    def release_group(self, request: HttpRequest) -> HttpResponse:
        if not self.has_requeue_permission(request):
            raise PermissionDenied
        words = request.GET.get("service_number", ""), request.GET.get("function", "")
        callbacks = held.came_with(*words)
        asked = callbacks.count()
        if request.method == "POST":
            report(
                request, RELEASE, changed=staff.release(callbacks, by=person(request)), asked=asked
            )
            return HttpResponseRedirect(held_view())
        if not asked:
            messages.info(request, gettext("Nothing of it is held any more."))
            return HttpResponseRedirect(held_view())
        text = ngettext("%(n)d callback is held.", "%(n)d callbacks are held.", asked)
        return self._ask(request, RELEASE, [_applies_to(Place(*words)), text % {"n": asked}])

    def dismiss_group(self, request: HttpRequest) -> HttpResponse:
        if not self.has_dismiss_permission(request):
            raise PermissionDenied
        words = request.GET.get("service_number", ""), request.GET.get("function", "")
        came = held.came_with(*words)
        group = GroupAsked(came, _came_with(*words), None, held_view())
        return dismiss_group(self, request, group)

    def _ask(self, request: HttpRequest, words: Words, lines: list[str]) -> HttpResponse:
        page = "callbacks/confirm_held.html"
        return ask(self, request, words, template=page, lines=lines, back=held_view())

    def _row(self, request: HttpRequest, group: Group) -> dict[str, Any]:
        words = {"service_number": group.service_number, "function": group.function}
        may_route = self.has_make_route_permission(request) and not group.route
        may_release = self.has_requeue_permission(request) and group.waits_for_click
        return {
            "group": group,
            "number": phone(group.service_number),
            "oldest": when(group.oldest, ago(group.oldest, timezone.now())),
            "route_url": url("route", words) if may_route else "",
            "release_url": url("release", words) if may_release else "",
            "dismiss_url": url("dismiss", words) if self.has_dismiss_permission(request) else "",
        }


def url(verb: str, words: dict[str, str]) -> str:
    return f"{reverse(f'admin:callbacks_held_{verb}')}?{urlencode(words)}"


def held_view() -> str:
    return f"{reverse('admin:callbacks_callback_changelist')}?status__exact={Status.HELD}"


def expected(callbacks: CallbackQuerySet) -> list[str]:
    """What the route will do for those that wait for it, in sentences."""
    young, old = held.young_and_old(callbacks)
    if not young + old:
        return []
    by_itself = ngettext(
        "%(n)d held callback goes out by itself once the route is saved.",
        "%(n)d held callbacks go out by themselves once the route is saved.",
        young,
    )
    by_click = ngettext(
        "%(n)d is too old for that and needs a click: release it afterwards.",
        "%(n)d are too old for that and need a click: release them afterwards.",
        old,
    )
    return [by_itself % {"n": young}, *([by_click % {"n": old}] if old else [])]


def tell_what_went_out(request: HttpRequest, route: FunctionRoute) -> None:
    """For whoever saves a route: how many it let go, and how many now wait for a click."""
    before = Callback.objects.held().count()

    def tell() -> None:
        attention.forget()
        went = before - Callback.objects.held().count()
        if went > 0:
            text = ngettext("%(n)d callback went out.", "%(n)d callbacks went out.", went)
            messages.success(request, text % {"n": went})
        of_route = [group.count for group in held.groups() if group.route == route]
        if route.sends and (left := sum(of_route)):
            text = ngettext(
                "%(n)d older one stays held until somebody releases it, under “Held”.",
                "%(n)d older ones stay held until somebody releases them, under “Held”.",
                left,
            )
            messages.warning(request, text % {"n": left})

    transaction.on_commit(tell)


def _applies_to(place: Place) -> str:
    number = phone(place.service_number) if place.service_number else gettext("any")
    function = place.function or gettext("any")
    text = gettext("Service number: %(number)s. Function: %(function)s.")
    return text % {"number": number, "function": function}


def _came_with(service_number: str, function: str) -> str:
    text = gettext("Service number: %(number)s. Function: %(function)s.")
    return text % {"number": phone(service_number) or DASH, "function": function or DASH}


def _to_be_adopted(place: Place) -> list[str]:
    adopted = ServiceNumber.objects.filter(number=place.service_number, adopted=True)
    if not place.service_number or adopted.exists():
        return []
    return [gettext("The service number is not configured yet; it is adopted with the route.")]


def _filled_form(place: Place) -> str:
    """Also makes sure that there is a service number to choose in it."""
    said = place.held().exclude(service_name="").values_list("service_name", flat=True).first()
    number = configured(place.service_number, said or "") if place.service_number else None
    title = number.name or number.number if number else ""
    initial = {
        "name": " · ".join(filter(None, [title, place.function])),
        "service_number": str(number.pk) if number else "",
        "function": place.function,
    }
    return f"{reverse('admin:callbacks_functionroute_add')}?{urlencode(initial)}"


def _existing(route: FunctionRoute) -> str:
    if route.enabled:
        return gettext("There is a route for these already: this one.")
    return gettext("There is a route for these, switched off: this one.")
