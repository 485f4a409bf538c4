"""What helps to write a route: names from the org to choose from, and a preview while typing.

Both are answers to the form's script, never written down. The preview fills the form's templates,
saved or not, with a callback that came; who may see no callers gets one that nobody asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext

from callbacks import trials
from callbacks.admin.changes import Recorded
from callbacks.admin.looks import note_look
from callbacks.admin.wording import caller, clock
from callbacks.choices import Choice, Choices, choices
from callbacks.masking import sees_personal_data
from callbacks.models import Callback, FunctionRoute, ServiceNumber

TEXTS = (
    *("name", "function", "action", "target", "key_field", "record_type", "owner"),
    "find_caller_in",
)
MOST_LINES = 300
CHOICES = {
    "function": "functions",
    "target": "targets",
    "key_field": "key_fields",
    "record_type": "record_types",
    "owner": "owners",
    "field": "fields",
}


class RouteForm(Recorded[FunctionRoute]):
    change_form_after_template = "callbacks/route_preview.html"

    class Media:
        js = ("callbacks/choosing.js", "callbacks/route_form.js")

    def get_urls(self) -> list[URLPattern]:
        inside, name = self.admin_site.admin_view, "callbacks_functionroute"
        own = [
            path("choices/", inside(self.choices_view), name=f"{name}_choices"),
            path("preview/", inside(self.preview_view), name=f"{name}_preview"),
        ]
        return own + super().get_urls()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return with_choices(db_field.name, field)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:  # fmt: skip
        context["route_form"] = {
            "choices": reverse("admin:callbacks_functionroute_choices"),
            "preview": reverse("admin:callbacks_functionroute_preview"),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def choices_view(self, request: HttpRequest) -> HttpResponse:
        """Asked with POST, because it may ask the other side."""
        if refusal := self._refusal(request):
            return refusal
        target, action = (request.POST.get(name, "") for name in ("target", "action"))
        known = choices(target, action, again="again" in request.POST)
        told = {name: [asdict(each) for each in found] for name, found in _lists(known).items()}
        return JsonResponse(told | {"functions": _functions(), "said": _said(known)})

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        if refusal := self._refusal(request):
            return refusal
        route, number = route_of(request.POST)
        found = trials.samples(number, route.function) if may_see_callbacks(request) else []
        asked_for = request.POST.get("sample", "")
        chosen = (each for each in found if str(each.pk) == asked_for)
        sample = next(chosen, found[0] if found else None)
        if sample:
            note_look(request, sample)
        callback = sample or trials.example(number, route.function)
        trial = trials.tried(callback, route, ask="ask" in request.POST)
        context = {"trial": trial, "callback": callback, "is_example": not found}
        html = render_to_string("callbacks/trial.html", context, request)
        return JsonResponse(
            {
                "html": html,
                "samples": [{"id": str(each.pk), "label": label_of(each)} for each in found],
            }
        )

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        may = self.has_add_permission(request) or self.has_change_permission(request)
        if not may:
            raise PermissionDenied
        return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])


def with_choices(name: str, field: Any) -> Any:
    """The field with a word for the script: which names it may offer for it."""
    if field and name in CHOICES:
        field.widget.attrs |= {"data-jb-choices": CHOICES[name], "autocomplete": "off"}
    return field


def may_see_callbacks(request: HttpRequest) -> bool:
    return request.user.has_perm("callbacks.view_callback") and sees_personal_data()


def route_of(form: Mapping[str, Any]) -> tuple[FunctionRoute, str]:
    """The route of a form that was not saved, unchecked, and the number that it is for."""
    route = FunctionRoute(**{name: str(form.get(name, "")) for name in TEXTS})
    lines = (f"mappings-{index}" for index in range(MOST_LINES))
    route.templates = {
        form[f"{line}-field"].strip(): str(form.get(f"{line}-template", ""))
        for line in lines
        if str(form.get(f"{line}-field", "")).strip() and not form.get(f"{line}-DELETE")
    }
    key = str(form.get("service_number", ""))
    number = ServiceNumber.objects.filter(pk=key).first() if key.isdecimal() else None
    return route, number.number if number else ""


def _lists(known: Choices) -> dict[str, Sequence[Choice]]:
    return {
        "targets": known.targets,
        "fields": known.fields,
        "key_fields": known.key_fields,
        "record_types": known.record_types,
        "owners": known.owners,
        "variables": known.variables,
    }


def _functions() -> list[dict[str, Any]]:
    """What routes are for, and what callbacks asked for of late."""
    of_routes = FunctionRoute.objects.values_list("function", flat=True)
    names = {name.lower(): name for name in (*trials.functions_of_late(), *of_routes) if name}
    return [asdict(Choice(names[key])) for key in sorted(names)]


def _said(known: Choices) -> str:
    """How fresh the names are; nothing where nobody knows any."""
    if known.known_at is None:
        return gettext("Salesforce cannot be asked right now.") if known.is_away else ""
    since = {"time": clock(known.known_at, timezone.now())}
    if known.is_away:
        return gettext("As of %(time)s; Salesforce cannot be asked right now.") % since
    return gettext("As of %(time)s.") % since


def label_of(callback: Callback) -> str:
    when = clock(callback.received_at, timezone.now())
    words = [when, caller(callback.number_to_dial), callback.function]
    return " · ".join(filter(None, words))
