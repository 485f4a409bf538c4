"""The connection: whether callbacks flow to Salesforce, and if not, why and what to do."""
# ruff: noqa: ARG002 - the signatures are Django's and Unfold's

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callbacks.admin.actions import Words, done
from callbacks.admin.dress import RecordScreen, detail_action
from callbacks.admin.facts import Fact
from callbacks.admin.wording import NOTHING, ago, full_date, translated
from crm.models import Org

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
    actions_detail = ("retry", "confirm")
    actions_detail_hide_default = True

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect(_page(Org.objects.current()))

    def title_of(self, record: Org) -> str:
        return gettext("Connection")

    def page_context(self, request: HttpRequest, record: Org) -> dict[str, Any]:
        since, retry_at = record.trouble_since, record.retry_at
        return {
            "reason": translated(record.trouble_reason),
            "next_step": translated(record.trouble_next_step),
            "facts": [
                Fact(gettext("Org"), record.org_id or NOTHING),
                Fact(gettext("Trouble since"), full_date(since) if since else NOTHING),
                Fact(gettext("Code"), record.trouble_code or NOTHING),
                Fact(gettext("Next try"), full_date(retry_at) if retry_at else NOTHING),
            ],
            "since": ago(since, timezone.now()) if since else "",
        }

    def has_steer_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("crm.change_org")

    @detail_action(
        description=_("Try again now"),
        url_path="retry",
        icon="replay",
        permissions=["steer"],
        dialog=RETRY.dialog(),
    )
    def retry(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        Org.retry_now()
        return _told(request, RETRY)

    @detail_action(
        description=_("Confirm this org"),
        url_path="confirm",
        icon="verified",
        permissions=["steer"],
        dialog=CONFIRM.dialog(),
    )
    def confirm(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        Org.forget_pinned()
        return _told(request, CONFIRM)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        org = Org.objects.current()
        offered = {"retry"} if org.trouble_since else set()
        if org.trouble_code == "ANOTHER_ORG":
            offered = {"confirm"}
        allowed: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [action for action in allowed if action.path in offered]


def _told(request: HttpRequest, words: Words) -> HttpResponse:
    messages.success(request, str(words.done))
    return done(_page(Org.objects.current()))


def _page(org: Org) -> str:
    return reverse("admin:crm_org_change", args=[org.pk])
