"""What the state strip says of the conversation, and what can be done about it there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from callbacks.admin import attention
from callbacks.models import Callback, JobRun, StaffAction
from callbacks.models.job_run import Result, Run
from crm.admin.flowing import org_and_our_calls, quota_of
from crm.meanings import MEANINGS
from crm.models import ApiCalls, Org
from tests.callbacks.cast import a_callback
from tests.callbacks.conftest import person
from tests.factories import CallbackFactory

pytestmark = pytest.mark.django_db

INDEX, NOW, PAGE = "/admin/", "/admin/now/", "/admin/crm/org/1/change/"
Verb = StaffAction.Verb


@pytest.fixture(autouse=True)
def _all_is_well(settings: Settings) -> None:
    settings.SALESFORCE_URL = "https://acme.my.salesforce.com"
    JobRun.objects.note("crm.tasks.push_due", Run(Result.DONE, 318), by_beat=True)
    Org.objects.create(org_id="00D8d0000000001EAA")
    a_callback()


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(person(role))
    return client


def trouble(code: str) -> None:
    Org.note_trouble(code, MEANINGS[code], retry_in=600)


def strip(browser: Client) -> dict[str, Any]:
    attention.forget()
    found: dict[str, Any] = browser.get(NOW).json()["strip"]
    return found


def offered(browser: Client) -> list[str]:
    return [button["name"] for button in strip(browser)["buttons"] if button["is_shown"]]


def test_it_says_since_when_it_flows(admin_client: Client) -> None:
    assert strip(admin_client)["since"] == ""
    trouble("NO_ANSWER")
    Org.note_well()
    said = strip(admin_client)
    assert (said["tone"], said["word"]) == ("good", "Flowing")
    assert said["since"] == f"since {timezone.localtime():%H:%M}."
    assert offered(admin_client) == ["pause"]


def test_who_sends_something_now_is_told_what_keeps_it_up(admin_client: Client) -> None:
    put_off = CallbackFactory.create(put_off=True)
    address = f"/admin/callbacks/callback/{put_off.pk}"
    for pauses in (False, True):
        Callback.objects.filter(pk=put_off.pk).update(due_at=timezone.now() + timedelta(hours=1))
        if pauses:
            Org.pause(by=User.objects.create_user("petra"), reason="Data load")
        admin_client.post(f"{address}/send_now/", {"_form_submitted": "True"})
    flowing, paused = admin_client.get(f"{address}/change/").context["messages"]
    assert str(flowing) == "1 callback is due now and goes out next."
    assert "petra paused the conversation: “Data load”. 2 callbacks wait." in str(paused)


def test_a_pause_says_who_and_why_and_how_many_wait(admin_client: Client) -> None:
    by = User.objects.create_user("petra", first_name="Petra", last_name="Lindner")
    Org.pause(by=by, reason="Data load")
    said = strip(admin_client)
    assert (said["tone"], said["word"]) == ("warn", "Paused")
    expected = "Petra Lindner paused the conversation: “Data load”. 1 callback waits."
    assert said["text"] == expected
    assert offered(admin_client) == ["resume"]


def test_trouble_says_what_it_means_for_callers(admin_client: Client) -> None:
    trouble("NO_CONNECTION")
    said = strip(admin_client)
    assert (said["tone"], said["word"]) == ("bad", "Trouble")
    assert said["text"] == (
        "Salesforce cannot be reached from here. 1 callback waits."
        " It goes out by itself when that is over."
    )
    assert offered(admin_client) == ["connection"]


def test_a_quota_that_is_spared_is_no_trouble(admin_client: Client) -> None:
    trouble("QUOTA_RESERVE")
    said = strip(admin_client)
    assert (said["tone"], said["word"]) == ("warn", "Saving quota")
    retry_at = Org.objects.get().retry_at
    assert retry_at is not None
    assert f"The next look is at {timezone.localtime(retry_at):%H:%M}." in said["text"]


def test_a_slow_start_is_told(admin_client: Client) -> None:
    Org.resume(per_minute=30)
    said = strip(admin_client)
    assert (said["tone"], said["word"]) == ("warn", "Catching up")
    assert "After the pause 30 callbacks a minute go out. 1 callback waits." in said["text"]


def test_without_an_address_nothing_is_connected(admin_client: Client, settings: Settings) -> None:
    settings.SALESFORCE_URL = ""
    said = strip(admin_client)
    assert (said["tone"], said["word"]) == ("warn", "Not connected")


@pytest.mark.parametrize("page", [INDEX, PAGE])
def test_both_pages_have_the_same_strip(page: str) -> None:
    Org.pause(by=None, reason="Data load")
    text = signed_in("Back office").get(page).text
    assert "The console paused the conversation: “Data load”. 1 callback waits." in text


def test_it_speaks_german() -> None:
    Org.pause(by=None, reason="Datenimport")
    office = signed_in("Back office")
    text = office.get(INDEX, headers={"Accept-Language": "de"}).text
    assert "Die Konsole hat die Übertragung angehalten: „Datenimport“. 1 Rückruf wartet." in text


def test_who_only_looks_on_has_no_button_that_changes_anything() -> None:
    viewer = signed_in("viewer")
    assert offered(viewer) == []
    Org.pause(by=None, reason="x")
    assert offered(viewer) == []
    assert "/pause/" not in viewer.get(INDEX).text


def test_who_may_not_see_the_connection_is_told_how_it_stands() -> None:
    user = person("nobody")
    viewer = person("viewer")
    user.user_permissions.set(viewer.user_permissions.exclude(content_type__app_label="crm"))
    browser = Client()
    browser.force_login(user)
    trouble("NO_CONNECTION")
    assert strip(browser)["word"] == "Trouble"
    assert offered(browser) == []
    assert browser.get(NOW).json()["quota"] is None


class TestDeeds:
    def press(self, browser: Client, verb: str, page: str = PAGE, **fields: str) -> Any:
        url = f"/admin/crm/org/1/{verb}/"
        headers = {"HX-Current-URL": f"http://testserver{page}"}
        return browser.post(url, {"_form_submitted": "True", **fields}, headers=headers)

    def test_each_is_recorded_with_who_and_why(self) -> None:
        office = signed_in("Back office")
        self.press(office, "pause", reason="Data load")
        self.press(office, "resume", per_minute="30")
        paused, resumed = StaffAction.objects.order_by("id")
        assert (paused.verb, paused.reason) == (Verb.PAUSED, "Data load")
        assert paused.person_name == "Petra Lindner"
        assert (resumed.verb, resumed.changes) == (Verb.RESUMED, {"per_minute": [None, 30]})

    def test_a_double_click_is_harmless(self) -> None:
        office = signed_in("Back office")
        for reason in ("Data load", "Data load"):
            self.press(office, "pause", reason=reason)
        self.press(office, "resume", per_minute="")
        self.press(office, "resume", per_minute="")
        verbs = list(StaffAction.objects.order_by("id").values_list("verb", flat=True))
        assert verbs == [Verb.PAUSED, Verb.RESUMED]

    def test_the_first_reason_stands(self) -> None:
        self.press(signed_in("Back office"), "pause", reason="Data load")
        answer = self.press(signed_in("Administrators"), "pause", reason="Lunch")
        assert Org.objects.get().pause_reason == "Data load"
        assert answer["HX-Redirect"] == PAGE

    def test_another_org_is_confirmed_once(self) -> None:
        trouble("ANOTHER_ORG")
        administrators = signed_in("Administrators")
        for _ in range(2):
            self.press(administrators, "confirm")
        [deed] = StaffAction.objects.all()
        assert (deed.verb, deed.changes) == (
            Verb.CONFIRMED_ORG,
            {"org_id": ["00D8d0000000001EAA", ""]},
        )

    def test_whoever_pressed_on_the_first_page_stays_there(self) -> None:
        office = signed_in("Back office")
        assert self.press(office, "pause", INDEX, reason="x")["HX-Redirect"] == INDEX
        elsewhere = self.press(office, "resume", "/evil/", per_minute="")
        assert elsewhere["HX-Redirect"] == PAGE


class TestQuota:
    def test_it_is_ours_that_of_others_and_free(self, settings: Settings) -> None:
        settings.SALESFORCE_API_RESERVE = 0.25
        noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
        calls = {(noon.date(), "sync"): 300, (noon.date() - timedelta(days=1), "pull"): 200}
        ApiCalls.objects.add({**calls, (noon.date() - timedelta(days=2), "pull"): 999})
        Org.note_usage(used=1_000, maximum=4_000)
        found = quota_of(*org_and_our_calls(noon))
        assert found is not None
        assert (found.ours, found.others, found.free) == (400, 600, 3_000)
        assert found.reserve_at == 3_000

    def test_others_never_used_less_than_nothing(self) -> None:
        ApiCalls.objects.add({(timezone.now().date(), "sync"): 300})
        Org.note_usage(used=100, maximum=4_000)
        found = quota_of(*org_and_our_calls(timezone.now()))
        assert found is not None
        assert (found.ours, found.others) == (100, 0)

    def test_the_first_page_takes_few_queries_with_it(self) -> None:
        Org.note_usage(used=100, maximum=4_000)
        office = signed_in("Back office")
        office.get(INDEX)
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            office.get(INDEX)
        assert len(asked) <= 14

    def test_nothing_is_said_of_it_before_the_org_did(self, admin_client: Client) -> None:
        said = admin_client.get(NOW).json()["quota"]
        assert said == {"unknown": "Salesforce has not said yet how many calls are used."}

    def test_a_german_page_has_widths_that_a_browser_reads(self, admin_client: Client) -> None:
        Org.note_usage(used=125, maximum=1_000)
        text = admin_client.get(INDEX, headers={"Accept-Language": "de"}).text
        assert 'style="width: 12.5%"' in text
        assert "125 von 1.000 Aufrufen sind verbraucht" in text
