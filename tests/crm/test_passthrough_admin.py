"""The list of what may be passed through, and what staff does about stored requests."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import PassThroughResource, StoredRequest
from crm.passthrough.listed import resource_at, resources
from tests.callbacks.conftest import person
from tests.crm.passing import DIAL, STATISTICS

pytestmark = pytest.mark.django_db

CONFIRMED = {"_form_submitted": "True"}
A_REASON = {"reason": "twice", "remark": ""}
LISTED = reverse("admin:crm_passthroughresource_changelist")
STORED = reverse("admin:crm_storedrequest_changelist")
BODY = b'{"CallerID": "4989555010"}'


def signed_in(role: str) -> Client:
    browser = Client()
    browser.force_login(person(role))
    return browser


def a_request(status: str = "failed", **facts: Any) -> StoredRequest:
    words = {"code": "HTTP 400", "detail": "No such record: 4989555010"}
    return StoredRequest.objects.create(
        method="POST", path=STATISTICS, body=BODY, status=status, **(words | facts)
    )


def page(stored: StoredRequest, verb: str = "change") -> str:
    return reverse(f"admin:crm_storedrequest_{verb}", args=[stored.pk])


def select(browser: Client, action: str, *chosen: StoredRequest, **more: Any) -> Any:
    data = {"action": action, "_selected_action": [each.pk for each in chosen], **more}
    return browser.post(STORED, data, follow=True)


def status(stored: StoredRequest) -> str:
    stored.refresh_from_db()
    return stored.status


@pytest.mark.parametrize("place", [LISTED, STORED])
def test_administrators_see_it_and_the_back_office_does_not(place: str) -> None:
    a_request()
    index = reverse("admin:index")
    for role, code in (("Administrators", 200), ("viewer", 200), ("Back office", 403)):
        browser = signed_in(role)
        assert browser.get(place).status_code == code
        assert (place in browser.get(index).text) == (code == 200)


def test_what_was_refused_is_counted_beside_its_entry() -> None:
    for status in ("failed", "failed", "pending", "delivered"):
        a_request(status)
    overview = signed_in("Administrators").get(reverse("admin:index"))
    groups = overview.context["sidebar_navigation"]
    badges = {str(item["title"]): item.get("badge") for g in groups for item in g["items"]}
    assert badges["Stored requests"] == "2"


def test_what_is_listed_counts_at_once() -> None:
    resources.expire()
    with pytest.raises(Exception, match="not on the list"):
        resource_at("site/own", "POST")
    browser = signed_in("Administrators")
    facts = {"mode": "live", "budget_ms": 800, "most_bytes": 9_000, "enabled": "on"}
    add = reverse("admin:crm_passthroughresource_add")
    assert browser.get(add).status_code == 200
    browser.post(add, facts | {"path": "site/own", "methods": "post get"})
    assert resource_at("site/own", "POST").budget_seconds == 0.8
    made = PassThroughResource.objects.get(path="site/own")
    browser.post(reverse("admin:crm_passthroughresource_delete", args=[made.pk]), {"post": "yes"})
    with pytest.raises(Exception, match="not on the list"):
        resource_at("site/own", "POST")
    resources.expire()


def test_the_list_says_what_is_answered_how() -> None:
    text = signed_in("viewer").get(LISTED).text
    assert DIAL in text
    assert "Store and forward" in text


def test_numbers_are_for_those_who_decide() -> None:
    stored = a_request(query="CallerID=4989555010")
    assert "4989555010" in signed_in("Administrators").get(page(stored)).text
    viewer = signed_in("viewer")
    for place in (page(stored), STORED):
        text = viewer.get(place).text
        assert "4989555010" not in text
        assert "Salesforce refused the request." in text


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        ("pending", {"dismiss"}),
        ("failed", {"send_again", "dismiss"}),
        ("dismissed", {"send_again"}),
        ("delivered", set()),
    ],
)
def test_only_what_makes_sense_is_offered(now: str, offered: set[str]) -> None:
    stored = a_request(now)
    text = signed_in("Administrators").get(page(stored)).text
    assert {verb for verb in ("send_again", "dismiss") if page(stored, verb) in text} == offered


def test_sending_again_puts_it_back_into_its_place() -> None:
    stored = a_request(failures=6)
    answer = signed_in("Administrators").post(page(stored, "send_again"), CONFIRMED)
    assert answer["HX-Redirect"] == page(stored)
    assert (status(stored), stored.failures, stored.code) == ("pending", 0, "")


def test_dismissing_keeps_who_and_why() -> None:
    stored = a_request()
    browser = signed_in("Administrators")
    browser.post(page(stored, "dismiss"), CONFIRMED)
    assert status(stored) == "failed"
    browser.post(page(stored, "dismiss"), CONFIRMED | A_REASON)
    assert (status(stored), stored.dismiss_reason) == ("dismissed", "Came twice")
    assert stored.dismissed_by is not None
    assert "Came twice" in browser.get(page(stored)).text


def test_a_selection_is_sent_again_after_a_question() -> None:
    chosen = [a_request(), a_request()]
    browser = signed_in("Administrators")
    question = select(browser, "send_again_selected", *chosen)
    assert "2 stored requests" in question.text
    assert [status(each) for each in chosen] == ["failed", "failed"]
    told = select(browser, "send_again_selected", *chosen, confirmed="yes")
    assert [status(each) for each in chosen] == ["pending", "pending"]
    assert "2 requests were requeued." in told.text


def test_what_somebody_else_had_done_meanwhile_is_left_and_told() -> None:
    chosen = [a_request(), a_request("delivered")]
    told = select(signed_in("Administrators"), "send_again_selected", *chosen, confirmed="yes")
    assert "1 request was requeued." in told.text
    assert "1 request was left as it is: its state had changed." in told.text


def test_a_selection_is_dismissed_with_a_reason() -> None:
    stored = a_request("pending")
    browser = signed_in("Administrators")
    select(browser, "dismiss_selected", stored, confirmed="yes")
    assert status(stored) == "pending"
    select(browser, "dismiss_selected", stored, confirmed="yes", **A_REASON, **CONFIRMED)
    assert status(stored) == "dismissed"


@pytest.mark.parametrize("verb", ["send_again", "dismiss"])
@pytest.mark.parametrize("role", ["viewer", "nobody", "Back office"])
def test_without_the_right_nothing_happens(role: str, verb: str) -> None:
    stored = a_request()
    browser = signed_in(role)
    answer = browser.post(page(stored, verb), CONFIRMED | A_REASON)
    assert answer.status_code == 403
    select(browser, f"{verb}_selected", stored, confirmed="yes", **A_REASON)
    assert status(stored) == "failed"
