"""The connection's page: what staff sees of a pause, and what an administrator can do."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from callbacks.models import FieldMapping, FunctionRoute, JobRun
from callbacks.models.job_run import Result, Run
from crm.meanings import MEANINGS
from crm.models import ApiCalls, Org

pytestmark = pytest.mark.django_db

PAGE = "/admin/crm/org/1/change/"
LONG = 3600.0


@pytest.fixture(autouse=True)
def _a_worker_runs(settings: Settings) -> None:
    settings.SALESFORCE_URL = "https://acme.my.salesforce.com"
    JobRun.objects.note("crm.tasks.push_due", Run(Result.DONE, 318), by_beat=True)


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
    assert answer.status_code == 200


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


def test_the_back_office_pauses_with_a_reason_and_everybody_sees_it() -> None:
    office = member_of("Back office")
    office.post("/admin/crm/org/1/pause/", {"_form_submitted": "True", "reason": "Data load"})
    for page in (PAGE, "/admin/"):
        text = office.get(page).content.decode()
        assert "Back office@example.org paused the conversation: “Data load”." in text


def test_a_pause_needs_a_reason() -> None:
    Org.objects.current()
    office = member_of("Back office")
    office.post("/admin/crm/org/1/pause/", {"_form_submitted": "True", "reason": " "})
    assert Org.objects.get().paused_at is None


def test_who_only_looks_on_pauses_nothing() -> None:
    viewer = User.objects.create_user("viewer", password="x", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_org"))
    client = Client()
    client.force_login(viewer)
    assert client.post("/admin/crm/org/1/pause/", {"reason": "x"}).status_code == 403
    assert client.post("/admin/crm/org/1/resume/", {}).status_code == 403


@pytest.mark.parametrize(("rate", "kept"), [("", None), ("30", 30)])
def test_the_back_office_resumes_at_once_or_at_a_rate(rate: str, kept: int | None) -> None:
    Org.pause(by=None, reason="Data load")
    office = member_of("Back office")
    sent = {"_form_submitted": "True", "per_minute": rate}
    office.post("/admin/crm/org/1/resume/", sent)
    state = Org.objects.get()
    assert (state.paused_at, state.drip_per_minute) == (None, kept)
    assert ("30 callbacks a minute go out" in office.get(PAGE).content.decode()) == bool(kept)


def test_the_page_offers_what_can_be_done_now(admin_client: Client) -> None:
    Org.objects.current()
    assert 'hx-get="/admin/crm/org/1/pause/"' in admin_client.get(PAGE).content.decode()
    Org.pause(by=None, reason="Data load")
    paused = admin_client.get(PAGE).content.decode()
    assert 'hx-get="/admin/crm/org/1/resume/"' in paused
    assert 'hx-get="/admin/crm/org/1/pause/"' not in paused


def test_the_page_shows_our_calls_and_those_of_all(
    admin_client: Client, settings: Settings
) -> None:
    settings.SALESFORCE_API_RESERVE = 0.25
    Org.objects.current()
    today = datetime.now(UTC).date()
    ApiCalls.objects.add({(today, "sync"): 4321, (today, "pull"): 12})
    Org.note_usage(used=60_000, maximum=100_000)
    page = admin_client.get(PAGE).content.decode()
    assert "4,321" in page
    assert "60,000 of 100,000 calls are used" in page
    assert "We stop at 75,000" in page


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
