"""What a role lets people do."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from callbacks.admin.deciders import NOBODY_LEFT, deciders, is_decision
from callbacks.admin.dress import RecordScreen, Screen
from callbacks.admin.noting import note_changes
from callbacks.admin.people import ROLES
from callbacks.admin.wording import NOTHING
from callbacks.models import StaffAction

Verb = StaffAction.Verb
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
        return said(obj)


def said(right: Permission) -> str:
    verb, _separator, model = right.codename.partition("_")
    is_usual = verb in VERBS and right.content_type.model == model
    name = VERBS[verb] if is_usual else gettext(right.name)
    return f"{capfirst(right.content_type.name)}: {name}"


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at runtime
    def clean_permissions(self) -> "QuerySet[Permission]":
        """With what the group holds and this form does not offer: nobody took that away."""
        chosen: QuerySet[Permission] = self.cleaned_data["permissions"]
        if not self.instance.pk:
            return chosen
        offered = self.fields["permissions"].queryset.values("pk")  # type: ignore[attr-defined]
        kept = self.instance.permissions.exclude(pk__in=offered)
        keys = [right.pk for rights in (kept, chosen) for right in rights]
        permissions = Permission.objects.filter(pk__in=keys)
        if not is_decision(permissions) and not deciders(without=self.instance).exists():
            raise forms.ValidationError(NOBODY_LEFT)
        return permissions


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, Screen[Group]):  # both are ModelAdmins
    form = GroupForm
    list_display = ("called", "people")
    search_fields = ()
    readonly_fields = ("called", "people", "rights")
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

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        may_write = self.has_change_permission(request, obj) if obj else True
        if not may_write:
            return ("called", "people", "rights")
        return ("called" if _is_ours(obj) else "name", "permissions")

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Not those that come with the program."""
        may = super().has_delete_permission(request, obj) and not _is_ours(obj)
        return may and not (obj and not deciders(without=obj).exists())

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        form.before = _held_by(Group.objects.filter(pk=obj.pk).first())
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, *args: Any) -> None:
        super().save_related(request, form, *args)
        group = form.instance
        note_changes(request, Verb.GROUP, group.name, form.before, _held_by(group))

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        note_changes(request, Verb.GROUP, obj.name, _held_by(obj), {})
        super().delete_model(request, obj)

    def title_of(self, record: Group) -> str:
        return gettext(record.name)

    @admin.display(description=_("Role"), ordering="name")
    def called(self, group: Group) -> str:
        return self.title_of(group)

    @admin.display(description=_("People"))
    def people(self, group: Group) -> object:
        return getattr(group, "people_counted", 0) or NOTHING

    @admin.display(description=_("Rights"))
    def rights(self, group: Group) -> object:
        permissions = group.permissions.select_related("content_type")
        lines = ((said(right),) for right in permissions)
        return format_html_join(SafeString("<br>"), "{}", lines) or NOTHING


def _is_ours(group: Group | None) -> bool:
    """Those that come with the program are known by their names."""
    return group is not None and group.name in ROLES


def _held_by(group: Group | None) -> dict[str, str]:
    """In English, as all that is stored."""
    if group is None:
        return {}
    rights = group.permissions.values_list("name", flat=True)
    return {"name": group.name, **dict.fromkeys(rights, "yes")}


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
