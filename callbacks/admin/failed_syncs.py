# ruff: noqa: ARG002 - the signatures are Django's
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from callbacks import failures
from callbacks.admin import failed_groups, on_it
from callbacks.admin.caring import Caring
from callbacks.admin.dismissing_groups import GroupAsked, dismiss_group
from callbacks.admin.filters import DaysFilter, FunctionFilter, ServiceNumberFilter
from callbacks.admin.places import SIGNATURE_PARAMETER
from callbacks.admin.replay_start import ReplayStart, groups_page, start_page
from callbacks.admin.replays import OUTCOME_PARAMETER, REPLAY_PARAMETER
from callbacks.admin.wording import translated
from callbacks.masking import personal
from callbacks.models import Callback, FailedSync
from callbacks.models.queue import CallbackQuerySet

if TYPE_CHECKING:
    from django.db.models.options import Options


@admin.register(FailedSync)
class FailedSyncAdmin(Caring, ReplayStart):
    """What Salesforce refused, in groups; and the callbacks of one, those that wait longest first."""

    list_before_template = "callbacks/failed_lead.html"
    ordering = ("received_at", "id")
    sortable_by: ClassVar[tuple[str, ...]] = ()
    list_filter: ClassVar = (
        DaysFilter,
        ServiceNumberFilter,
        FunctionFilter,
    )  # the reason is the group's
    lookups = (SIGNATURE_PARAMETER, REPLAY_PARAMETER, OUTCOME_PARAMETER)
    actions = ("replay_selected", "dismiss_selected")
    empty_text = _("Nothing failed. Every callback sent has arrived in Salesforce.")

    def get_urls(self) -> list[URLPattern]:
        dismiss = self.admin_site.admin_view(self.dismiss_group)
        return [
            path("dismiss/", dismiss, name="callbacks_failedsync_dismiss_group"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> CallbackQuerySet:
        return super().get_queryset(request).failed()

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Within a group the reason is everybody's, and said above."""
        of_group = SIGNATURE_PARAMETER in request.GET
        first = "said" if of_group else "reason"
        return (first, "when_received", "who", "service", "attempts")

    @admin.display(description=_("Salesforce's words"))
    def said(self, callback: Callback) -> SafeString:
        detail = personal(callback.failure_detail) or callback.failure_code
        return format_html('<span class="jb-why"><span>{}</span></span>', detail)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "GET" and not request.GET:
            return self._groups(request)
        chosen = request.GET.get(SIGNATURE_PARAMETER)
        group = failures.group(chosen) if chosen is not None else None
        lead = {
            "groups_url": groups_page(),
            "sentence": translated(group.reason) if group else "",
            "next_step": translated(group.next_step) if group else "",
            "signature": (group.signature or group.code) if group else "",
            "on_it": on_it.of_group(group.signature) if group else None,
            "resend_url": start_page(group.signature)
            if group and self.has_requeue_permission(request)
            else "",
            "dismiss_url": failed_groups.dismiss_url(group.signature)
            if group and self.has_dismiss_permission(request)
            else "",
        }
        return super().changelist_view(request, {**(extra_context or {}), **lead})

    def _groups(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rights = {
            "may_resend": self.has_requeue_permission(request),
            "may_dismiss": self.has_dismiss_permission(request),
        }
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": self.opts.verbose_name_plural,
            **failed_groups.context(request, **rights),
        }
        return TemplateResponse(request, "callbacks/failed_groups.html", context)

    def dismiss_group(self, request: HttpRequest) -> HttpResponse:
        if not self.has_dismiss_permission(request):
            raise PermissionDenied
        signature = request.GET.get("signature", "")
        found = failures.group(signature)
        group = GroupAsked(
            failures.of_signature(signature),
            (translated(found.reason) or found.code) if found else "",
            on_it.of_group(signature),
            groups_page(),
        )
        return dismiss_group(self, request, group)

    def url_after_action(self, object_id: str) -> str:
        return reverse("admin:callbacks_failedsync_changelist")

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: "Options[Callback]", object_id: str
    ) -> HttpResponseRedirect:
        """It is no longer failed, and has a page as every callback has."""
        return HttpResponseRedirect(reverse("admin:callbacks_callback_change", args=[object_id]))
