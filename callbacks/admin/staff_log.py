"""Who did what and when, and whose data they looked at. For administrators alone."""
# ruff: noqa: ARG002 - the signatures are Django's

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callbacks.admin import log_words
from callbacks.admin.dress import RecordScreen
from callbacks.admin.filters import ChoiceFilter, DaysFilter
from callbacks.admin.paging import CappedPaginator
from callbacks.admin.wording import NOTHING, received
from callbacks.masking import personal
from callbacks.models import StaffAction

if TYPE_CHECKING:
    from django.db.models import QuerySet


class TimeFilter(DaysFilter):
    title = _("Time")
    field = "at"


class PersonFilter(ChoiceFilter):
    title = _("Person")
    parameter_name = "person"

    def known(self) -> Sequence[tuple[str, str]]:
        people = User.objects.order_by("last_name", "first_name", "username")
        return [(str(each.pk), each.get_full_name() or each.username) for each in people]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[StaffAction]"
    ) -> "QuerySet[StaffAction]":
        person = self.value()
        if not person:
            return queryset
        is_known = person in dict(self.known())
        return queryset.filter(person=int(person)) if is_known else queryset.none()


class VerbFilter(ChoiceFilter):
    title = _("Action")
    parameter_name = "verb"

    def known(self) -> Sequence[tuple[str, str]]:
        return [(verb.value, capfirst(str(verb.label))) for verb in StaffAction.Verb]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[StaffAction]"
    ) -> "QuerySet[StaffAction]":
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(StaffAction)
class StaffLogAdmin(RecordScreen[StaffAction]):
    list_title = _("Log")
    list_display = ("when_done", "who", "what", "about", "detail")
    list_display_links = None
    list_filter = (TimeFilter, PersonFilter, VerbFilter)
    list_filter_submit = True
    sortable_by: ClassVar[tuple[str, ...]] = ()
    paginator = CappedPaginator
    actions = None
    fields: ClassVar[tuple[str, ...]] = ("when_done", "who", "what", "about", "detail")
    readonly_fields = fields
    empty_text = _("Nobody did anything yet.")

    def title_of(self, record: StaffAction) -> str:
        return f"{record.person_name}: {record.get_verb_display()}"

    @admin.display(description=_("Time"))
    def when_done(self, action: StaffAction) -> SafeString:
        return received(action.at)

    @admin.display(description=_("Person"))
    def who(self, action: StaffAction) -> SafeString:
        return format_html('<span class="jb-main">{}</span>', action.person_name)

    @admin.display(description=_("Action"))
    def what(self, action: StaffAction) -> str:
        return capfirst(action.get_verb_display())

    @admin.display(description=_("Callback"))
    def about(self, action: StaffAction) -> SafeString:
        if action.callback_id is None:
            return NOTHING
        link = reverse("admin:callbacks_callback_change", args=[action.callback_id])
        text = gettext("Callback %(key)s") % {"key": str(action.callback_id)[:8]}
        return format_html('<a class="jb-out" href="{}">{}</a>', link, text)

    @admin.display(description=_("Details"))
    def detail(self, action: StaffAction) -> SafeString:
        text = " · ".join(filter(None, [log_words.reason(action), *log_words.changes(action)]))
        if not text:
            return NOTHING
        return format_html('<span class="jb-why"><span>{}</span></span>', personal(text))
