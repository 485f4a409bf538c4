"""Who may work here, and what a group may do."""
# ruff: noqa: ARG002 - the signatures are Django's

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from callbacks.admin.dress import RecordScreen, Screen
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, ago, two_lines, when

VERBS = {
    "view": _("see"),
    "add": _("add"),
    "change": _("change"),
    "delete": _("delete"),
}

admin.site.unregister(User)
admin.site.unregister(Group)


class Groups(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # as above
    def label_from_instance(self, obj: Group) -> str:
        return gettext(obj.name)


class Permissions(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # as above
    """Their names are stored in English; said here in the language of whoever reads."""

    def label_from_instance(self, obj: Permission) -> str:
        verb, _separator, model = obj.codename.partition("_")
        if verb in VERBS and obj.content_type.model == model:
            return f"{obj.content_type.name}: {VERBS[verb]}"
        return f"{obj.content_type.name}: {gettext(obj.name)}"


@admin.register(User)
class UserAdmin(DjangoUserAdmin, Screen[User]):  # type: ignore[type-arg]  # both are ModelAdmins
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("person", "email", "memberships", "last_seen", "state")
    list_filter = ()
    list_display_links = ("person",)
    filter_horizontal = ()
    search_fields = ("username", "first_name", "last_name", "email")
    search_help_text = _("Name or e-mail address")
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (_("Rights"), {"fields": ("is_active", "groups", "is_superuser")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[User]":
        return super().get_queryset(request).prefetch_related("groups")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever could change a superuser, or their password, would be one."""
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """There is nothing here but the back office, so whoever has an account may sign in."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return () if request.user.is_superuser else ("is_superuser",)

    def formfield_for_manytomany(
        self, db_field: Any, request: Any = None, **kwargs: Any
    ) -> "forms.ModelMultipleChoiceField[Any] | None":
        if db_field.name == "groups":
            kwargs |= {"form_class": Groups, "widget": UnfoldAdminCheckboxSelectMultipleWidget}
            kwargs["help_text"] = ""
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "groups":
            field.widget = field.widget.widget  # without the menu for changing the group itself
        return field

    @admin.display(description=_("User"), ordering="username")
    def person(self, user: User) -> SafeString:
        return two_lines(user.get_full_name() or user.username, user.username)

    @admin.display(description=_("Groups"))
    def memberships(self, user: User) -> object:
        names = [gettext(group.name) for group in user.groups.all()]
        return ", ".join(([gettext("Superuser")] if user.is_superuser else []) + names) or NOTHING

    @admin.display(description=_("Last sign-in"), ordering="last_login")
    def last_seen(self, user: User) -> SafeString:
        seen = user.last_login
        return when(seen, ago(seen, timezone.now())) if seen else NOTHING

    @admin.display(description=_("State"), ordering="is_active")
    def state(self, user: User) -> SafeString:
        return pill(_("Active"), "success") if user.is_active else pill(_("Locked"), "quiet")


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    return request.user.is_superuser or not (user and user.is_superuser)


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
