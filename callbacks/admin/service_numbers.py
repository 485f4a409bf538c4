# ruff: noqa: ARG002 - the signatures are Django's and Unfold's

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from callbacks.admin import number_page
from callbacks.admin.actions import Words, done
from callbacks.admin.asking import ask_about, is_confirmed
from callbacks.admin.changes import Recorded
from callbacks.admin.dress import DialogForm, detail_action
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, ago, phone, when, written_out
from callbacks.adoption import adopt, name_said
from callbacks.models import Callback, ServiceNumber
from callbacks.phone import to_e164

ADOPT = Words(
    _("Adopt?"),
    _("It then counts as configured. The name is what requests called it; change it if you like."),
    _("Adopt"),
    ngettext_lazy("%(n)d service number was adopted.", "%(n)d service numbers were adopted.", "n"),
)


class AdoptDialog(DialogForm):
    name = forms.CharField(
        label=_("Name"), required=False, max_length=120, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        self.fields["name"].initial = _suggested(_number(object_id))


class NamesForm(forms.Form):
    """A name for each of several service numbers."""

    def __init__(self, numbers: Iterable[ServiceNumber], *args: Any) -> None:
        super().__init__(*args)
        for number in numbers:
            self.fields[f"name_{number.pk}"] = forms.CharField(
                label=phone(number.number),
                required=False,
                max_length=120,
                initial=_suggested(number),
                widget=UnfoldAdminTextInputWidget,
            )


class ServiceNumberForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at runtime
    class Meta:
        model = ServiceNumber
        fields = ("number", "name", "adopted", "merge_minutes")

    def clean_number(self) -> str:
        """As requests carry it once they are stored; else no request would ever match."""
        written: str = self.cleaned_data["number"]
        return to_e164(written, settings.JTEL_DEFAULT_REGION) or written


@admin.register(ServiceNumber)
class ServiceNumberAdmin(Recorded[ServiceNumber]):
    """The numbers that callers dial; those that were only seen wait to be adopted."""

    list_display = ("written", "name", "routes_made", "merges", "waits", "last_seen", "state")
    change_form_outer_after_template = "callbacks/number_page.html"
    search_fields = ("number", "name")
    search_help_text = _("Number or name")
    warn_unsaved_form = True
    actions = ("adopt_selected",)
    actions_on_top = True
    actions_detail = ("adopt",)
    list_disable_select_all = True
    form = ServiceNumberForm
    empty_text = _("No service number yet. The first callback brings one.")

    def title_of(self, record: ServiceNumber) -> str:
        return written_out(record)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[ServiceNumber]":
        there = Callback.objects.unserved().filter(service_number=OuterRef("number"))
        oldest = there.order_by("received_at").values("received_at")[:1]
        return (
            super()
            .get_queryset(request)
            .annotate(routes_counted=Count("routes"), waits_since=Subquery(oldest))
        )

    def page_context(self, request: HttpRequest, record: ServiceNumber) -> dict[str, Any]:
        return {"number_page": number_page.told(request, record)}

    def has_delete_permission(self, request: HttpRequest, obj: ServiceNumber | None = None) -> bool:
        """Not while routes name it: those would lose what they apply to."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and obj.routes.exists())

    def has_adopt_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_view_permission(request) and self.has_change_permission(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None are deleted from the list: each has to be looked at first."""
        offered = super().get_actions(request).items()
        return {name: action for name, action in offered if name in self.actions}

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        allowed: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        number = self.get_object(request, object_id)
        return [] if number is None or number.adopted else allowed

    @detail_action(
        description=_("Adopt"),
        url_path="adopt",
        icon="add_task",
        variant=ActionVariant.PRIMARY,
        permissions=["adopt"],
        dialog=ADOPT.dialog(AdoptDialog),
    )
    def adopt(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        changed = adopt(_number(object_id), form.cleaned_data["name"])
        _report(request, changed=int(changed), asked=1)
        return done(reverse("admin:callbacks_servicenumber_change", args=[object_id]))

    @admin.action(description=_("Adopt"), permissions=["adopt"])
    def adopt_selected(
        self, request: HttpRequest, queryset: "QuerySet[ServiceNumber]"
    ) -> HttpResponse | None:
        seen = list(queryset.filter(adopted=False))
        form = NamesForm(seen, *([request.POST] if is_confirmed(request) else []))
        if seen and not form.is_valid():
            return ask_about(seen, self, request, ADOPT, form=form)
        names = form.cleaned_data if seen else {}
        changed = sum(adopt(number, names[f"name_{number.pk}"]) for number in seen)
        _report(request, changed=changed, asked=queryset.count())
        return None

    @admin.display(description=_("Number"), ordering="number")
    def written(self, number: ServiceNumber) -> SafeString:
        return format_html('<span class="jb-main">{}</span>', phone(number.number))

    @admin.display(description=_("Routes"))
    def routes_made(self, number: ServiceNumber) -> object:
        return getattr(number, "routes_counted", 0) or NOTHING

    @admin.display(description=_("Merges"), ordering="merge_minutes")
    def merges(self, number: ServiceNumber) -> str:
        n = number.merge_minutes
        return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n} if n else NOTHING

    @admin.display(description=_("Oldest"))
    def waits(self, number: ServiceNumber) -> SafeString:
        since = getattr(number, "waits_since", None)
        return when(since, ago(since, timezone.now())) if since else NOTHING

    @admin.display(description=_("Last seen"), ordering="seen_at")
    def last_seen(self, number: ServiceNumber) -> SafeString:
        seen = number.seen_at
        return when(seen, ago(seen, timezone.now())) if seen else NOTHING

    @admin.display(description=_("State"), ordering="adopted")
    def state(self, number: ServiceNumber) -> SafeString:
        return pill(_("Adopted"), "success") if number.adopted else pill(_("Seen"), "warning")


def _suggested(number: ServiceNumber) -> str:
    return number.name or name_said(number)


def _number(object_id: str) -> ServiceNumber:
    found = ServiceNumber.objects.filter(pk=object_id) if object_id.isdecimal() else None
    if found is None or not (number := found.first()):
        raise Http404
    return number


def _report(request: HttpRequest, *, changed: int, asked: int) -> None:
    if changed:
        messages.success(request, ADOPT.done % {"n": changed})
    if left := asked - changed:
        text = ngettext(
            "%(n)d service number was adopted already.",
            "%(n)d service numbers were adopted already.",
            left,
        )
        messages.warning(request, text % {"n": left})
