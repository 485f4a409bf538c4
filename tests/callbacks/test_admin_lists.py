"""The list of callbacks: counted, narrowed down, and remembered."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks.admin import paging
from callbacks.models import Callback, SavedView
from tests.callbacks.conftest import SignIn, person
from tests.factories import CallbackFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:callbacks_callback_changelist")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def clerk() -> User:
    return person("Back office")


@pytest.fixture
def browser(clerk: User) -> Client:
    browser = Client()
    browser.force_login(clerk)
    return browser


def listed(browser: Client, **query: str) -> set[Callback]:
    return set(browser.get(LIST, query).context["cl"].result_list)


class TestCounting:
    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(paging, "MOST_COUNTED", 30)

    def test_up_to_the_cap_it_is_exact(self, browser: Client) -> None:
        CallbackFactory.create_batch(30)
        page = browser.get(LIST)
        assert "30 callbacks" in " ".join(page.text.split())

    def test_beyond_it_says_so_and_leads_no_further(self, browser: Client) -> None:
        CallbackFactory.create_batch(60)
        page = browser.get(LIST)
        assert "more than 30 callbacks" in " ".join(page.text.split())
        assert page.context["cl"].paginator.num_pages == 2
        assert browser.get(LIST, {"p": "3"}).status_code == 302


class TestDays:
    @pytest.fixture(autouse=True)
    def _noon(self) -> Any:
        with time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=BERLIN), tick=False):
            yield

    @pytest.fixture
    def by_day(self) -> dict[str, Callback]:
        """The first and the last moment of days in Berlin."""
        moments = {
            "today begins": datetime(2026, 11, 23, 0, 0, tzinfo=BERLIN),
            "yesterday ends": datetime(2026, 11, 22, 23, 59, 59, tzinfo=BERLIN),
            "yesterday begins": datetime(2026, 11, 22, 0, 0, tzinfo=BERLIN),
            "a week ago begins": datetime(2026, 11, 17, 0, 0, tzinfo=BERLIN),
            "before that": datetime(2026, 11, 16, 23, 59, 59, tzinfo=BERLIN),
        }
        return {
            name: CallbackFactory.create(received_at=moment) for name, moment in moments.items()
        }

    @pytest.mark.parametrize(
        ("preset", "names"),
        [
            ("today", ["today begins"]),
            ("yesterday", ["yesterday ends", "yesterday begins"]),
            (
                "week",
                ["today begins", "yesterday ends", "yesterday begins", "a week ago begins"],
            ),
        ],
    )
    def test_presets(
        self, preset: str, names: list[str], by_day: dict[str, Callback], browser: Client
    ) -> None:
        assert listed(browser, received=preset) == {by_day[name] for name in names}

    @pytest.mark.parametrize(
        ("language", "text"),
        [("de", "22.11.2026"), ("de", "22.11.26"), ("de", "2026-11-22"), ("en", "11/22/2026")],
    )
    def test_a_day_is_read_as_people_write_it(
        self, language: str, text: str, by_day: dict[str, Callback], browser: Client
    ) -> None:
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        found = listed(browser, received_from=text, received_to=text)
        assert found == {by_day["yesterday ends"], by_day["yesterday begins"]}

    @pytest.mark.parametrize(("language", "written"), [("de", "%d.%m.%Y"), ("en", "%Y-%m-%d")])
    def test_from_today_to_today_is_todays_count(
        self, language: str, written: str, by_day: dict[str, Callback], browser: Client
    ) -> None:
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        day = date(2026, 11, 23).strftime(written)
        midnight = timezone.localtime().replace(hour=0, minute=0)
        todays = set(Callback.objects.filter(received_at__gte=midnight))
        assert todays == {by_day["today begins"]}
        assert listed(browser, received_from=day, received_to=day) == todays

    def test_one_end_may_be_open(self, by_day: dict[str, Callback], browser: Client) -> None:
        assert listed(browser, received_from="2026-11-23") == {by_day["today begins"]}
        assert listed(browser, received_to="2026-11-16") == {by_day["before that"]}

    def test_what_is_no_day_is_said_and_narrows_nothing(
        self, by_day: dict[str, Callback], browser: Client
    ) -> None:
        page = browser.get(LIST, {"received_from": "31.13.2026"})
        assert "“31.13.2026” is not a date, so it is ignored." in page.text
        assert len(page.context["cl"].result_list) == len(by_day)

    def test_days_begin_at_the_readers_midnight(
        self, by_day: dict[str, Callback], browser: Client
    ) -> None:
        browser.cookies["zone"] = "Asia/Tokyo"  # where the day began eight hours earlier
        assert by_day["yesterday ends"] in listed(browser, received="today")


class TestNarrowing:
    def test_by_service_number(self, browser: Client) -> None:
        ServiceNumberFactory.create(number="4989100", name="Süd")
        south = CallbackFactory.create(service_number="4989100")
        CallbackFactory.create()
        assert listed(browser, service_number="4989100") == {south}

    def test_by_a_service_number_that_nobody_knows(self, browser: Client) -> None:
        CallbackFactory.create()
        page = browser.get(LIST, {"service_number": "217"})
        assert not page.context["cl"].result_list
        assert "Nothing matches these filters." in page.text

    def test_by_function_however_it_is_written(self, browser: Client) -> None:
        wanted = {CallbackFactory.create(function=name) for name in ("Termin", "TERMIN")}
        CallbackFactory.create(function="Störung")
        assert listed(browser, function="termin") == wanted

    def test_by_the_reason_of_failure(self, browser: Client) -> None:
        wanted = CallbackFactory.create(failed=True, failure_signature="TOO_LONG Subject")
        CallbackFactory.create(failed=True, failure_signature="OTHER")
        CallbackFactory.create(synced=True)
        assert listed(browser, failure_signature__exact="TOO_LONG Subject") == {wanted}
        assert "1 · A text is longer than its field in Salesforce." in browser.get(LIST).text

    @pytest.mark.parametrize(
        "name", ["service_number", "function", "failure_signature__exact", "received_from"]
    )
    def test_nonsense_is_harmless(self, name: str, browser: Client) -> None:
        for nonsense in ("\0", "%", "'", "x" * 300):
            assert browser.get(LIST, {name: nonsense}).status_code == 200

    def test_a_view_with_nothing_in_it_says_what_that_means(self, browser: Client) -> None:
        assert "Nothing is waiting." in browser.get(LIST, {"status__exact": "pending"}).text
        assert "Nothing is held." in browser.get(LIST, {"status__exact": "held"}).text

    def test_all_of_it_at_once(self, browser: Client) -> None:
        facts = {"failed": True, "function": "Termin", "service_number": "4989100"}
        wanted = CallbackFactory.create(**facts)
        CallbackFactory.create(**(facts | {"function": "Störung"}))
        CallbackFactory.create(**(facts | {"received_at": timezone.now() - timedelta(days=3)}))
        found = listed(
            browser,
            status__exact="failed",
            received="today",
            function="Termin",
            service_number="4989100",
        )
        assert found == {wanted}

    def test_applying_filters_keeps_state_and_search_but_not_the_page(
        self, browser: Client
    ) -> None:
        CallbackFactory.create_batch(30, failed=True)
        asked = {"status__exact": "failed", "q": "Hotline", "p": "2", "received": "today"}
        text = browser.get(LIST, asked).text
        form = text.split('id="filter-form"')[1].split("</form>")[0]
        kept = [name for name in asked if f'<input type="hidden" name="{name}"' in form]
        assert kept == ["status__exact", "q"]

    @pytest.mark.parametrize(
        "lookup",
        [
            "contact_name__startswith",
            "caller_number__startswith",
            "payload__icontains",
            "client__secret_digest__startswith",
        ],
    )
    @pytest.mark.parametrize("role", ["Viewer", "superuser"])
    def test_nothing_else_can_be_asked(self, role: str, lookup: str, sign_in: SignIn) -> None:
        assert sign_in(role).get(LIST, {lookup: "4"}).status_code == 400


class TestSavedViews:
    REMEMBER = reverse("admin:callbacks_remember")
    FORGET = reverse("admin:callbacks_forget")
    QUERY = "function=Termin&status__exact=failed"

    def remember(self, browser: Client, name: str, query: str = QUERY) -> None:
        browser.post(self.REMEMBER, {"name": name, "query": query})

    def test_it_is_a_link_among_the_others(self, browser: Client) -> None:
        self.remember(browser, "Termine <offen>")
        text = browser.get(LIST).text
        assert "Termine &lt;offen&gt;</a>" in text
        assert f'href="?{self.QUERY.replace("&", "&amp;")}"' in text

    def test_it_is_marked_when_it_is_shown_and_can_be_forgotten(self, browser: Client) -> None:
        self.remember(browser, "Termine")
        page = browser.get(f"{LIST}?status__exact=failed&function=Termin")
        assert [tab.title for tab in page.context["tabs"] if tab.is_current] == ["Termine"]
        assert page.context["may_forget"]
        browser.post(self.FORGET, {"query": page.context["current_query"]})
        assert not SavedView.objects.exists()

    def test_what_narrows_nothing_need_not_be_remembered(self, browser: Client) -> None:
        assert not browser.get(LIST, {"status__exact": "failed"}).context["may_remember"]
        assert browser.get(LIST, {"received": "today"}).context["may_remember"]

    def test_what_was_searched_for_is_not_kept(self, browser: Client) -> None:
        self.remember(browser, "Eva", urlencode({"q": "0171 6547539", "function": "Termin"}))
        assert SavedView.objects.get().query == "function=Termin"

    def test_a_double_click_is_harmless(self, browser: Client) -> None:
        for _ in range(2):
            self.remember(browser, "Termine")
        assert SavedView.objects.count() == 1

    def test_the_same_name_means_the_newer_one(self, browser: Client) -> None:
        self.remember(browser, "Meine")
        self.remember(browser, "Meine", "received=today")
        assert SavedView.objects.get().query == "received=today"

    def test_it_is_its_owners_alone(self, browser: Client, sign_in: SignIn) -> None:
        self.remember(browser, "Termine")
        colleague = sign_in("Back office")
        assert "Termine" not in colleague.get(LIST).text
        colleague.post(self.FORGET, {"query": self.QUERY})
        assert SavedView.objects.count() == 1

    def test_there_are_only_so_many(self, browser: Client) -> None:
        for number in range(14):
            self.remember(browser, f"View {number}", f"function={number}")
        assert SavedView.objects.count() == 12
        assert "You have 12 views already." in browser.get(LIST).text

    @pytest.mark.parametrize("query", ["", "q=1", "contact_name__startswith=M", "%00", "x" * 9999])
    def test_nonsense_is_not_remembered(self, query: str, browser: Client) -> None:
        self.remember(browser, "Unsinn", query)
        assert not SavedView.objects.exists()

    def test_a_link_does_not_remember(self, browser: Client) -> None:
        assert browser.get(self.REMEMBER, {"name": "a", "query": self.QUERY}).status_code == 405

    def test_nobody_without_the_list_remembers(self, sign_in: SignIn) -> None:
        place = self.REMEMBER
        assert sign_in("nobody").post(place, {"name": "a", "query": "b"}).status_code == 403

    def test_the_tabs_of_states_keep_what_else_was_asked(self, browser: Client) -> None:
        tabs = browser.get(LIST, {"function": "Termin", "p": "1"}).context["tabs"]
        assert tabs[3].link == "?function=Termin&status__exact=failed"
