"""The connection: whether callbacks flow to Salesforce, and if not, why and what to do."""
# ruff: noqa: ARG002 - the signatures are Django's and Unfold's

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from callbacks.admin.actions import Words, done
from callbacks.admin.dress import RecordScreen, detail_action
from callbacks.admin.facts import Fact
from callbacks.admin.overview import state
from callbacks.admin.wording import NOTHING, ago, clock, translated, two_lines
from crm import staff
from crm.admin.flowing import may_steer, page_of
from crm.admin.inspections import TEST, panel
from crm.admin.open_findings import open_findings
from crm.admin.steering import PAUSE, RESUME, PauseDialog, ResumeDialog
from crm.bell import inspection_bell
from crm.models import ApiCalls, Org

if TYPE_CHECKING:
    from django.contrib.auth.models import User

RETRY = Words(
    _("Try again now?"),
    _("Within seconds Salesforce is asked whether it goes on. Nothing is lost either way."),
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
    actions_detail = ("test", "pause", "resume", "retry", "confirm")
    actions_detail_hide_default = True

    def get_urls(self) -> list[URLPattern]:
        told = self.admin_site.admin_view(self.told)
        return [path("test/", told, name="crm_org_tested"), *super().get_urls()]

    def told(self, request: HttpRequest) -> JsonResponse:
        """Whether a test is under way: asked for by the page while one is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return JsonResponse({"state": panel(timezone.now()).state})

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect(page_of(Org.objects.current()))

    def title_of(self, record: Org) -> str:
        return gettext("Connection")

    def page_context(self, request: HttpRequest, record: Org) -> dict[str, Any]:
        now = timezone.now()
        return {
            "now": state(request),
            "next_step": _next_step(record),
            "facts": _facts(record, now),
            "test": panel(now),
            "open_findings": open_findings(request, now),
            "calls": _calls_today(),
        }

    def has_settle_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("crm.settle_org")

    def has_steer_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may_steer(request)

    @detail_action(
        description=TEST.submit,
        url_path="test",
        icon="network_check",
        permissions=["steer"],
        dialog=TEST.dialog(),
    )
    def test(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        if staff.inspect(by=_person(request)):
            inspection_bell.ring()
        messages.info(request, str(TEST.done))
        return done(page_of(Org.objects.current()))

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
        staff.retry_org(by=_person(request))
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
        offered = {"test", "resume" if org.paused_at else "pause"}
        if org.drip_per_minute:
            offered |= {"resume", "pause"}
        if org.trouble_since and not org.paused_at:
            offered.add("confirm" if org.trouble_code == staff.ANOTHER_ORG else "retry")
        allowed: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [action for action in allowed if action.path in offered]


def _next_step(org: Org) -> str:
    in_trouble = org.trouble_since and not org.paused_at
    return translated(org.trouble_next_step) if in_trouble else ""


def _facts(org: Org, now: datetime) -> list[Fact]:
    return [
        Fact(gettext("Sign-in"), _sign_in(org, now)),
        Fact(gettext("Org"), _org(org)),
        Fact(gettext("User"), _code(org.user_id)),
        Fact(gettext("API version"), settings.SALESFORCE_API_VERSION),
        Fact(gettext("Key field"), _code(settings.SALESFORCE_KEY_FIELD)),
        Fact(gettext("Safety stop"), _stop(org, now)),
    ]


def _code(text: str) -> SafeString:
    return format_html("<code>{}</code>", text) if text else NOTHING


def _sign_in(org: Org, now: datetime) -> SafeString | str:
    if not settings.SALESFORCE_URL:
        return NOTHING
    with_key = gettext("with a signed key")
    way = with_key if settings.SALESFORCE_PRIVATE_KEY else gettext("with client id and secret")
    if org.signed_in_at is None:
        return two_lines(way, gettext("not yet"))
    return two_lines(way, gettext("confirmed %(ago)s") % {"ago": ago(org.signed_in_at, now)})


def _org(org: Org) -> SafeString | str:
    address = org.instance_url or settings.SALESFORCE_URL
    if not org.org_id:
        return address or NOTHING
    return two_lines(_code(org.org_id), address.removeprefix("https://"))


def _stop(org: Org, now: datetime) -> SafeString | str:
    """What keeps us from asking an org in trouble again and again."""
    if org.retry_at is None:
        return gettext("not set")
    until = gettext("next try at %(time)s") % {"time": clock(org.retry_at, now)}
    tries = ngettext("%(n)d try in vain", "%(n)d tries in vain", org.troubles)
    return two_lines(until, f"{tries % {'n': org.troubles}} · {org.trouble_code}")


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
    "repair": _("Settling findings"),
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
