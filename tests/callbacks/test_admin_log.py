"""Who did what when: told to administrators alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks.models import Callback, StaffAction
from tests.callbacks.conftest import SignIn, person
from tests.factories import CallbackFactory, UserFactory

pytestmark = pytest.mark.django_db

LOG = reverse("admin:callbacks_staffaction_changelist")
Verb = StaffAction.Verb


@pytest.fixture
def clerk() -> User:
    return UserFactory.create(first_name="Jonas", last_name="Becker")


@pytest.fixture
def administrator(sign_in: SignIn) -> Client:
    return sign_in("Administrators")


def shown(browser: Client, **query: Any) -> list[str]:
    return [action.verb for action in browser.get(LOG, query).context["cl"].result_list]


def test_each_line_tells_who_what_when_and_why(clerk: User, administrator: Client) -> None:
    callback = CallbackFactory.create(dismissed=True)
    StaffAction.objects.note(
        Verb.DISMISSED, by=clerk, callbacks=[callback.pk], reason="Test <call>"
    )
    text = administrator.get(LOG).text
    for words in ("Jonas Becker", "Dismissed", "Test &lt;call&gt;", "just now", str(callback.pk)):
        assert words in text


def test_it_reads_in_german(clerk: User, administrator: Client) -> None:
    StaffAction.objects.note(Verb.DISMISSED, by=clerk)
    administrator.cookies["django_language"] = "de"
    assert "Verworfen" in administrator.get(LOG).text


def test_an_account_that_is_gone_is_still_named(clerk: User, administrator: Client) -> None:
    StaffAction.objects.note(Verb.LOOKED, by=clerk)
    clerk.delete()
    assert "Jonas Becker" in administrator.get(LOG).text


class TestNarrowing:
    @pytest.fixture(autouse=True)
    def _deeds(self, clerk: User) -> None:
        StaffAction.objects.note(Verb.LOOKED, by=clerk)
        StaffAction.objects.note(Verb.PAUSED, by=person("Back office"))
        StaffAction.objects.filter(verb=Verb.PAUSED).update(at=timezone.now() - timedelta(days=3))

    def test_by_person(self, clerk: User, administrator: Client) -> None:
        assert shown(administrator, person=clerk.pk) == [Verb.LOOKED]

    def test_by_action(self, administrator: Client) -> None:
        assert shown(administrator, verb="paused") == [Verb.PAUSED]

    def test_by_day(self, administrator: Client) -> None:
        assert shown(administrator, received="today") == [Verb.LOOKED]

    @pytest.mark.parametrize("nonsense", [{"person": "x"}, {"verb": "x"}, {"person": "9" * 30}])
    def test_nonsense_finds_nothing(self, nonsense: dict[str, str], administrator: Client) -> None:
        assert shown(administrator, **nonsense) == []


@pytest.mark.parametrize("role", ["Viewer", "Back office", "nobody"])
def test_nobody_else_reads_it(role: str, sign_in: SignIn) -> None:
    assert sign_in(role).get(LOG).status_code == 403


def test_nobody_writes_it(clerk: User, sign_in: SignIn) -> None:
    StaffAction.objects.note(Verb.LOOKED, by=clerk)
    action, browser = StaffAction.objects.get(), sign_in("superuser")
    page = reverse("admin:callbacks_staffaction_change", args=[action.pk])
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"reason": "x"}).status_code == 403
    for verb in ("add", "delete"):
        arguments = [action.pk] if verb == "delete" else []
        place = reverse(f"admin:callbacks_staffaction_{verb}", args=arguments)
        assert browser.post(place, {"post": "yes"}).status_code == 403


class TestRights:
    def change(self, browser: Client, user: User, **data: Any) -> None:
        role = user.groups.first()
        written = ("username", "first_name", "last_name", "email")
        given = {name: getattr(user, name) for name in written}
        given |= {"is_active": "on", "role": (role and role.pk) or ""}
        kept = {name: value for name, value in (given | data).items() if value is not None}
        browser.post(reverse("admin:auth_user_change", args=[user.pk]), kept)

    def test_who_gave_whom_which_role_is_kept(self, administrator: Client) -> None:
        user = person("Viewer")
        self.change(administrator, user, role=Group.objects.get(name="Back office").pk)
        action = StaffAction.objects.get()
        assert (action.verb, action.changes) == (
            Verb.RIGHTS,
            {f"{user.username}, role": ["Viewer", "Back office"]},
        )

    def test_locking_an_account_is_kept(self, administrator: Client) -> None:
        user = person("Viewer")
        self.change(administrator, user, is_active=None)
        assert StaffAction.objects.get().changes == {f"{user.username}, active": ["yes", ""]}

    def test_a_new_e_mail_address_is_kept_and_is_no_right(self, administrator: Client) -> None:
        user = person("Viewer")
        self.change(administrator, user, email="eva@example.org")
        action = StaffAction.objects.get()
        assert action.verb == Verb.ACCOUNT
        assert action.changes == {f"{user.username}, e-mail": ["", "eva@example.org"]}

    def test_what_a_group_may_do_is_kept(self, administrator: Client) -> None:
        group = Group.objects.create(name="Sales")
        right = Permission.objects.get(codename="requeue_callback")
        place = reverse("admin:auth_group_change", args=[group.pk])
        administrator.post(place, {"name": "Support", "permissions": [right.pk]})
        action = StaffAction.objects.get()
        assert action.verb == Verb.GROUP
        assert action.changes == {
            "Support, name": ["Sales", "Support"],
            "Support, Can requeue callbacks": ["", "yes"],
        }

    def test_a_new_account_is_kept(self, administrator: Client) -> None:
        passwords = {"password1": "a quiet password", "password2": "a quiet password"}
        role = Group.objects.get(name="Viewer").pk
        place = reverse("admin:auth_user_add")
        administrator.post(place, {"username": "neu", "role": role, **passwords})
        changes = {"neu, role": ["", "Viewer"], "neu, active": ["", "yes"]}
        assert StaffAction.objects.get().changes == changes

    def test_a_deleted_account_is_kept(self, administrator: Client) -> None:
        user = person("Viewer")
        place = reverse("admin:auth_user_delete", args=[user.pk])
        administrator.post(place, {"post": "yes"})
        assert StaffAction.objects.get().changes[f"{user.username}, role"] == ["Viewer", ""]


def test_the_callback_of_a_deed_is_one_click_away(clerk: User, administrator: Client) -> None:
    callback: Callback = CallbackFactory.create()
    StaffAction.objects.note(Verb.LOOKED, by=clerk, callbacks=[callback.pk])
    place = reverse("admin:callbacks_callback_change", args=[callback.pk])
    assert place in administrator.get(LOG).text
