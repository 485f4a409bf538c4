# ruff: noqa: ARG002 - the signatures are Django's
from typing import TYPE_CHECKING, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from callbacks.admin.callback_screens import CallbackScreens
from callbacks.models import Callback, FailedSync
from callbacks.models.queue import CallbackQuerySet

if TYPE_CHECKING:
    from django.db.models.options import Options


@admin.register(FailedSync)
class FailedSyncAdmin(CallbackScreens):
    """What Salesforce refused: why, and what to do. The oldest first: it has waited longest."""

    list_display = ("reason", "when_received", "who", "service", "attempts")
    list_before_template = "callbacks/failed_lead.html"
    ordering = ("received_at", "id")
    sortable_by: ClassVar[tuple[str, ...]] = ()
    actions = ("requeue_selected", "dismiss_selected")
    empty_text = _("Nothing failed. Every callback sent has arrived in Salesforce.")

    def get_queryset(self, request: HttpRequest) -> CallbackQuerySet:
        return super().get_queryset(request).failed()

    def url_after_action(self, object_id: str) -> str:
        return reverse("admin:callbacks_failedsync_changelist")

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: "Options[Callback]", object_id: str
    ) -> HttpResponseRedirect:
        """It is no longer failed, and has a page as every callback has."""
        return HttpResponseRedirect(reverse("admin:callbacks_callback_change", args=[object_id]))
