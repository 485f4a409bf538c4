"""What a group may do."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from callbacks.admin.dress import RecordScreen, Screen
from callbacks.admin.wording import NOTHING

VERBS = {
    "view": _("see"),
    "add": _("add"),
    "change": _("change"),
    "delete": _("delete"),
}

admin.site.unregister(Group)


class Permissions(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not subscriptable at runtime
    """Their names are stored in English; said here in the language of whoever reads."""

    def label_from_instance(self, obj: Permission) -> str:
        verb, _separator, model = obj.codename.partition("_")
        if verb in VERBS and obj.content_type.model == model:
            return f"{obj.content_type.name}: {VERBS[verb]}"
        return f"{obj.content_type.name}: {gettext(obj.name)}"


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, Screen[Group]):  # both are ModelAdmins
    list_display = ("called", "people")
    search_fields = ()
    filter_horizontal = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Group]":
        return super().get_queryset(request).annotate(people_counted=Count("user"))

    def formfield_for_manytomany(
        self, db_field: Any, request: Any = None, **kwargs: Any
    ) -> "forms.ModelMultipleChoiceField[Any] | None":
        if db_field.name == "permissions":
            kwargs |= {"form_class": Permissions, "widget": UnfoldAdminCheckboxSelectMultipleWidget}
            kwargs["queryset"] = useful_permissions(self.admin_site)
            kwargs["help_text"] = ""
        return super(DjangoGroupAdmin, self).formfield_for_manytomany(db_field, request, **kwargs)

    def title_of(self, record: Group) -> str:
        return gettext(record.name)

    @admin.display(description=_("Group"), ordering="name")
    def called(self, group: Group) -> str:
        return self.title_of(group)

    @admin.display(description=_("People"))
    def people(self, group: Group) -> object:
        return getattr(group, "people_counted", 0) or NOTHING


def useful_permissions(site: admin.AdminSite) -> "QuerySet[Permission]":
    """Those for which there is a screen, and only reading where only the program writes."""
    condition = Q(pk=None)
    for model, screen in site._registry.items():  # noqa: SLF001 - it has no public name
        condition |= _about(model) & _writing_if(screen)
        for inline in screen.inlines:
            condition |= _about(inline.model)
    return Permission.objects.filter(condition).select_related("content_type")


def _about(model: type[Model]) -> Q:
    return Q(
        content_type__app_label=model._meta.app_label,
        content_type__model=model._meta.model_name,
    )


def _writing_if(screen: "admin.ModelAdmin[Any]") -> Q:
    writing = Q(codename__regex=f"^(add|change|delete)_{screen.opts.model_name}$")
    return ~writing if isinstance(screen, RecordScreen) else Q()
