"""The connection: whether callbacks flow to Salesforce, and if not, why and what to do."""
# ruff: noqa: ARG002 - the signatures are Django's and Unfold's

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from callbacks.admin.actions import Words, done
from callbacks.admin.dress import RecordScreen, detail_action
from callbacks.admin.facts import Fact
from callbacks.admin.overview import state
from callbacks.admin.wording import NOTHING, clock, full_date, translated
from crm import staff
from crm.admin.flowing import may_steer, page_of
from crm.admin.steering import PAUSE, RESUME, PauseDialog, ResumeDialog
from crm.models import ApiCalls, Org

if TYPE_CHECKING:
    from django.contrib.auth.models import User

RETRY = Words(
    _("Try again now?"),
    _("The next sweep asks Salesforce whether it goes on. Callbacks lose nothing either way."),
    _("Try again now"),
    _("Salesforce is asked again within seconds."),
)
CONFIRM = Words(
    _("Confirm this org?"),
    _("Callbacks go to the org that answers now. Those already synced stay with the org before."),
    _("Confirm this org"),
    _("The org that answers next is ours from now on."),
)


@admin.register(Org)
class OrgAdmin(RecordScreen[Org]):
    """One row, so the list leads straight to it."""

    change_form_template = "crm/org_page.html"
    actions_detail = ("pause", "resume", "retry", "confirm")
    actions_detail_hide_default = True

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect(page_of(Org.objects.current()))

    def title_of(self, record: Org) -> str:
        return gettext("Connection")

    def page_context(self, request: HttpRequest, record: Org) -> dict[str, Any]:
        return {
            "now": state(request),
            "next_step": _next_step(record),
            "facts": _facts(record),
            "calls": _calls_today(),
        }

    def has_settle_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("crm.change_org")

    def has_steer_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may_steer(request)

    @detail_action(
        description=_("Pause"),
        url_path="pause",
        icon="pause",
        permissions=["steer"],
        dialog=PAUSE.dialog(PauseDialog),
    )
    def pause(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        reason = form.cleaned_data["reason"]
        return _told(request, PAUSE, changed=staff.pause(by=_person(request), reason=reason))

    @detail_action(
        description=_("Resume"),
        url_path="resume",
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
        permissions=["steer"],
        dialog=RESUME.dialog(ResumeDialog),
    )
    def resume(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        rate = form.cleaned_data["per_minute"]
        return _told(request, RESUME, changed=staff.resume(by=_person(request), per_minute=rate))

    @detail_action(
        description=_("Try again now"),
        url_path="retry",
        icon="replay",
        permissions=["settle"],
        dialog=RETRY.dialog(),
    )
    def retry(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        Org.retry_now()
        return _told(request, RETRY, changed=True)

    @detail_action(
        description=_("Confirm this org"),
        url_path="confirm",
        icon="verified",
        permissions=["settle"],
        dialog=CONFIRM.dialog(),
    )
    def confirm(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        return _told(request, CONFIRM, changed=staff.confirm_org(by=_person(request)))

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        org = Org.objects.current()
        offered = {"resume"} if org.paused_at else {"pause"}
        if org.drip_per_minute:
            offered = {"resume", "pause"}
        if org.trouble_since and not org.paused_at:
            offered.add("confirm" if org.trouble_code == staff.ANOTHER_ORG else "retry")
        allowed: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [action for action in allowed if action.path in offered]


def _next_step(org: Org) -> str:
    in_trouble = org.trouble_since and not org.paused_at
    return translated(org.trouble_next_step) if in_trouble else ""


def _facts(org: Org) -> list[Fact]:
    since, retry_at = org.trouble_since, org.retry_at
    return [
        Fact(gettext("Org"), org.org_id or NOTHING),
        Fact(gettext("Trouble since"), full_date(since) if since else NOTHING),
        Fact(gettext("Code"), org.trouble_code or NOTHING),
        Fact(gettext("Next try"), full_date(retry_at) if retry_at else NOTHING),
        Fact(gettext("Calls of all"), _usage(org)),
    ]


def _usage(org: Org) -> object:
    """Of the org's day, by whoever: and where we stop."""
    if org.api_used is None or org.api_maximum is None or org.api_heard_at is None:
        return NOTHING
    ours = int(org.api_maximum * (1 - settings.SALESFORCE_API_RESERVE))
    words = gettext("%(used)s of %(maximum)s in 24 hours, as of %(time)s; we stop at %(ours)s")
    return words % {
        "used": number_format(org.api_used),
        "maximum": number_format(org.api_maximum),
        "time": clock(org.api_heard_at, timezone.now()),
        "ours": number_format(ours),
    }


PURPOSES = {
    "sync": _("Bringing callbacks"),
    "sign_in": _("Signing in"),
    "describe": _("Looking at objects"),
    "search": _("Searching callers"),
    "pull": _("Asking for news of Cases"),
    "reconcile": _("Comparing"),
    "drift": _("Watching fields"),
    "probe": _("Asking whether it goes on"),
    "check": _("Checking the set-up"),
    "dry_run": _("Dry runs"),
    "live": _("Answering callers live"),
    "other": _("Other"),
}


def _calls_today() -> list[Fact]:
    """The most frequent first."""
    today = datetime.now(UTC).date()
    rows = ApiCalls.objects.filter(day=today).order_by("-calls").values_list("purpose", "calls")
    return [Fact(str(PURPOSES.get(name, name)), number_format(calls)) for name, calls in rows]


def _told(request: HttpRequest, words: Words, *, changed: bool) -> HttpResponse:
    if changed:
        messages.success(request, str(words.done))
    else:
        messages.warning(request, gettext("Somebody else was quicker; nothing was changed."))
    return done(_where_pressed(request))


def _where_pressed(request: HttpRequest) -> str:
    """The first page has the same buttons, and whoever pressed one there stays there."""
    overview = reverse("admin:index")
    came_from = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return overview if came_from == overview else page_of(Org.objects.current())


def _person(request: HttpRequest) -> "User":
    return cast("User", request.user)  # the admin lets nobody else in
