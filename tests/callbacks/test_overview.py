"""The first page: what it says, to whom, and what its figures lead to."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from callbacks.admin import attention
from callbacks.admin.chart import chart
from callbacks.admin.strip import strip as the_strip
from callbacks.figures import Service, figures
from callbacks.models import JobRun
from callbacks.models.job_run import Result, Run
from tests.callbacks.cast import a_callback
from tests.callbacks.conftest import SignIn
from tests.factories import RejectedFactory, UserFactory

pytestmark = pytest.mark.django_db

INDEX, NOW = "/admin/", "/admin/now/"
RAN = Run(Result.DONE, 318)


@pytest.fixture(autouse=True)
def _a_worker_runs() -> None:
    JobRun.objects.note("crm.tasks.push_due", RAN, by_beat=True)


def silent_for(minutes: int, **only: bool) -> None:
    then = timezone.now() - timedelta(minutes=minutes)
    JobRun.objects.update(**dict.fromkeys(only or ("finished_at", "rung_at"), then))


def news(browser: Client) -> dict[str, Any]:
    attention.forget()
    found: dict[str, Any] = browser.get(NOW).json()
    return found


def strip(browser: Client) -> tuple[str, str, str]:
    said = news(browser)["strip"]
    return said["tone"], said["word"], said["text"]


class TestState:
    """Where nothing keeps the conversation up."""

    @pytest.fixture(autouse=True)
    def _no_trouble(self, settings: Settings) -> None:
        settings.SALESFORCE_URL = "https://acme.my.salesforce.com"
        if not apps.is_installed("crm"):
            pytest.skip("nothing brings callbacks anywhere")

    def test_an_empty_installation_is_ready(self, admin_client: Client) -> None:
        tone, word, text = strip(admin_client)
        assert (tone, word) == ("plain", "Ready")
        assert "No callback has come yet." in text
        buttons = news(admin_client)["strip"]["buttons"]
        assert [b["label"] for b in buttons if b["is_shown"]] == ["Connect a telephone system"]

    def test_it_flows_and_nobody_has_to_do_anything(self, admin_client: Client) -> None:
        a_callback(status="answered")
        assert strip(admin_client) == (
            "good",
            "Flowing",
            "Nothing waits. Nobody has to do anything.",
        )

    def test_it_flows_and_something_has_to_be_decided(self, admin_client: Client) -> None:
        now = timezone.now()
        took = {"received_at": now, "synced_at": now + timedelta(seconds=1.1)}
        a_callback(status="synced", case_id="500A", **took)
        a_callback(status="failed")
        text = "Callbacks are in Salesforce after 1.1\N{NO-BREAK SPACE}s. 1 needs a decision."
        assert strip(admin_client) == ("good", "Flowing", text)

    def test_a_worker_that_never_ran_is_missed(self, admin_client: Client) -> None:
        JobRun.objects.all().delete()
        assert strip(admin_client)[:2] == ("warn", "Not started")

    def test_a_schedule_that_is_not_there_yet_is_no_trouble(self, admin_client: Client) -> None:
        JobRun.objects.update(rung_at=None)
        assert strip(admin_client)[:2] == ("warn", "Not started")

    def test_a_silent_worker_is_trouble(self, admin_client: Client) -> None:
        silent_for(10)
        tone, word, text = strip(admin_client)
        assert (tone, word) == ("bad", "Trouble")
        assert text.startswith(
            "The worker last did something 10 minutes ago."
            " Tell whoever runs the server: start the worker again."
        )

    def test_trouble_of_the_server_leads_to_the_schedule(
        self, admin_client: Client, sign_in: SignIn
    ) -> None:
        silent_for(10)
        shown = [b["link"] for b in news(admin_client)["strip"]["buttons"] if b["is_shown"]]
        assert shown == [reverse("admin:django_celery_beat_periodictask_changelist")]
        others = news(sign_in("Back office"))["strip"]["buttons"]
        assert not any(button["is_shown"] for button in others)

    def test_a_silent_schedule_is_trouble(self, admin_client: Client) -> None:
        silent_for(10, rung_at=True)
        assert "the schedule was last heard of 10 minutes ago" in strip(admin_client)[2]

    def test_what_nobody_takes_is_told(self, admin_client: Client) -> None:
        a_callback(due_at=timezone.now() - timedelta(minutes=10))
        tone, word, text = strip(admin_client)
        assert (tone, word) == ("warn", "Behind")
        assert "should have gone 10 minutes ago. 1 callback waits." in text


def test_without_the_conversation_callbacks_are_stored_only(rf: RequestFactory) -> None:
    a_callback()
    request = rf.get(INDEX)
    request.user = UserFactory.create()
    said = the_strip(request, figures(), None)
    assert (said["tone"], said["word"]) == ("plain", "Stored only")
    assert "1 callback waits." in said["text"]


def test_each_figure_leads_to_the_list_behind_it(admin_client: Client) -> None:
    now = timezone.now()
    a_callback(status="synced", case_id="500A", synced_at=now)
    a_callback(status="failed", failure_signature="x", failure_reason="A text is too long.")
    a_callback(status="held")
    a_callback()
    RejectedFactory.create()
    said = news(admin_client)
    tiles = {tile["title"]: tile for tile in said["tiles"]}
    today, decide = tiles["Callbacks today"], tiles["To decide"]
    shown = {
        today["link"]: 4,
        tiles["From request to Case"]["link"]: 1,
        tiles["Waiting for Salesforce"]["link"]: 1,
        decide["links"][1]["link"]: 1,
        **{link["link"]: 1 for link in today["links"]},
        said["reasons"]["rows"][0]["link"]: 1,
        said["waits"]["rows"][0]["link"]: 4,
    }
    assert (today["figure"], decide["figure"], decide["tone"]) == ("4", "2", "bad")
    assert [link["text"] for link in decide["links"]] == ["1 failed", "1 held"]
    for link, rows in shown.items():
        page = admin_client.get(link)
        assert page.status_code == 200, link
        assert page.context["cl"].result_count == rows, link
    groups = admin_client.get(decide["link"]).context["groups"]
    assert [row["group"].count for row in groups] == [1]


def test_what_was_rejected_is_counted_from_midnight(admin_client: Client) -> None:
    RejectedFactory.create(received_at=timezone.now() - timedelta(days=1))
    assert news(admin_client)["tiles"][0]["links"][0]["text"] == ""
    RejectedFactory.create()
    assert news(admin_client)["tiles"][0]["links"][0]["text"] == "1 rejected"


def test_what_waits_too_long_is_marked(admin_client: Client) -> None:
    def tone() -> str:
        return str(news(admin_client)["tiles"][2]["tone"])

    a_callback()
    assert tone() == "plain"
    a_callback(received_at=timezone.now() - timedelta(minutes=6))
    assert tone() == "warn"


def test_the_chart_names_the_busiest_and_joins_the_others() -> None:
    a_callback()
    found = figures()
    services = [Service(f"49{n}", f"Line {n}", {9: 10 - n}) for n in range(6)]
    drawn = chart(found.__class__(**{**vars(found), "services": services, "last_week": {8: 7}}))
    assert [one["label"] for one in drawn["series"]] == [*(f"Line {n}" for n in range(4)), "Others"]
    at_nine = drawn["hours"].index("09")
    assert [one["data"][at_nine] for one in drawn["series"]] == [10, 9, 8, 7, 6 + 5]
    assert drawn["last_week"]["data"][drawn["hours"].index("08")] == 7
    assert {"06", "20"} <= set(drawn["hours"])


def test_an_early_morning_has_no_bars_and_says_so(admin_client: Client) -> None:
    said = news(admin_client)["chart"]
    assert said["series"] == []
    assert said["empty"] == "No callback yet today. Bars appear with the first."


def test_services_say_when_they_were_last_heard_of(admin_client: Client) -> None:
    a_callback(received_at=timezone.now() - timedelta(minutes=3))
    silent_for(10)
    said = {row["name"]: (row["text"], row["tone"]) for row in news(admin_client)["services"]}
    assert said["Worker"] == ("seen 10 minutes ago", "bad")
    assert said["Telephone system"] == ("called 3 minutes ago", "good")


@pytest.mark.parametrize(
    ("role", "status"),
    [("superuser", 200), ("Back office", 200), ("viewer", 200), ("nobody", 403)],
)
def test_news_are_for_those_who_see_callbacks(role: str, status: int, sign_in: SignIn) -> None:
    a_callback(status="failed")
    answer = sign_in(role).get(NOW)
    assert answer.status_code == status
    if status == 200:
        assert "no-store" in answer["Cache-Control"]


def test_strangers_get_no_news() -> None:
    assert Client().get(NOW).status_code == 302
    assert Client().post(NOW).status_code in {302, 405}


def test_links_lead_nowhere_for_those_who_may_not_open_them(sign_in: SignIn) -> None:
    """The back office does not see telephone systems and the schedule."""
    said = {row["name"]: row["link"] for row in news(sign_in("Back office"))["services"]}
    assert (said["Worker"], said["Telephone system"]) == ("", "")
    assert (
        reverse("admin:callbacks_acdclient_changelist")
        == {row["name"]: row["link"] for row in news(sign_in("superuser"))["services"]}[
            "Telephone system"
        ]
    )


def test_the_page_says_what_the_news_say(admin_client: Client) -> None:
    a_callback(status="failed", failure_reason="A <b>text</b> is too long.")
    attention.forget()
    page = admin_client.get(INDEX)
    assert page.context["now"] == news(admin_client)
    assert "A &lt;b&gt;text&lt;/b&gt; is too long." in page.text
    assert "<b>text" not in page.text


def test_the_page_takes_few_queries(sign_in: SignIn) -> None:
    for status in ("failed", "held", "pending"):
        a_callback(status=status)
    browser = sign_in("Back office")
    browser.get(INDEX)
    attention.forget()
    with CaptureQueriesContext(connection) as cold:
        browser.get(INDEX)
    assert len(cold) <= 15
    with CaptureQueriesContext(connection) as warm:
        browser.get(NOW)
    assert len(warm) <= 7  # session, person and rights; what may have changed by a click
