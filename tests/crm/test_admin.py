"""The connection's page: what staff sees of a pause, and what an administrator can do."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from callbacks.models import FieldMapping, FunctionRoute
from crm.meanings import MEANINGS
from crm.models import Org

pytestmark = pytest.mark.django_db

PAGE = "/admin/crm/org/1/change/"
LONG = 3600.0


def member_of(group: str) -> Client:
    user = User.objects.create_user(f"{group}@example.org", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


def trouble(code: str) -> None:
    Org.objects.current()
    Org.note_trouble(code, MEANINGS[code], retry_in=LONG)


def test_the_list_leads_to_the_one_org(admin_client: Client) -> None:
    answer = admin_client.get("/admin/crm/org/", follow=True)
    assert answer.redirect_chain[-1][0] == PAGE
    assert "Nothing was sent yet" in answer.content.decode()


def test_a_pause_says_why_and_what_to_do_in_the_readers_language() -> None:
    trouble("NO_CONNECTION")
    office = member_of("Back office")
    english = office.get(PAGE).content.decode()
    assert "Salesforce cannot be reached from here." in english
    german = office.get(PAGE, headers={"Accept-Language": "de"}).content.decode()
    assert "Salesforce ist von hier aus nicht erreichbar." in german


def test_trying_again_ends_the_wait(admin_client: Client) -> None:
    trouble("NO_CONNECTION")
    admin_client.post("/admin/crm/org/1/retry/", {"_form_submitted": "True"})
    assert Org.may_probe() is True


def test_another_org_is_confirmed_by_an_administrator_alone() -> None:
    Org.objects.create(org_id="00D000000000000AAA")
    trouble("ANOTHER_ORG")
    assert member_of("Back office").post("/admin/crm/org/1/confirm/").status_code == 403
    assert Org.pin("00D000000000001AAA") is False
    member_of("Administrators").post("/admin/crm/org/1/confirm/", {"_form_submitted": "True"})
    assert Org.pin("00D000000000001AAA") is True


def test_since_when_is_the_first_trouble_in_a_row() -> None:
    trouble("NO_CONNECTION")
    first: Any = Org.objects.current().trouble_since
    trouble("NO_ANSWER")
    state = Org.objects.current()
    assert (state.trouble_since, state.troubles, state.trouble_code) == (first, 2, "NO_ANSWER")
    assert first <= timezone.now()


def test_a_broken_template_is_refused_where_it_is_typed() -> None:
    mapping = FieldMapping(route=FunctionRoute(), field="Subject", template="{% nonsense %}")
    with pytest.raises(ValidationError, match="template"):
        mapping.clean()
