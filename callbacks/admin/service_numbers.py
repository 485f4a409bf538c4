from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from callbacks.admin.dress import Screen
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, ago, phone, when
from callbacks.models import ServiceNumber
from callbacks.phone import to_e164


class ServiceNumberForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at runtime
    class Meta:
        model = ServiceNumber
        fields = ("number", "name", "adopted")

    def clean_number(self) -> str:
        """As requests carry it once they are stored; else no request would ever match."""
        written: str = self.cleaned_data["number"]
        return to_e164(written, settings.JTEL_DEFAULT_REGION) or written


@admin.register(ServiceNumber)
class ServiceNumberAdmin(Screen[ServiceNumber]):
    """The numbers that callers dial; those that were only seen wait to be adopted."""

    list_display = ("written", "name", "routes_made", "last_seen", "state")
    search_fields = ("number", "name")
    search_help_text = _("Number or name")
    warn_unsaved_form = True
    actions = None
    form = ServiceNumberForm
    empty_text = _("No service number yet. The first callback brings one.")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[ServiceNumber]":
        return super().get_queryset(request).annotate(routes_counted=Count("routes"))

    def has_delete_permission(self, request: HttpRequest, obj: ServiceNumber | None = None) -> bool:
        """Not while routes name it: those would lose what they apply to."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and obj.routes.exists())

    @admin.display(description=_("Number"), ordering="number")
    def written(self, number: ServiceNumber) -> SafeString:
        return format_html('<span class="jb-main">{}</span>', phone(number.number))

    @admin.display(description=_("Routes"))
    def routes_made(self, number: ServiceNumber) -> object:
        return getattr(number, "routes_counted", 0) or NOTHING

    @admin.display(description=_("Last seen"), ordering="seen_at")
    def last_seen(self, number: ServiceNumber) -> SafeString:
        seen = number.seen_at
        return when(seen, ago(seen, timezone.now())) if seen else NOTHING

    @admin.display(description=_("State"), ordering="adopted")
    def state(self, number: ServiceNumber) -> SafeString:
        return pill(_("Adopted"), "success") if number.adopted else pill(_("Seen"), "warning")
