"""Which route applies to a callback, tried on a page; with or without anybody to say more."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse

from callbacks import choices, trials
from callbacks.models import Callback, FunctionRoute, StaffAction
from callbacks.trials import NOBODYS_NUMBER
from tests.callbacks.conftest import SignIn, person
from tests.factories import CallbackFactory, RouteFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

NUMBER = "498946134180"
FACTS = {"service_number": NUMBER, "function": "störung", "caller": "089 555010"}


@pytest.fixture
def route() -> FunctionRoute:
    number = ServiceNumberFactory.create(number=NUMBER)
    return RouteFactory.create(name="Störung Süd", service_number=number, action="store")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with nobody who knows more than the case store."""
    monkeypatch.setattr(trials, "route_tried", Signal())
    monkeypatch.setattr(choices, "choices_asked", Signal())


def page(**query: str) -> str:
    return reverse("try_route", query=query)


def tried(browser: Client, by: str = "facts", **data: Any) -> str:
    return browser.post(page(by=by), data).text


@pytest.mark.usefixtures("route")
class TestWhichRoute:
    def test_the_narrowest_applies_and_why_is_said(self, sign_in: SignIn) -> None:
        text = tried(sign_in("Administrators"), **FACTS)
        assert ">Störung Süd</a> applies, because it is made for just this number" in text

    @pytest.mark.parametrize(
        ("number", "function", "because"),
        [
            (NUMBER, "Vertrag", "for everything"),
            ("4930", "Termin", "for this function of any number"),
            ("498946134190", "Termin", "for all functions of this number"),
        ],
    )
    def test_a_wider_one_says_how_wide(
        self, number: str, function: str, because: str, sign_in: SignIn
    ) -> None:
        sales = ServiceNumberFactory.create(number="498946134190")
        RouteFactory.create(function="Termin", action="store")
        RouteFactory.create(function="", service_number=sales, action="store")
        FunctionRoute.objects.filter(service_number=None, function="").update(action="store")
        data = {**FACTS, "service_number": number, "function": function}
        assert because in tried(sign_in("Administrators"), **data)

    def test_without_a_route_it_would_be_held(self, sign_in: SignIn) -> None:
        FunctionRoute.objects.update(enabled=False)
        text = tried(sign_in("Administrators"), **FACTS)
        assert "No route applies: it would be held." in text

    def test_numbers_are_read_as_requests_are(self, sign_in: SignIn) -> None:
        data = FACTS | {"service_number": "+49 (0)89 46134-180"}
        assert "Störung Süd" in tried(sign_in("Administrators"), **data)

    def test_nothing_is_stored(self, sign_in: SignIn) -> None:
        tried(sign_in("Administrators"), **FACTS)
        assert not Callback.objects.exists()

    def test_a_route_that_is_off_does_not_apply(
        self, route: FunctionRoute, sign_in: SignIn
    ) -> None:
        FunctionRoute.objects.filter(pk=route.pk).update(enabled=False)
        FunctionRoute.objects.filter(function="").update(action="store")
        assert "Störung Süd" not in tried(sign_in("Administrators"), **FACTS)

    @pytest.mark.usefixtures("alone")
    def test_it_works_without_the_conversation(self, sign_in: SignIn) -> None:
        text = tried(sign_in("Administrators"), **FACTS)
        assert "Störung Süd" in text
        assert "Salesforce is no part of this installation." in text


@pytest.mark.usefixtures("route")
class TestRequests:
    def test_a_pasted_request_is_read_as_if_it_came(self, sign_in: SignIn) -> None:
        body = {"Caller": "089 555010", "ServiceNumbersNumber": NUMBER, "AcdGroupsForeignSystemID": "STÖRUNG"}  # fmt: skip
        text = tried(sign_in("Administrators"), "request", body=json.dumps(body))
        assert "Störung Süd" in text

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            ("{", "The text is not JSON: line 1, character 2."),
            ("[]", "The JSON text is not an object with named fields."),
            ("{}", "The request names no caller"),
            ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "is not JSON"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, body: str, why: str, sign_in: SignIn) -> None:
        assert why in tried(sign_in("Administrators"), "request", body=body)

    def test_further_fields_are_sent_along(self, sign_in: SignIn) -> None:
        data = FACTS | {"service_number": "", "fields_sent": "ServiceNumber: 1\nUserData: a: b\n:"}
        assert "Traceback" not in tried(sign_in("Administrators"), **data)


