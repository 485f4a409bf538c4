"""Alerts: what is watched and how it stands, who is told, what was told, and a message to try it."""
# ruff: noqa: ARG002 - the signatures are Django's and Unfold's

from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from callbacks.admin.actions import Words, done
from callbacks.admin.alert_tables import conditions, latest_messages, ways
from callbacks.admin.changes import Recorded
from callbacks.admin.dress import DialogForm, TabularInline, detail_action
from callbacks.admin.noting import note_changes
from callbacks.admin.wording import written_out
from callbacks.alerts.receivers import receivers
from callbacks.alerts.telling import tell_trial
from callbacks.models import AlertRules, NumberWatch, ServiceNumber, StaffAction

if TYPE_CHECKING:
    from django.db.models import QuerySet

TRIAL = Words(
    _("Send a test message?"),
    _("It goes the way of every alert, to everybody who is told, within a minute."),
    _("Send a test message"),
    "",
)


class TrialDialog(DialogForm):
    """Each dialog has a key of its own: a second click sends nothing."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class People(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not subscriptable at runtime
    def label_from_instance(self, obj: User) -> str:
        name = obj.get_full_name() or obj.get_username()
        return f"{name} ({obj.email or gettext('no e-mail address')})"


class NumberWatches(TabularInline[NumberWatch, AlertRules]):
    model = NumberWatch
    fields = ("service_number", "unserved_hours", "watches_silence")
    extra = 0
    hide_title = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Without buttons to change the service number itself."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        fields: dict[str, Any] = formset.form.base_fields
        if number := fields.get("service_number"):
            number.widget = number.widget.widget
            number.label_from_instance = written_out
            number.queryset = ServiceNumber.objects.order_by("name", "number")
        for field in fields.values():
            field.widget.attrs["aria-label"] = field.label  # which is a column's heading
        return formset


@admin.register(AlertRules)
class AlertRulesAdmin(Recorded[AlertRules]):
    """One row, so the list leads straight to it."""

    can_restore = False  # who is told is not among what was changed
    change_form_outer_before_template = "callbacks/alerts_above.html"
    change_form_outer_after_template = "callbacks/alerts_below.html"
    warn_unsaved_form = True
    actions_detail = ("send_test",)
    inlines = (NumberWatches,)
    fieldsets = (
        (
            _("Limits"),
            {
                "fields": (
                    ("stuck_minutes", "decision_hours"),
                    ("unserved_hours", "silent_usual"),
                    ("hold_minutes", "digest_hour"),
                )
            },
        ),
        (_("Staff"), {"fields": ("people",)}),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(_page(AlertRules.objects.current()))

    def save_related(self, request: HttpRequest, form: Any, *args: Any) -> None:
        rules = form.instance
        before = _told(rules)
        super().save_related(request, form, *args)
        note_changes(request, StaffAction.Verb.ALERTED, "alerts", before, _told(rules))

    def title_of(self, record: AlertRules) -> str:
        return gettext("Alerts")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AlertRules | None = None) -> bool:
        return False

    def has_test_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may_see = self.has_view_permission(request)
        return may_see and request.user.has_perm("callbacks.test_alertrules")

    def formfield_for_manytomany(
        self, db_field: Any, request: Any = None, **kwargs: Any
    ) -> "forms.ModelMultipleChoiceField[Any] | None":
        kwargs |= {"form_class": People, "widget": UnfoldAdminCheckboxSelectMultipleWidget}
        kwargs["queryset"] = _staff()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "people":
            field.widget = field.widget.widget  # without the menu for changing a person
        return field

    def page_context(self, request: HttpRequest, record: AlertRules) -> dict[str, Any]:
        now = timezone.now()
        return {
            "conditions": conditions(record, now),
            "ways": ways(record),
            "latest_messages": latest_messages(now),
        }

    @detail_action(
        description=TRIAL.submit,
        url_path="send-test",
        icon="outgoing_mail",
        permissions=["test"],
        dialog=TRIAL.dialog(TrialDialog),
    )
    def send_test(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        rules, person = AlertRules.objects.current(), cast("User", request.user)
        if n := len(receivers(rules)):
            with transaction.atomic():
                if tell_trial(rules, form.cleaned_data["key"], timezone.now()):
                    StaffAction.objects.note(StaffAction.Verb.TESTED_ALERTS, by=person)
            words = ngettext(
                "The test message goes to %(n)d receiver within a minute."
                " What became of it is shown below.",
                "The test message goes to %(n)d receivers within a minute."
                " What became of it is shown below.",
                n,
            )
            messages.success(request, words % {"n": n})
        else:
            messages.warning(request, gettext("Nothing was sent: there is nobody to tell."))
        return done(_page(rules))


def _told(rules: AlertRules) -> dict[str, str]:
    """Who is told, and of which numbers: what the history does not follow."""
    people = dict.fromkeys(rules.people.values_list("username", flat=True), "yes")
    return people | {str(each.service_number): _watched(each) for each in rules.numbers.all()}


def _watched(watch: NumberWatch) -> str:
    hours = "" if watch.unserved_hours is None else f"{watch.unserved_hours} h"
    silence = "silence" if watch.watches_silence else ""
    return ", ".join(filter(None, [hours, silence])) or "yes"


def _staff() -> "QuerySet[User]":
    return User.objects.filter(is_active=True).order_by("last_name", "first_name", "username")


def _page(rules: AlertRules) -> str:
    return reverse("admin:callbacks_alertrules_change", args=[rules.pk])
