"""Who may work here: one role each, and how the pages speak to them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminRadioSelectWidget

from callbacks.admin.actions import person
from callbacks.admin.deciders import LOCKED_OUT, is_last, would_decide
from callbacks.admin.dress import Screen
from callbacks.admin.noting import note_changes
from callbacks.admin.own_settings import PreferencesForm, chosen_by
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, ago, two_lines, when
from callbacks.models import Preferences, StaffAction

Verb = StaffAction.Verb
ROLES = {
    "Viewer": _("sees everything but phone numbers and names, and changes nothing"),
    "Back office": _("works on callbacks"),
    "Administrators": _("configure, and decide who works here"),
}

admin.site.unregister(User)


class RoleField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at runtime
    """The roles that come with the program first, then groups that somebody made."""

    def __init__(self) -> None:
        ours = (When(name=name, then=Value(place)) for place, name in enumerate(ROLES))
        super().__init__(
            Group.objects.order_by(Case(*ours, default=Value(len(ROLES))), "name"),
            label=_("Role"),
            required=False,
            blank=True,
            empty_label=_("None: may sign in and see nothing"),
            widget=UnfoldAdminRadioSelectWidget,
        )

    def label_from_instance(self, obj: Group) -> str:
        name = gettext(obj.name)
        return f"{name}: {ROLES[obj.name]}" if obj.name in ROLES else name


class PersonForm(PreferencesForm, UserChangeForm):  # type: ignore[misc]  # Unfold is untyped
    role = RoleField()
    saved_by: User  # whoever has the form before them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = list(self.instance.groups.all())
        self.initial.update(chosen_by(self.instance), role=groups[0].pk if groups else None)
        if len(groups) > 1:
            names = ", ".join(gettext(group.name) for group in groups)
            text = gettext("Several roles now: %(names)s. Saving leaves the one chosen here.")
            self.fields["role"].help_text = text % {"names": names}

    def clean(self) -> dict[str, Any]:
        """So somebody is always left who decides: whoever saves this."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance == self.saved_by and not self._would_decide(given):
            raise forms.ValidationError(LOCKED_OUT)
        return given

    def _would_decide(self, given: dict[str, Any]) -> bool:
        is_active, is_superuser = (
            given.get(name, getattr(self.instance, name)) for name in ("is_active", "is_superuser")
        )
        may = is_superuser or would_decide(self.instance, role=given.get("role"))
        return bool(is_active and may)


class NewPersonForm(UserCreationForm):  # type: ignore[misc]  # Unfold is untyped
    role = RoleField()


@admin.register(User)
class UserAdmin(DjangoUserAdmin, Screen[User]):  # type: ignore[type-arg, misc]  # both are ModelAdmins
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("person", "email", "roles", "last_seen", "state")
    list_filter = ()
    list_display_links = ("person",)
    filter_horizontal = ()
    search_fields = ("username", "first_name", "last_name", "email")
    search_help_text = _("Name or e-mail address")
    actions = None
    _read_only = (
        (None, {"fields": ("username", ("first_name", "last_name"), "email")}),
        (_("Rights"), {"fields": ("is_active", "roles", "last_seen")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "password1", "password2")}),
        (_("Rights"), {"fields": ("role",)}),
    )

    def get_queryset(self, request: HttpRequest) -> "QuerySet[User]":
        return super().get_queryset(request).prefetch_related("groups")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever could change a superuser, or their password, would be one."""
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        may = super().has_delete_permission(request, obj) and _may_touch(request, obj)
        return may and not (obj and (obj == request.user or is_last(obj)))

    def get_form(
        self,
        request: HttpRequest,
        obj: User | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's
        **kwargs: Any,
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.saved_by = request.user
        return form

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        if not self.has_change_permission(request, obj):
            return self._read_only
        superuser = ("is_superuser",) if request.user.is_superuser else ()
        return (
            (None, {"fields": ("username", "password")}),
            (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
            (_("Rights"), {"fields": ("is_active", "role", *superuser)}),
            (_("Language and time zone"), {"fields": (("language", "time_zone"),)}),
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """There is nothing here but the back office, so whoever has an account may sign in."""
        obj.is_staff = True
        before = User.objects.filter(pk=obj.pk).first()
        form.before = _rights(before), _account(before)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, *args: Any) -> None:
        super().save_related(request, form, *args)
        given, user = form.cleaned_data, form.instance
        user.groups.set([given["role"]] if given["role"] else [])
        if "language" in given:
            form.keep(user)
        rights, account = form.before
        note_changes(request, Verb.RIGHTS, user.username, rights, _rights(user))
        if account:
            note_changes(request, Verb.ACCOUNT, user.username, account, _account(user))

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        note_changes(request, Verb.RIGHTS, obj.username, _rights(obj), {})
        super().delete_model(request, obj)

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - Django's
        form_url: str = "",
    ) -> HttpResponse:
        with transaction.atomic():
            before = self.get_object(request, id)
            answer: HttpResponse = super().user_change_password(request, id, form_url)
            after = self.get_object(request, id)
            if before and after and before.password != after.password:
                name = after.username
                StaffAction.objects.note(Verb.PASSWORD, by=person(request), reason=name)
        return answer

    @admin.display(description=_("User"), ordering="username")
    def person(self, user: User) -> SafeString:
        return two_lines(user.get_full_name() or user.username, user.username)

    @admin.display(description=_("Role"))
    def roles(self, user: User) -> object:
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


def _rights(user: User | None) -> dict[str, str]:
    if user is None:
        return {}
    roles = user.groups.order_by("name").values_list("name", flat=True)
    is_superuser, is_active = (
        "yes" if each else "" for each in (user.is_superuser, user.is_active)
    )
    return {"role": ", ".join(roles), "superuser": is_superuser, "active": is_active}


def _account(user: User | None) -> dict[str, str]:
    if user is None:
        return {}
    chosen = Preferences.objects.filter(person=user).first() or Preferences()
    return {
        "user name": user.username,
        "name": user.get_full_name(),
        "e-mail": user.email,
        "language": chosen.language,
        "time zone": chosen.time_zone,
    }
