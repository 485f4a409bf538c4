"""Which resources of the org an ACD reaches through us."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from callbacks.admin.changes import Recorded
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, duration
from crm.models import PassThroughResource
from crm.passthrough.listed import resources


@admin.register(PassThroughResource)
class PassThroughResourceAdmin(Recorded[PassThroughResource]):
    list_display = ("address", "methods", "mode", "budget", "state")
    list_display_links = ("address",)
    search_fields = ("path",)
    search_help_text = _("Resource")
    sortable_by = ()
    actions = None
    warn_unsaved_form = True
    fields = ("path", "methods", "mode", ("budget_ms", "most_bytes"), "enabled")
    empty_text = _("Nothing is passed on to Salesforce but callbacks.")

    @admin.display(description=_("Resource"), ordering="path")
    def address(self, resource: PassThroughResource) -> SafeString:
        return format_html('<code class="jb-main">{}</code>', resource.path)

    @admin.display(description=_("Time budget"))
    def budget(self, resource: PassThroughResource) -> str:
        is_live = resource.mode == PassThroughResource.Mode.LIVE
        return duration(resource.budget_ms) if is_live else NOTHING

    @admin.display(description=_("State"), ordering="enabled")
    def state(self, resource: PassThroughResource) -> SafeString:
        return pill(_("On"), "success") if resource.enabled else pill(_("Off"), "quiet")

    def save_model(self, request: HttpRequest, obj: PassThroughResource, *args: Any) -> None:
        super().save_model(request, obj, *args)
        resources.expire()

    def delete_model(self, request: HttpRequest, obj: PassThroughResource) -> None:
        super().delete_model(request, obj)
        resources.expire()
