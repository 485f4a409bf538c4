"""What the ACD may ask Salesforce for, written by administrators."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from callbacks.admin.changes import Recorded
from callbacks.admin.dress import TabularInline
from callbacks.admin.states import pill
from callbacks.admin.wording import duration
from crm.models import NamedQuery, QueryAnswerField

ROWS = {"soql": 6, "template": 2}


class QueryAnswerFields(TabularInline[QueryAnswerField, NamedQuery]):
    model = QueryAnswerField
    extra = 0
    hide_title = True
    fields = ("name", "template")
    verbose_name_plural = _("Own variables of the answer")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **_widget(db_field, kwargs))
        if field:  # its label is a column's heading
            field.widget.attrs["aria-label"] = db_field.verbose_name
        return field


@admin.register(NamedQuery)
class NamedQueryAdmin(Recorded[NamedQuery]):
    list_display = ("name", "budget", "state")
    search_fields = ("name",)
    search_help_text = _("Name")
    warn_unsaved_form = True
    inlines = (QueryAnswerFields,)
    actions = None
    fields = ("name", "enabled", "soql", "budget_ms")
    empty_text = _("There is no query yet: what the ACD asks by name is answered with 404.")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_dbfield(db_field, request, **_widget(db_field, kwargs))

    @admin.display(description=_("Time budget"))
    def budget(self, query: NamedQuery) -> str:
        return duration(query.budget_ms)

    @admin.display(description=_("State"), ordering="enabled")
    def state(self, query: NamedQuery) -> SafeString:
        return pill(_("On"), "success") if query.enabled else pill(_("Off"), "quiet")


def _widget(db_field: Any, options: dict[str, Any]) -> dict[str, Any]:
    if db_field.name not in ROWS:
        return options
    attributes = {"rows": ROWS[db_field.name], "class": "jb-template"}
    return options | {"widget": UnfoldAdminTextareaWidget(attrs=attributes)}
