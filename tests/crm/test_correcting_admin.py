"""The page on which a clerk corrects what Salesforce refused."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from callbacks import staff
from callbacks.models import Callback, Correction, FieldMapping, FunctionRoute
from callbacks.signals import record_asked
from crm.client import SalesforceClient
from tests.callbacks.cast import a_callback
from tests.callbacks.conftest import person
from tests.crm.pushing import push
from tests.factories import CallbackFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    FunctionRoute.objects.all().delete()
    route = FunctionRoute.objects.create(name="Alles", find_caller_in="")
    FieldMapping.objects.create(route=route, field="Priority", template="{{ user_data }}")
    return route


@pytest.fixture
def refused(client: SalesforceClient) -> Callback:
    callback = a_callback(payload={"UserData": "Urgent", "UserData2": "one\ntwo"})
    push(client)
    callback.refresh_from_db()
    assert callback.status == "failed"
    return callback


def signed_in(role: str) -> Client:
    browser = Client()
    browser.force_login(person(role))
    return browser


def page(callback: Callback) -> str:
    return reverse("admin:callbacks_correct", args=[callback.pk])


def filled_in(browser: Client, callback: Callback, **values: str) -> dict[str, str]:
    """What a browser would send: every field, those named by a test otherwise than they were."""
    form = browser.get(page(callback)).context["form"]
    data = {bound.html_name: str(bound.value() or "").replace("\n", "\r\n") for bound in form}
    return data | {f"field-{name}": value for name, value in values.items()}


def send(browser: Client, callback: Callback, data: dict[str, str], button: str = "resend") -> Any:
    return browser.post(page(callback), data | {button: ""})


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_it_shows_what_salesforce_named_beside_the_original(refused: Callback) -> None:
    answer = signed_in("superuser").get(page(refused))
    [row] = answer.context["named"]
    assert (row.part.name, row.part.original) == ("Priority", "Urgent")
    assert [name for name, _ in row.field.field.choices][1:4] == ["High", "Medium", "Low"]
    others = {row.part.name: row.length for row in answer.context["others"]}
    assert others["Subject"] == len("Callback for Hotline: +49 89 555010")
    assert 'data-length="255"' in answer.text


def test_a_correction_is_sent_and_kept(refused: Callback, client: SalesforceClient) -> None:
    browser = signed_in("superuser")
    answer = send(browser, refused, filled_in(browser, refused, Priority="High"))
    assert answer["Location"] == reverse("admin:callbacks_callback_change", args=[refused.pk])
    assert said(answer) == ["Corrected and requeued."]
    assert Correction.objects.get().value == "High"
    push(client)
    refused.refresh_from_db()
    assert refused.status == "synced"
    text = browser.get(answer["Location"]).text
    assert "Petra Lindner corrected Priority" in text
    assert "Urgent → High" in text


def test_it_can_be_kept_without_sending(refused: Callback) -> None:
    browser = signed_in("superuser")
    send(browser, refused, filled_in(browser, refused, Priority="High"), "only")
    refused.refresh_from_db()
    assert refused.status == "failed"
    [row] = browser.get(page(refused)).context["named"]
    assert (row.part.original, row.field.value()) == ("Urgent", "High")


def test_only_what_was_changed_is_a_correction(refused: Callback) -> None:
    """Also not a text of several lines, whose ends a browser writes otherwise."""
    browser = signed_in("superuser")
    send(browser, refused, filled_in(browser, refused, Priority="High"))
    assert list(Correction.objects.values_list("field", flat=True)) == ["Priority"]


def test_nothing_changed_is_nothing_done(refused: Callback) -> None:
    browser = signed_in("superuser")
    answer = send(browser, refused, filled_in(browser, refused))
    assert said(answer) == ["Nothing was changed."]
    refused.refresh_from_db()
    assert refused.status == "failed"


def test_what_does_not_fit_is_said_at_its_field(refused: Callback) -> None:
    browser = signed_in("superuser")
    data = filled_in(browser, refused, Priority="High", Subject="x" * 257)
    answer = send(browser, refused, data)
    assert "2 characters too long." in answer.text
    assert answer.context["others_open"]
    assert not Correction.objects.exists()


def test_a_double_click_corrects_once(refused: Callback) -> None:
    browser = signed_in("superuser")
    data = filled_in(browser, refused, Priority="High")
    send(browser, refused, data)
    answer = send(browser, refused, data)
    assert Correction.objects.count() == 1
    assert "Petra Lindner requeued this callback at" in said(answer)[-1]


def test_whoever_comes_second_is_told_who_was_first(refused: Callback) -> None:
    browser = signed_in("superuser")
    data = filled_in(browser, refused, Priority="High")
    anna = UserFactory.create(first_name="Anna", last_name="Bauer")
    staff.dismiss(Callback.objects.filter(pk=refused.pk), by=anna, reason="x")
    answer = send(browser, refused, data)
    assert said(answer)[0].startswith("Anna Bauer dismissed this callback at")
    assert not Correction.objects.exists()


def test_a_failure_that_is_another_one_by_now_is_not_answered(
    refused: Callback, client: SalesforceClient
) -> None:
    browser = signed_in("superuser")
    data = filled_in(browser, refused, Priority="High")
    Callback.objects.requeue()
    push(client)
    answer = send(browser, refused, data)
    assert said(answer) == ["Its state has changed meanwhile. Nothing was corrected."]
    assert not Correction.objects.exists()


@pytest.mark.parametrize("role", ["Back office", "Administrators"])
def test_who_may(role: str, refused: Callback) -> None:
    browser = signed_in(role)
    detail = browser.get(reverse("admin:callbacks_callback_change", args=[refused.pk]))
    assert page(refused) in detail.text
    assert browser.get(page(refused)).status_code == 200


@pytest.mark.parametrize("role", ["viewer", "nobody"])
def test_who_may_not(role: str, refused: Callback) -> None:
    browser = signed_in(role)
    data = {"seen": "1", "field-Priority": "High", "resend": ""}
    assert browser.get(page(refused)).status_code == 403
    assert browser.post(page(refused), data).status_code == 403
    assert not Correction.objects.exists()
    detail = browser.get(reverse("admin:callbacks_callback_change", args=[refused.pk]))
    assert page(refused) not in detail.text


def test_a_post_needs_its_token(refused: Callback) -> None:
    browser = signed_in("superuser")
    data = filled_in(browser, refused, Priority="High")
    browser.handler.enforce_csrf_checks = True
    assert send(browser, refused, data).status_code == 403


def test_a_route_that_cannot_be_used_is_where_to_go(
    refused: Callback, route: FunctionRoute
) -> None:
    FieldMapping.objects.create(route=route, field="Nonsense__c", template="x")
    text = signed_in("superuser").get(page(refused)).text
    assert "the cause is in the route" in text
    assert reverse("admin:callbacks_functionroute_change", args=[route.pk]) in text
    assert 'name="resend"' not in text


def test_what_is_not_failed_leads_to_its_page() -> None:
    callback = CallbackFactory.create(synced=True)
    answer = signed_in("superuser").get(page(callback))
    assert answer["Location"] == reverse("admin:callbacks_callback_change", args=[callback.pk])


def test_one_that_never_was_is_not_found() -> None:
    url = reverse("admin:callbacks_correct", args=["00000000-0000-0000-0000-000000000000"])
    assert signed_in("superuser").get(url).status_code == 404


def test_without_the_conversation_nothing_can_be_corrected(
    refused: Callback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_asked, "receivers", [])
    browser = signed_in("superuser")
    detail = browser.get(reverse("admin:callbacks_callback_change", args=[refused.pk]))
    assert page(refused) not in detail.text
    assert browser.get(page(refused)).status_code == 403
