"""Each role, and what it may open and do: for every screen and every action that there is.

Whoever adds one says here who may. That nobody gets around it by an address or a token that is not
theirs is held by `test_every_address`.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.callbacks.conftest import SignIn, person

pytestmark = pytest.mark.django_db

ROLES = ("Viewer", "Back office", "Administrators")
ALL, WORK, ADMINISTER = set(ROLES), {"Back office", "Administrators"}, {"Administrators"}

LISTS = {
    "auth.Group": ADMINISTER,
    "auth.User": ADMINISTER,
    "callbacks.AcdClient": ADMINISTER,
    "callbacks.AlertRules": ALL,
    "callbacks.Callback": ALL,
    "callbacks.FailedSync": ALL,
    "callbacks.FunctionRoute": ALL,
    "callbacks.RejectedRequest": ALL,
    "callbacks.Replay": ALL,
    "callbacks.ServiceNumber": ALL,
    "callbacks.StaffAction": ADMINISTER,
    "crm.Finding": ALL,
    "crm.NamedQuery": ADMINISTER,
    "crm.Org": ALL,
    "crm.PassThroughResource": ADMINISTER,
    "crm.ReconciliationRun": ALL,
    "crm.StoredRequest": ADMINISTER,
    "django_celery_beat.PeriodicTask": ADMINISTER,
}
PAGES = {
    "exchange": ALL,
    "matrix": ALL,
    "own_settings": ALL,
    "palette": ALL,
    "send_test_callback": ADMINISTER,
    "try_route": ALL,
}
ACTIONS = {
    "callbacks.AcdClient: rotate": ADMINISTER,
    "callbacks.AlertRules: test": ADMINISTER,
    "callbacks.Callback: dismiss": WORK,
    "callbacks.Callback: make_route": ADMINISTER,
    "callbacks.Callback: requeue": WORK,
    "callbacks.FailedSync: dismiss": WORK,
    "callbacks.FailedSync: requeue": WORK,
    "callbacks.Replay: steer": WORK,
    "callbacks.ServiceNumber: adopt": ADMINISTER,
    "crm.Finding: mend": WORK,
    "crm.Org: settle": ADMINISTER,
    "crm.Org: steer": WORK,
    "crm.StoredRequest: steer": ADMINISTER,
}
ADD = {
    "auth.Group",
    "auth.User",
    "callbacks.AcdClient",
    "callbacks.FunctionRoute",
    "callbacks.ServiceNumber",
    "crm.NamedQuery",
    "crm.PassThroughResource",
}


class Action(NamedTuple):
    """A button on a record's page or above its list, or an entry of the list's menu."""

    screen: "admin.ModelAdmin[Any]"
    name: str
    method: Any
    is_button: bool

    def __str__(self) -> str:
        return f"{self.screen.model._meta.label}: {self.name}"


def screens() -> dict[str, "admin.ModelAdmin[Any]"]:
    return {model._meta.label: screen for model, screen in admin.site._registry.items()}


def actions() -> Iterator[Action]:
    for screen in screens().values():
        for place in ("actions_list", "actions_row", "actions_detail", "actions_submit_line"):
            for name in getattr(screen, place, ()):
                yield Action(screen, name, getattr(screen, name), is_button=True)
        for name in screen.actions or ():
            yield Action(screen, str(name), getattr(screen, str(name)), is_button=False)


def asked_by(user: User) -> HttpRequest:
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


@pytest.fixture
def sign_in() -> SignIn:
    def signed_in(role: str) -> Client:
        browser = Client()
        browser.force_login(person(role))
        return browser

    return signed_in


def test_every_action_asks_for_a_right_and_shows_a_dialog_first() -> None:
    found = list(actions())
    assert len(found) > 30
    assert not [str(action) for action in found if not action.method.allowed_permissions]
    assert not [str(a) for a in found if a.is_button and not getattr(a.method, "dialog", None)]


@pytest.mark.parametrize("role", ROLES)
def test_an_action_is_for_those_whose_work_it_is(role: str) -> None:
    request = asked_by(person(role))
    allowed: set[str] = set()
    shut: set[str] = set()
    for action in actions():
        for right in action.method.allowed_permissions:
            may = getattr(action.screen, f"has_{right}_permission")(request)
            (allowed if may else shut).add(f"{action.screen.model._meta.label}: {right}")
    assert allowed | shut == ACTIONS.keys()
    assert allowed == {name for name, roles in ACTIONS.items() if role in roles}


@pytest.mark.parametrize("role", [*ROLES, "superuser", "nobody"])
def test_a_list_opens_for_those_who_may_see_it(role: str, sign_in: SignIn) -> None:
    browser = sign_in(role)
    assert screens().keys() == LISTS.keys()
    opened = set()
    for label, screen in screens().items():
        meta = screen.model._meta
        place = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        status = browser.get(place, follow=True).status_code  # one leads to its only record
        assert status in {200, 403}, (label, status)
        if status == 200:
            opened.add(label)
    expected = {label for label, roles in LISTS.items() if role in roles or role == "superuser"}
    assert opened == expected


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_a_page_of_its_own_opens_for_those_who_may_see_it(role: str, sign_in: SignIn) -> None:
    browser = sign_in(role)
    opened = {name for name in PAGES if browser.get(reverse(name)).status_code == 200}
    everybodys = {"own_settings", "palette"}
    expected = {name for name, roles in PAGES.items() if role in roles}
    assert opened == (everybodys if role == "nobody" else expected)


@pytest.mark.parametrize("role", ROLES)
def test_only_administrators_add_anything(role: str, sign_in: SignIn) -> None:
    browser = sign_in(role)
    added = set()
    for label, screen in screens().items():
        meta = screen.model._meta
        place = reverse(f"admin:{meta.app_label}_{meta.model_name}_add")
        if browser.get(place).status_code == 200:
            added.add(label)
    assert added == (ADD if role == "Administrators" else set())