class TestStored:
    def test_a_callback_that_came_is_tried(self, route: FunctionRoute, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(service_number=NUMBER, function="Störung")
        browser = sign_in("Administrators")
        text = tried(browser, "stored", stored=str(callback.pk))
        assert route.name in text

    def test_its_page_can_lead_here(self, sign_in: SignIn) -> None:
        CallbackFactory.create_batch(12)
        oldest = Callback.objects.earliest("received_at")
        text = sign_in("Administrators").get(page(callback=str(oldest.pk))).text
        assert f'<option value="{oldest.pk}" selected>' in text

    def test_who_looked_at_whom_is_written_down_once(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create()
        browser = sign_in("Administrators")
        for _ in range(2):
            tried(browser, "stored", stored=str(callback.pk))
        looked = StaffAction.objects.get()
        assert (looked.verb, looked.callback_id) == ("looked", callback.pk)

    def test_who_may_see_no_callers_is_offered_none(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create()
        browser = sign_in("Viewer")
        assert "by=stored" not in browser.get(page()).text
        assert browser.get(page(callback=str(callback.pk))).status_code == 404
        assert browser.post(page(by="stored"), {"stored": str(callback.pk)}).status_code == 404

    @pytest.mark.parametrize("key", ["nonsense", "00000000-0000-0000-0000-000000000000"])
    def test_an_unknown_callback_is_refused(self, key: str, sign_in: SignIn) -> None:
        answer = sign_in("superuser").post(page(by="stored"), {"stored": key})
        assert answer.status_code == 200
        assert answer.context["result"] is None


@pytest.mark.parametrize(
    ("role", "status"),
    [("Administrators", 200), ("Back office", 200), ("viewer", 200), ("nobody", 403)],
)
def test_it_opens_for_those_who_may_see_routes(role: str, status: int, sign_in: SignIn) -> None:
    browser = sign_in(role)
    assert browser.get(page()).status_code == status
    assert browser.post(page(), FACTS).status_code == status


def test_only_those_who_act_cost_the_org_a_call(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    heard = Signal()
    heard.connect(lambda ask, **_: asked.append(ask), weak=False)
    monkeypatch.setattr(trials, "route_tried", heard)
    for role in ("Administrators", "Back office", "viewer"):
        tried(sign_in(role), **FACTS)
    assert asked == [True, True, False]


class TestPreview:
    FORM = {
        "name": "New",
        "action": "store",
        "target": "Case",
        "function": "Störung",
        "mappings-0-field": "Subject",
        "mappings-0-template": "{{ caller_number }}",
        "mappings-1-field": "Priority",
        "mappings-1-DELETE": "on",
    }

    def asked(self, browser: Client, **more: str) -> Any:
        place = reverse("admin:callbacks_functionroute_preview")
        return browser.post(place, self.FORM | more)

    def heard(self, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        def hear(**said: Any) -> None:
            found.append(said)

        signal = Signal()
        signal.connect(hear, weak=False)
        monkeypatch.setattr(trials, "route_tried", signal)
        return found

    def test_the_form_as_it_is_meets_the_newest_callback_from_there(
        self, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = ServiceNumberFactory.create(number=NUMBER)
        CallbackFactory.create(service_number=NUMBER, function="Vertrag")
        newest = CallbackFactory.create(service_number=NUMBER, function="STÖRUNG".lower())
        heard = self.heard(monkeypatch)
        told = self.asked(sign_in("Administrators"), service_number=str(number.pk)).json()
        assert [sample["id"] for sample in told["samples"]] == [str(newest.pk)]
        assert heard[0]["callback"] == newest
        assert heard[0]["route"].templates == {"Subject": "{{ caller_number }}"}
        assert heard[0]["ask"] is False
        assert FunctionRoute.objects.count() == 1

    def test_another_callback_can_be_chosen(
        self, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        older = CallbackFactory.create(function="Störung")
        CallbackFactory.create(function="Störung")
        heard = self.heard(monkeypatch)
        self.asked(sign_in("Administrators"), sample=str(older.pk), ask="yes")
        assert (heard[0]["callback"], heard[0]["ask"]) == (older, True)
        assert StaffAction.objects.get().callback_id == older.pk

    def test_without_any_callback_one_is_invented(
        self, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard = self.heard(monkeypatch)
        told = self.asked(sign_in("Administrators")).json()
        assert told["samples"] == []
        assert heard[0]["callback"].caller_number == NOBODYS_NUMBER
        assert not Callback.objects.exists()
        assert not StaffAction.objects.exists()

    def test_who_may_see_no_callers_gets_an_invented_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        CallbackFactory.create(function="Störung")
        heard = self.heard(monkeypatch)
        browser = Client()
        writer = person("Viewer")
        writer.user_permissions.add(Permission.objects.get(codename="change_functionroute"))
        browser.force_login(writer)
        assert self.asked(browser).json()["samples"] == []
        assert heard[0]["callback"].caller_number == NOBODYS_NUMBER

    @pytest.mark.usefixtures("alone")
    def test_without_the_conversation_it_says_so(self, sign_in: SignIn) -> None:
        told = self.asked(sign_in("Administrators")).json()
        assert "Salesforce is no part of this installation." in told["html"]
        place = reverse("admin:callbacks_functionroute_choices")
        choices_told = sign_in("Administrators").post(place, {"target": "Case"}).json()
        assert (choices_told["fields"], choices_told["said"]) == ([], "")

    @pytest.mark.parametrize("role", ["Back office", "viewer", "nobody"])
    def test_only_who_writes_routes_gets_it(self, role: str, sign_in: SignIn) -> None:
        assert self.asked(sign_in(role)).status_code == 403

    def test_a_link_from_elsewhere_tries_nothing(self, sign_in: SignIn) -> None:
        place = reverse("admin:callbacks_functionroute_preview")
        assert sign_in("superuser").get(place).status_code == 405

    def test_nonsense_is_no_error(self, sign_in: SignIn) -> None:
        odd = {"service_number": "x", "sample": "x", "mappings-0-field": " ", "target": "", "action": "?"}  # fmt: skip
        assert self.asked(sign_in("Administrators"), **odd).status_code == 200
