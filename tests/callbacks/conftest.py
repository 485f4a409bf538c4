from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.cache import cache
from django.db.models import Q
from django.test import Client

from tests.factories import UserFactory

SignIn = Callable[[str], Client]


def person(role: str) -> User:
    """Somebody with a role: a superuser, a member of a group, a viewer, or staff without rights."""
    user = UserFactory.create(is_superuser=role == "superuser")
    if role in {"Administrators", "Back office", "Viewer"}:
        user.groups.add(Group.objects.get(name=role))
    if role == "viewer":  # of everything, callers included
        seen = Q(codename__startswith="view_") | Q(codename="see_personal_data")
        user.user_permissions.add(*Permission.objects.filter(seen))
    return user


@pytest.fixture
def sign_in() -> SignIn:
    def signed_in(role: str) -> Client:
        browser = Client()
        browser.force_login(person(role))
        return browser

    return signed_in


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()
