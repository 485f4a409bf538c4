from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from callbacks.admin import dry_run, facts
from callbacks.admin.actions import StaffActions
from callbacks.admin.correcting import Corrections
from callbacks.admin.dress import ChangeList
from callbacks.admin.held import HeldActions
from callbacks.admin.saved_views import SavedViews
from callbacks.lists import STATE_PARAMETER, UNSERVED
from callbacks.masking import personal
from callbacks.models import Callback
from callbacks.models.callback import Status
from callbacks.models.queue import CallbackQuerySet


class View(NamedTuple):
    """The list of one state, with the columns and actions that it calls for."""

    state: str  # or `UNSERVED`, which is several
    title: Promise | str
    columns: tuple[str, ...]
    actions: Sequence[str]
    oldest_first: bool = False
    empty: Promise | str = ""


ALL_COLUMNS = ("state", "when_received", "who", "service", "wanted", "case", "attempts")
STATELESS = ("when_received", "who", "service", "wanted", "case", "attempts")
VIEWS = (
    View("", _("All"), ALL_COLUMNS, StaffActions.actions),
    View(
        UNSERVED,
        _("Not answered yet"),
        ("when_received", "who", "service", "wanted", "state", "open_case"),
        (),
        oldest_first=True,
        empty=_("Nobody waits for an answer."),
    ),
    View(
        Status.PENDING,
        _("Waiting"),
        ("when_received", "who", "service", "wanted", "attempts", "next_attempt"),
        ("send_now_selected", "dismiss_selected"),
        oldest_first=True,
        empty=_("Nothing is waiting. Every callback is in Salesforce or with you."),
    ),
    View(
        Status.FAILED,
        _("Failed"),
        ("reason", "when_received", "who", "service", "attempts"),
        ("requeue_selected", "dismiss_selected"),
        oldest_first=True,
        empty=_("Nothing failed. Every callback sent has arrived in Salesforce."),
    ),
    View(
        Status.HELD,
        _("Held"),
        ("when_received", "who", "service", "wanted"),
        ("make_route_selected", "release_selected", "dismiss_selected"),
        oldest_first=True,
        empty=_("Nothing is held. A route applies to every callback."),
    ),
    View(Status.SYNCED, _("In Salesforce"), STATELESS, ()),
    View(
        Status.DISMISSED,
        _("Dismissed"),
        ("when_received", "who", "service", "wanted", "why_dismissed"),
        ("requeue_selected",),
    ),
    View(
        Status.MERGED,
        _("Merged"),
        STATELESS,
        (),
        empty=_("Nothing is merged. Every wish is a callback of its own."),
    ),
    View(Status.ANSWERED, _("Answered"), ("when_received", "who", "service", "wanted"), ()),
)
BY_STATE = {view.state: view for view in VIEWS}


def chosen_view(request: HttpRequest) -> View:
    return BY_STATE.get(request.GET.get(STATE_PARAMETER, ""), VIEWS[0])


class CallbackList(ChangeList):
    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """What Django looks up by itself: not those of several states."""
        found: dict[str, Any] = super().get_filters_params(params)
        asked = found.get(STATE_PARAMETER, [""])
        return {n: v for n, v in found.items() if n != STATE_PARAMETER or asked[-1] != UNSERVED}


@admin.register(Callback)
class CallbackAdmin(SavedViews, Corrections, HeldActions):
    actions = (*StaffActions.actions, "make_route_selected")
    list_class = CallbackList
    list_before_template = "callbacks/saved_views.html"

    def get_urls(self) -> list[URLPattern]:
        inside = self.admin_site.admin_view
        own = [
            path(
                "<uuid:key>/dry-run/", inside(require_POST(self.dry_run)), name="callbacks_dry_run"
            ),
            path("<uuid:key>/state/", inside(self.told), name="callbacks_state"),
        ]
        return own + super().get_urls()

    def told(self, request: HttpRequest, key: UUID) -> JsonResponse:
        """How it stands, for a page that waits for it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        callback = get_object_or_404(Callback.objects.only("status", "lease_no"), pk=key)
        answer = JsonResponse({"state": facts.stands(callback)})
        answer["Cache-Control"] = "no-store"
        return answer

    def dry_run(self, request: HttpRequest, key: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return dry_run.answer(request, get_object_or_404(self.get_queryset(request), pk=key))

    def get_queryset(self, request: HttpRequest) -> CallbackQuerySet:
        callbacks = super().get_queryset(request)
        return callbacks.unserved() if chosen_view(request).state == UNSERVED else callbacks

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return chosen_view(request).columns

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        if chosen_view(request).oldest_first:
            return ("received_at", "id")
        return ("-received_at", "-id")

    def empty_words(self, request: HttpRequest) -> object:
        return chosen_view(request).empty

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered = chosen_view(request).actions
        return {name: a for name, a in super().get_actions(request).items() if name in offered}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        chosen = chosen_view(request)
        views = {
            **self.tabs_context(request, {view.state: view.title for view in VIEWS}),
            **(self.held_context(request) if chosen.state == Status.HELD else {}),
        }
        return super().changelist_view(request, {**(extra_context or {}), **views})

    def url_after_action(self, object_id: str) -> str:
        return reverse("admin:callbacks_callback_change", args=[object_id])

    @admin.display(description=_("Reason"))
    def why_dismissed(self, callback: Callback) -> str:
        return personal(callback.dismiss_reason)
