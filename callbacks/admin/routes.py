from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from callbacks.admin.dress import TabularInline
from callbacks.admin.held import tell_what_went_out
from callbacks.admin.route_form import RouteForm, with_choices
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, phone, translated, two_lines, written_out
from callbacks.models import AnswerField, FieldMapping, FunctionRoute

if TYPE_CHECKING:
    from django import forms


class _Templates:
    """Rows of a name and the template that fills it."""

    extra = 0
    hide_title = True

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "template":
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 2, "class": "jb-template"})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field:  # its label is a column's heading
            field.widget.attrs["aria-label"] = db_field.verbose_name
        return with_choices(db_field.name, field)


class FieldMappings(_Templates, TabularInline[FieldMapping, FunctionRoute]):
    model = FieldMapping
    fields = ("field", "template")
    template_before = "callbacks/org_known.html"
    verbose_name_plural = _("Fields of the record")


class AnswerFields(_Templates, TabularInline[AnswerField, FunctionRoute]):
    model = AnswerField
    fields = ("name", "template")
    verbose_name_plural = _("Own variables of the answer")


@admin.register(FunctionRoute)
class FunctionRouteAdmin(RouteForm):
    list_display = ("called", "number", "wanted", "action", "own_fields", "state")
    list_select_related = ("service_number",)
    search_fields = ("name", "function", "service_number__number", "service_number__name")
    search_help_text = _("Name, number or function")
    warn_unsaved_form = True
    inlines = (FieldMappings, AnswerFields)
    actions = None
    sortable_by = ()
    fieldsets = (
        (None, {"fields": (("name", "enabled"),)}),
        (
            _("Applies to"),
            {
                "fields": (("service_number", "function"),),
                "description": _("The most specific route wins."),
            },
        ),
        (
            _("What becomes of it"),
            {
                "fields": (
                    "action",
                    ("target", "key_field"),
                    ("record_type", "owner"),
                    "find_caller_in",
                )
            },
        ),
        (
            _("While the caller waits"),
            {
                "classes": ("collapse",),
                "fields": (
                    ("budget_ms", "wait_ms"),
                    "late_status",
                    "record_when_several",
                ),
            },
        ),
    )
    empty_text = _("There is no route yet: every callback is held.")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[FunctionRoute]":
        return super().get_queryset(request).annotate(fields_filled=Count("mappings"))

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelChoiceField[Any] | None":
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "service_number":
            field.empty_label = gettext("Any service number")  # Unfold's own says nothing
            field.label_from_instance = written_out
        return cast("forms.ModelChoiceField[Any] | None", field)

    def title_of(self, record: FunctionRoute) -> str:
        return translated(record.name)  # the one that comes with the installation

    @admin.display(description=_("Name"), ordering="name")
    def called(self, route: FunctionRoute) -> str:
        return self.title_of(route)

    @admin.display(description=_("Service number"), ordering="service_number__number")
    def number(self, route: FunctionRoute) -> object:
        number = route.service_number
        if number is None:
            return format_html('<span class="jb-dim">{}</span>', gettext("Any"))
        written = phone(number.number)
        return two_lines(number.name, written) if number.name else written

    @admin.display(description=_("Function"), ordering="function")
    def wanted(self, route: FunctionRoute) -> object:
        return route.function or format_html('<span class="jb-dim">{}</span>', gettext("Any"))

    @admin.display(description=_("Own fields"))
    def own_fields(self, route: FunctionRoute) -> object:
        return getattr(route, "fields_filled", 0) or NOTHING

    @admin.display(description=_("State"), ordering="enabled")
    def state(self, route: FunctionRoute) -> str:
        return pill(_("On"), "success") if route.enabled else pill(_("Off"), "quiet")

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        change: bool,  # noqa: FBT001 - Django's
    ) -> None:
        super().save_related(request, form, formsets, change)
        tell_what_went_out(request, form.instance)

    def after_restoring(self, request: HttpRequest, record: FunctionRoute) -> None:
        tell_what_went_out(request, record)
