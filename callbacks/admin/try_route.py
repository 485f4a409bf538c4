"""A page to try a callback on: which route applies to it, and what would be sent. Nothing is."""

from typing import Any, NamedTuple

import orjson
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from callbacks import trials
from callbacks.admin.looks import note_look
from callbacks.admin.place_form import PlaceForm, offers
from callbacks.admin.rejected_requests import explain
from callbacks.admin.route_form import label_of, may_see_callbacks
from callbacks.admin.send_test_callback import page_url
from callbacks.dialects import NoCallerError
from callbacks.models import AcdClient, Callback
from callbacks.models.route import Reach
from callbacks.parsers import UnreadableError
from callbacks.routing import RouteTable

NO_CALLER = "The request names no caller: CallerID, Caller or CallbackNumber."
MOST_CHARACTERS = 100_000
BECAUSE = {
    Reach.PAIR: _("because it is made for just this number and function"),
    Reach.NUMBER: _("because it is for all functions of this number, and none is narrower"),
    Reach.FUNCTION: _("because it is for this function of any number, and none is narrower"),
    Reach.ALL: _("because it is for everything, and none is narrower"),
}


class FactsForm(PlaceForm):
    """A callback in a few words."""

    fields_sent = forms.CharField(
        label=_("Further fields"),
        required=False,
        max_length=MOST_CHARACTERS,
        help_text=_("One a line, such as UserData: 4711."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "class": "jb-template"}),
    )

    def callback(self, _request: HttpRequest) -> Callback:
        given = self.cleaned_data
        lines = (line.partition(":") for line in given["fields_sent"].splitlines())
        sent = {name.strip(): value.strip() for name, _colon, value in lines if name.strip()}
        sent |= {
            "CallerID": given["caller"],
            "ServiceNumber": given["service_number"],
            "Function": given["function"],
        }
        return _read(orjson.dumps(sent))


class RequestForm(forms.Form):
    """A callback as the telephone system sends it."""

    body = forms.CharField(
        label=_("Request"),
        max_length=MOST_CHARACTERS,
        help_text=_("The JSON that the telephone system sends."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 12, "class": "jb-template"}),
    )

    def callback(self, _request: HttpRequest) -> Callback:
        return _read(self.cleaned_data["body"].encode("utf-8", "surrogatepass"))


class StoredForm(forms.Form):
    """A callback that came."""

    stored = forms.ModelChoiceField(
        label=_("Callback"), queryset=Callback.objects.none(), widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, chosen: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = trials.samples("", "")
        found += [each for each in trials.stored(chosen) if each not in found]
        field: Any = self.fields["stored"]
        field.queryset = Callback.objects.select_related("client")
        field.choices = [(each.pk, label_of(each)) for each in found]
        field.initial = chosen

    def callback(self, request: HttpRequest) -> Callback:
        callback: Callback = self.cleaned_data["stored"]
        note_look(request, callback)
        return callback


class Way(NamedTuple):
    title: Promise | str
    form: type[FactsForm | RequestForm | StoredForm]


WAYS = {
    "facts": Way(_("In a few words"), FactsForm),
    "request": Way(_("A request"), RequestForm),
    "stored": Way(_("A callback that came"), StoredForm),
}


def try_route(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("callbacks.view_functionroute"):
        raise PermissionDenied
    ways = {
        name: way for name, way in WAYS.items() if name != "stored" or may_see_callbacks(request)
    }
    chosen = request.GET.get("by", "stored" if "callback" in request.GET else "facts")
    if chosen not in ways:
        raise Http404
    form = _form(request, ways[chosen])
    context = {
        **admin.site.each_context(request),
        "title": gettext("Try a route"),
        "ways": ways,
        "chosen": chosen,
        "form": form,
        **offers(),
        "test_url": page_url(request),
        "result": _result(request, form) if form.is_bound and form.is_valid() else None,
    }
    return TemplateResponse(request, "callbacks/try_route.html", context)


def _form(request: HttpRequest, way: Way) -> FactsForm | RequestForm | StoredForm:
    data = request.POST if request.method == "POST" else None
    if way.form is StoredForm:
        chosen = request.POST.get("stored") or request.GET.get("callback", "")
        return StoredForm(data, chosen=chosen)
    given = {
        name: request.GET[name] for name in ("service_number", "function") if name in request.GET
    }
    return way.form(data, initial=given)


def _result(
    request: HttpRequest, form: FactsForm | RequestForm | StoredForm
) -> dict[str, Any] | None:
    try:
        callback = form.callback(request)
    except UnreadableError as error:
        form.add_error(None, explain(str(error)))
        return None
    except NoCallerError:
        form.add_error(None, explain(NO_CALLER))
        return None
    return outcome(request, callback)


def outcome(request: HttpRequest, callback: Callback) -> dict[str, Any]:
    """Which route applies to a callback by now, why, and what would be sent."""
    route = RouteTable.load().match(callback.service_number, callback.function)
    return {
        "route": route,
        "because": BECAUSE[Reach(route.reach)] if route else "",
        "trial": trials.tried(callback, route, ask=_may_ask(request)) if route else None,
    }


def _may_ask(request: HttpRequest) -> bool:
    """Who only looks costs the org no call."""
    rights = ("callbacks.change_functionroute", "callbacks.requeue_callback")
    return any(request.user.has_perm(right) for right in rights)


def _read(body: bytes) -> Callback:
    return trials.callback_of(body, client=AcdClient(), now=timezone.now())
