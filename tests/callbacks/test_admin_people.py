"""Accounts: who has one, which role, and how the pages speak to them."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
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
        signs_in = {"username": "neu", "password": PASSWORD}
        assert Client().post(reverse("admin:login"), signs_in).status_code == 302
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
        assert "Several roles now: " in text

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


class TestSomebodyIsLeft:
    """Who decides who works here, or nobody ever could again without a command line."""

    OUT = "You would lock yourself out. Somebody else has to do that."

    def save(self, by: User, user: User, **data: Any) -> str:
        browser = Client()
        browser.force_login(by)
        role = user.groups.first()
        given = {"username": user.username, "is_active": "on", "role": role.pk if role else ""}
        kept = {name: value for name, value in (given | data).items() if value is not None}
        text = browser.post(reverse("admin:auth_user_change", args=[user.pk]), kept).text
        user.refresh_from_db()
        return text

    @pytest.mark.parametrize("data", [{"role": ""}, {"is_active": None}])
    def test_nobody_locks_themselves_out(self, data: dict[str, Any]) -> None:
        person("superuser")
        chief = person("Administrators")
        assert self.OUT in self.save(chief, chief, **data)
        assert chief.is_active
        assert [role.name for role in chief.groups.all()] == ["Administrators"]

    def test_nobody_takes_another_role_that_decides_less(self) -> None:
        chief, viewers = person("Administrators"), Group.objects.get(name="Viewer")
        assert self.OUT in self.save(chief, chief, role=viewers.pk)

    def test_one_of_two_may_go(self) -> None:
        chief, other = person("Administrators"), person("Administrators")
        self.save(chief, other, is_active=None)
        assert not other.is_active

    def test_one_may_change_ones_own_name(self) -> None:
        chief = person("Administrators")
        self.save(chief, chief, first_name="Eva")
        assert chief.first_name == "Eva"

    def test_nobody_deletes_themselves(self) -> None:
        chief, browser = person("Administrators"), Client()
        person("superuser")
        browser.force_login(chief)
        place = reverse("admin:auth_user_delete", args=[chief.pk])
        assert browser.post(place, {"post": "yes"}).status_code == 403

    def test_the_last_one_is_not_deleted(self) -> None:
        chief, clerk, browser = person("Administrators"), person("Back office"), Client()
        rights = ("view_user", "delete_user")
        clerk.user_permissions.add(*Permission.objects.filter(codename__in=rights))
        browser.force_login(clerk)
        place = reverse("admin:auth_user_delete", args=[chief.pk])
        assert browser.post(place, {"post": "yes"}).status_code == 403
        person("Administrators")
        assert browser.post(place, {"post": "yes"}).status_code == 302
