"""Accounts: who has one, which role, and how the pages speak to them."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from callbacks.models import Preferences
from tests.callbacks.conftest import SignIn, person
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def page(browser: Client, screen: str, record: Any) -> str:
    return browser.get(reverse(f"admin:{screen}_change", args=[record.pk])).text


class TestPeople:
    def test_whoever_gets_an_account_may_sign_in(self, sign_in: SignIn) -> None:
        data = {"username": "neu", "password1": PASSWORD, "password2": PASSWORD}
        sign_in("Administrators").post(reverse("admin:auth_user_add"), data)
        assert Client().login(username="neu", password=PASSWORD)
        assert User.objects.get(username="neu").is_staff

    def test_nothing_of_a_password_is_shown(self, sign_in: SignIn) -> None:
        clerk = UserFactory.create()
        text = page(sign_in("Administrators"), "auth_user", clerk)
        assert "••••••••" in text
        assert clerk.password.split("$")[-1][:6] not in text

    @pytest.mark.parametrize("role", ["Viewer", "Back office", "Administrators", ""])
    def test_somebody_has_one_role(self, role: str, sign_in: SignIn) -> None:
        clerk = person("Back office")
        chosen = Group.objects.filter(name=role).values_list("pk", flat=True).first() or ""
        data = {"username": clerk.username, "is_active": "on", "role": chosen}
        sign_in("Administrators").post(reverse("admin:auth_user_change", args=[clerk.pk]), data)
        assert [group.name for group in clerk.groups.all()] == ([role] if role else [])

    def test_a_new_account_has_its_role_at_once(self, sign_in: SignIn) -> None:
        viewers = Group.objects.get(name="Viewer")
        passwords = {"password1": PASSWORD, "password2": PASSWORD}
        data = {"username": "neu", "role": viewers.pk, **passwords}
        sign_in("Administrators").post(reverse("admin:auth_user_add"), data)
        assert list(User.objects.get(username="neu").groups.all()) == [viewers]

    def test_the_form_shows_role_language_and_zone(self, sign_in: SignIn) -> None:
        clerk = person("Back office")
        Preferences.objects.create(person=clerk, language="de", time_zone="Asia/Tokyo")
        form = (
            sign_in("Administrators")
            .get(reverse("admin:auth_user_change", args=[clerk.pk]))
            .context["adminform"]
            .form
        )
        shown = {name: form[name].value() for name in ("role", "language", "time_zone")}
        role = clerk.groups.get().pk
        assert shown == {"role": role, "language": "de", "time_zone": "Asia/Tokyo"}
        assert "groups" not in form.fields
        assert "is_superuser" not in form.fields

    def test_a_person_in_two_groups_is_not_moved_unseen(self, sign_in: SignIn) -> None:
        clerk = person("Back office")
        clerk.groups.add(Group.objects.get(name="Viewer"))
        text = page(sign_in("Administrators"), "auth_user", clerk)
        assert "In several groups now: " in text

    def test_what_an_administrator_sets_is_kept(self, sign_in: SignIn) -> None:
        clerk = UserFactory.create()
        data = {"username": clerk.username, "is_active": "on", "language": "de"}
        sign_in("Administrators").post(reverse("admin:auth_user_change", args=[clerk.pk]), data)
        assert Preferences.objects.get().language == "de"

    def test_an_administrator_cannot_become_a_superuser(self, sign_in: SignIn) -> None:
        clerk = UserFactory.create()
        place = reverse("admin:auth_user_change", args=[clerk.pk])
        data = {"username": clerk.username, "is_staff": "on", "is_superuser": "on"}
        answer = sign_in("Administrators").post(place, data)
        clerk.refresh_from_db()
        assert answer.status_code == 302
        assert not clerk.is_superuser

    def test_an_administrator_cannot_touch_a_superuser(self, sign_in: SignIn) -> None:
        owner, browser = person("superuser"), sign_in("Administrators")
        for verb in ("auth_user_delete", "auth_user_password_change"):
            assert browser.get(reverse(f"admin:{verb}", args=[owner.pk])).status_code == 403
