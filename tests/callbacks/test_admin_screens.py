"""What the screens say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from callbacks.admin import wording
from callbacks.admin.timeline import timeline
from callbacks.masking import read_by
from callbacks.models import (
    Callback,
    FieldMapping,
    FunctionRoute,
    ServiceNumber,
    SyncAttempt,
)
from tests.callbacks.conftest import SignIn, person
from tests.factories import (
    AttemptFactory,
    CallbackFactory,
    RejectedFactory,
    RouteFactory,
    ServiceNumberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def german(sign_in: SignIn) -> Client:
    browser = sign_in("superuser")
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    return browser


def page(browser: Client, screen: str, record: Any) -> str:
    return browser.get(reverse(f"admin:{screen}_change", args=[record.pk])).text


def known_caller(**changes: Any) -> Callback:
    """A callback whose Case has an address as Salesforce gives it."""
    case = "5008d0000000001AAA"
    url = f"https://acme.my.salesforce.com/lightning/r/Case/{case}/view"
    facts = {"case_id": case, "case_object": "Case", "case_url": url}
    return CallbackFactory.create(synced=True, **(facts | changes))


def listed(browser: Client, screen: str, **query: str) -> Any:
    return browser.get(reverse(f"admin:callbacks_{screen}_changelist"), query)


class TestCallback:
    def test_its_facts_are_there(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(
            caller_number="4989555010",
            callback_text="0171 6547539",
            callback_number="491716547539",
            call_ended_at=timezone.now(),
            time_flag="ambiguous",
            key_reused=True,
            raw_body=b"CallerID=<b>4989555010</b>",
            raw_query="a=b",
        )
        text = page(sign_in("viewer"), "callbacks_callback", callback)
        for fact in (
            "+49\N{NO-BREAK SPACE}89\N{NO-BREAK SPACE}555010",
            "+49\N{NO-BREAK SPACE}171\N{NO-BREAK SPACE}6547539",
            "in the hour that clocks repeat in autumn",
            "came before with another caller or service",
            "CallerID=&lt;b&gt;4989555010&lt;/b&gt;",
            "Kundennummer 4711",
            str(callback.pk),
        ):
            assert fact in text

    def test_no_number_is_in_the_title_of_the_window(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(caller_number="4989555010", caller_text="089555010")
        text = page(sign_in("viewer"), "callbacks_callback", callback)
        title = text.split("<title>")[1].split("</title>")[0]
        assert "555010" not in title.replace(str(callback.pk), "")

    def test_why_it_failed_and_what_to_do(self, german: Client) -> None:
        text = page(german, "callbacks_callback", CallbackFactory.create(failed=True))
        assert "Ein Text ist länger als sein Feld in Salesforce." in text
        assert "Kürzen Sie die Vorlage des unten genannten Feldes" in text
        assert "Betreff: zu lang" in text

    def test_its_case_is_one_click_away(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(synced=True, case_number="00001027")
        text = page(sign_in("viewer"), "callbacks_callback", callback)
        assert f'href="{callback.case_url}" target="_blank" rel="noopener"' in text

    def test_only_a_web_address_becomes_a_link(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(synced=True, case_url="javascript:alert(1)")
        assert "javascript:" not in page(sign_in("viewer"), "callbacks_callback", callback)

    def test_the_contact_is_one_click_away(self, sign_in: SignIn) -> None:
        callback = known_caller(contact_id="0038d0000000001AAA", contact_name="Eva <Meier>")
        text = page(sign_in("viewer"), "callbacks_callback", callback)
        contact = "https://acme.my.salesforce.com/lightning/r/Contact/0038d0000000001AAA/view"
        assert f'href="{contact}" target="_blank" rel="noopener">Eva &lt;Meier&gt; ' in text

    def test_a_caller_without_an_address_is_named(self, sign_in: SignIn) -> None:
        callback = known_caller(contact_id="003", contact_name="Eva Meier", case_url="")
        text = page(sign_in("viewer"), "callbacks_callback", callback)
        assert "<dt>Contact</dt><dd>Eva Meier</dd>" in text

    def test_whom_a_number_could_mean_is_shown(self, sign_in: SignIn) -> None:
        candidates = [
            {"object": "Lead", "id": "00Q8d0000000001AAA", "name": "Lena Fuchs"},
            {"object": "Lead", "id": "00Q8d0000000002AAA", "name": ""},
        ]
        callback = known_caller(candidates=candidates)
        text = page(sign_in("viewer"), "callbacks_callback", callback)
        assert "<dt>Could be</dt>" in text
        assert "/lightning/r/Lead/00Q8d0000000001AAA/view" in text
        assert ">Lena Fuchs <" in text
        assert ">00Q8d0000000002AAA <" in text
        assert "Several have this number, so nobody was chosen." in text

    def test_a_lead_or_an_account_is_named(self, sign_in: SignIn) -> None:
        browser = sign_in("viewer")
        lead = {"object": "Lead", "id": "00Q8d0000000001AAA", "name": "Nina Neu"}
        text = page(browser, "callbacks_callback", known_caller(candidates=[lead]))
        assert "<dt>Known as</dt>" in text
        assert "/lightning/r/Lead/00Q8d0000000001AAA/view" in text
        text = page(browser, "callbacks_callback", known_caller(contact_name="Meier KG"))
        assert "<dt>Known as</dt><dd>Meier KG</dd>" in text

    def test_nothing_is_said_of_an_unknown_caller(self, sign_in: SignIn) -> None:
        text = page(sign_in("viewer"), "callbacks_callback", known_caller())
        assert not any(f"<dt>{name}</dt>" in text for name in ("Contact", "Could be", "Known as"))

    def test_bytes_that_are_no_text_are_shown_all_the_same(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(raw_body=b"St\xf6rung")
        text = page(sign_in("viewer"), "callbacks_callback", callback)
        assert "St\N{REPLACEMENT CHARACTER}rung" in text

    def test_the_list_takes_few_queries(
        self, sign_in: SignIn, django_assert_max_num_queries: Any
    ) -> None:
        for failed in AttemptFactory.create_batch(20):
            AttemptFactory.create(callback=failed.callback)
        browser = sign_in("superuser")
        with django_assert_max_num_queries(14) as captured:
            result = listed(browser, "callback")
        assert not [query for query in captured if "raw_body" in query["sql"]]
        assert '<td class="field-attempts' in result.text

    @pytest.mark.parametrize("state", ["pending", "failed", "held", "synced", "dismissed"])
    def test_each_state_has_its_view(self, state: str, sign_in: SignIn) -> None:
        for trait in ("failed", "held", "synced", "dismissed"):
            CallbackFactory.create(**{trait: True})
        CallbackFactory.create()
        result = listed(sign_in("viewer"), "callback", status__exact=state)
        assert [c.status for c in result.context["cl"].result_list] == [state]

    def test_what_waits_longest_comes_first(self, sign_in: SignIn) -> None:
        late = CallbackFactory.create()
        early = CallbackFactory.create(received_at=timezone.now() - timedelta(hours=1))
        browser = sign_in("viewer")
        waiting = listed(browser, "callback", status__exact="pending")
        assert list(waiting.context["cl"].result_list) == [early, late]
        assert list(listed(browser, "callback").context["cl"].result_list) == [late, early]


class TestTimeline:
    def test_everything_that_happened_newest_first(self) -> None:
        now = timezone.now()
        callback = CallbackFactory.create(
            dismissed=True,
            dismissed_by=UserFactory.create(),
            dismissed_at=now - timedelta(minutes=1),
            dismiss_reason="Test call",
            received_at=now - timedelta(hours=3),
            repeats=2,
            repeated_at=now - timedelta(hours=2, minutes=59),
            repeat_differed=True,
            erased_at=now,
        )
        for hours, outcome in ((2, "put_off"), (1, "failed")):
            AttemptFactory.create(
                callback=callback, started_at=now - timedelta(hours=hours), outcome=outcome
            )
        with read_by(person("superuser")):
            days = timeline(callback, now)
        events = [event for day in days for event in day.events]
        assert [event.text for event in events] == [
            "Personal data erased",
            "Dismissed by Petra Lindner",
            "Attempt 2: refused",
            "Attempt 1: put off",
            "The telephone system repeated the request 2 times; nothing was stored twice",
            "Received from the telephone system",
        ]
        assert events[1].detail == "Test call"
        assert events[4].detail == "A repeat had other fields; the first request counts."

    def test_days_have_headings(self) -> None:
        now = datetime(2026, 11, 23, 12, tzinfo=UTC)
        callback = CallbackFactory.create(received_at=now - timedelta(days=2))
        AttemptFactory.create(callback=callback, started_at=now, outcome=SyncAttempt.Outcome.SYNCED)
        with translation.override("de"):
            headings = [day.heading for day in timeline(callback, now)]
        assert headings == ["Heute", "Samstag, 21. November 2026"]


class TestWording:
    @pytest.mark.parametrize(
        ("seconds", "english", "german"),
        [
            (-5, "just now", "gerade eben"),
            (44, "just now", "gerade eben"),
            (50, "1 minute ago", "vor 1 Minute"),
            (3599, "59 minutes ago", "vor 59 Minuten"),
            (7200, "2 hours ago", "vor 2 Stunden"),
            (86_400, "1 day ago", "vor 1 Tag"),
        ],
    )
    def test_one_unit_of_age(self, seconds: int, english: str, german: str) -> None:
        now = timezone.now()
        moment = now - timedelta(seconds=seconds)
        assert wording.ago(moment, now) == english
        with translation.override("de"):
            assert wording.ago(moment, now) == german

    @pytest.mark.parametrize(
        ("milliseconds", "text"), [(318, "318 ms"), (1211, "1,2 s"), (240_000, "4 min")]
    )
    def test_one_unit_of_duration(self, milliseconds: int, text: str) -> None:
        with translation.override("de"):
            assert wording.duration(milliseconds).replace("\N{NO-BREAK SPACE}", " ") == text

    @pytest.mark.parametrize("text", ["", "0", "anonymous", "498946"])
    def test_what_is_no_number_is_not_lost(self, text: str) -> None:
        assert text.removeprefix("49") in wording.phone(text).replace("\N{NO-BREAK SPACE}", "")


ROUTE_AS_OFFERED = {
    "action": "create",
    "target": "Case",
    "find_caller_in": "Contact",
    "budget_ms": "1500",
    "wait_ms": "0",
    "late_status": "404",
    "mappings-TOTAL_FORMS": "0",
    "mappings-INITIAL_FORMS": "0",
    "answer_fields-TOTAL_FORMS": "0",
    "answer_fields-INITIAL_FORMS": "0",
}


class TestConfiguring:
    def test_a_route_with_its_fields(self, sign_in: SignIn) -> None:
        number = ServiceNumberFactory.create()
        data = {
            "name": "Störung Süd",
            "enabled": "on",
            "service_number": number.pk,
            "function": "Störung",
            **ROUTE_AS_OFFERED,
            "action": "comment",
            "mappings-TOTAL_FORMS": "1",
            "mappings-0-field": "Priority",
            "mappings-0-template": "High",
            "answer_fields-TOTAL_FORMS": "1",
            "answer_fields-0-name": "Team",
            "answer_fields-0-template": "South",
        }
        place = reverse("admin:callbacks_functionroute_add")
        sign_in("Administrators").post(place, data)
        mapping = FieldMapping.objects.get()
        assert (mapping.route.name, mapping.field, mapping.template) == (
            "Störung Süd",
            "Priority",
            "High",
        )
        assert mapping.route.action == "comment"
        assert mapping.route.answer_templates == {"Team": "South"}

    def test_two_routes_for_the_same_are_refused(self, sign_in: SignIn) -> None:
        RouteFactory.create(function="Störung")
        data = {
            "name": "Noch eine",
            "function": "störung",
            **ROUTE_AS_OFFERED,
        }
        place = reverse("admin:callbacks_functionroute_add")
        answer = sign_in("Administrators").post(place, data)
        assert "There is a route for any number and this function." in answer.text

    @pytest.mark.parametrize(
        ("typed", "stored"),
        [("+49 (0)89 46134-180", "498946134180"), ("089 46134180", "498946134180"), ("217", "217")],
    )
    def test_a_number_is_stored_as_requests_carry_it(
        self, typed: str, stored: str, sign_in: SignIn
    ) -> None:
        place = reverse("admin:callbacks_servicenumber_add")
        sign_in("Administrators").post(
            place, {"number": typed, "name": "Hotline", "merge_minutes": "0"}
        )
        assert ServiceNumber.objects.get().number == stored

    def test_a_number_is_stored_once(self, sign_in: SignIn) -> None:
        ServiceNumberFactory.create(number="498946134180")
        place = reverse("admin:callbacks_servicenumber_add")
        answer = sign_in("Administrators").post(place, {"number": "+49 89 46134180"})
        assert answer.status_code == 200
        assert ServiceNumber.objects.count() == 1

    def test_a_number_that_routes_name_stays(self, sign_in: SignIn) -> None:
        number = ServiceNumberFactory.create()
        RouteFactory.create(service_number=number)
        place = reverse("admin:callbacks_servicenumber_delete", args=[number.pk])
        assert sign_in("superuser").post(place, {"post": "yes"}).status_code == 403

    def test_lists_show_what_is_set(self, sign_in: SignIn) -> None:
        number = ServiceNumberFactory.create(adopted=False, seen_at=timezone.now())
        RouteFactory.create(service_number=number, enabled=False)
        browser = sign_in("Back office")
        assert "Seen" in listed(browser, "servicenumber").text
        routes = listed(browser, "functionroute").text
        assert "Every callback becomes a Case" in routes
        assert "Hotline" in routes

    def test_the_catch_all_route_comes_with_the_installation(self) -> None:
        route = FunctionRoute.objects.get()
        assert (route.service_number, route.function, route.enabled) == (None, "", True)


def test_a_rejected_request_says_why_and_shows_what_came(german: Client) -> None:
    rejected = RejectedFactory.create()
    text = page(german, "callbacks_rejectedrequest", rejected)
    assert "Der Text ist kein JSON: Zeile 3, Zeichen 14." in text
    assert "{&quot;CallerID&quot;: &lt;b&gt;}" in text
