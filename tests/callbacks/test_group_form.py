"""What a group may do: saving its form takes nothing away that it does not show."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from callbacks.admin.people import ROLES
from tests.callbacks.conftest import SignIn

pytestmark = pytest.mark.django_db

BOX = re.compile(r"<input[^>]*name=\"permissions\"[^>]*>")
VALUE = re.compile(r'value="(\d+)"')
CHECKED = re.compile(r"\schecked(?=[\s>=/])")
SETTLING = {"mend_finding", "settle_org"}


@pytest.fixture
def browser(sign_in: SignIn) -> Client:
    return sign_in("superuser")


def page(group: Group) -> str:
    return reverse("admin:auth_group_change", args=[group.pk])


def boxes(text: str, *, checked: bool) -> set[str]:
    found = (box for box in BOX.findall(text) if not checked or CHECKED.search(box))
    return {match[1] for box in found if (match := VALUE.search(box))}


def rights(group: Group) -> set[str]:
    return set(group.permissions.values_list("codename", flat=True))


def save(browser: Client, group: Group, permissions: set[str]) -> None:
    data = {"name": group.name, "permissions": sorted(permissions)}
    assert browser.post(page(group), data).status_code == 302


@pytest.mark.parametrize("name", ROLES)
def test_opening_and_saving_a_role_changes_nothing(name: str, browser: Client) -> None:
    group = Group.objects.get(name=name)
    before = rights(group)
    save(browser, group, boxes(browser.get(page(group)).text, checked=True))
    assert rights(group) == before


def test_whatever_a_deed_asks_for_can_be_given(browser: Client) -> None:
    offered = boxes(browser.get(reverse("admin:auth_group_add")).text, checked=False)
    deeds = Permission.objects.exclude(codename__regex="^(add|change|delete|view)_")
    named = dict(deeds.values_list("codename", "pk"))
    assert named.keys() >= SETTLING
    assert {str(pk) for pk in named.values()} <= offered


def test_what_is_offered_and_unchecked_is_taken_away(browser: Client) -> None:
    group = Group.objects.get(name="Back office")
    save(browser, group, set())
    shown = boxes(browser.get(page(group)).text, checked=True)
    assert not shown
    assert "view_callback" not in rights(group)


def test_a_new_group_has_the_rights_chosen_for_it(browser: Client) -> None:
    chosen = Permission.objects.get(codename="view_callback")
    data = {"name": "Readers", "permissions": [chosen.pk]}
    browser.post(reverse("admin:auth_group_add"), data)
    assert rights(Group.objects.get(name="Readers")) == {"view_callback"}


@pytest.mark.parametrize("name", ROLES)
def test_a_role_that_comes_with_the_program_keeps_its_name(name: str, browser: Client) -> None:
    group = Group.objects.get(name=name)
    text = browser.get(page(group)).text
    browser.post(page(group), {"name": "Sales", "permissions": boxes(text, checked=True)})
    group.refresh_from_db()
    assert group.name == name
    assert 'name="name"' not in text


def test_a_group_of_your_own_can_be_renamed(browser: Client) -> None:
    group = Group.objects.create(name="Sales")
    save(browser, Group(pk=group.pk, name="Support"), set())
    group.refresh_from_db()
    assert group.name == "Support"


def test_the_last_who_decide_keep_that_right(sign_in: SignIn) -> None:
    browser, group = sign_in("Administrators"), Group.objects.get(name="Administrators")
    before = rights(group)
    answer = browser.post(page(group), {"permissions": []})
    assert "Nobody would be left who decides who works here." in answer.text
    assert rights(group) == before
