"""Somebody has to be left who decides who works here."""

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

NOBODY_LEFT = _("Nobody would be left who decides who works here.")
LOCKED_OUT = _("You would lock yourself out. Somebody else has to do that.")


def deciders(*, without: Group | None = None) -> "QuerySet[User]":
    """All who may, or who would if a group were gone."""
    groups = _right().group_set.exclude(pk=without.pk if without else None)
    may = Q(is_superuser=True) | Q(user_permissions=_right()) | Q(groups__in=groups)
    return User.objects.filter(may, is_active=True)


def is_last(person: User) -> bool:
    return not deciders().exclude(pk=person.pk).exists()


def would_decide(person: User, *, role: Group | None) -> bool:
    """A right of their own is on no form, and stays."""
    by_role = role is not None and is_decision(role.permissions.all())
    return by_role or is_decision(person.user_permissions.all())


def is_decision(permissions: "QuerySet[Permission]") -> bool:
    return permissions.contains(_right())


def _right() -> Permission:
    return Permission.objects.get(content_type__app_label="auth", codename="change_user")
