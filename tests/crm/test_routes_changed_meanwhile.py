"""A route is changed between two attempts of one callback: still one thing comes of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from callbacks.models import Callback, FieldMapping, FunctionRoute
from callbacks.routing import release_routed, route_table
from crm.client import SalesforceClient
from crm.models import Org as OrgRow
from crm.models import SentComment, SentRecord
from tests.crm.asking import EVA, Acd, a_route, an_acd, enter_case, enter_contact, forget_all
from tests.crm.pushing import KEY, fall_due_again, push
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = "Callback_Request__c"
LOST = {"action": "commit_then_drop", "match": {"op": "create"}, "count": 1}
NEVER_ARRIVED = {"action": "drop_before", "match": {"op": "create"}, "count": 1}
KINDS: dict[str, dict[str, Any]] = {
    "a Case": {"action": "create"},
    "another record": {"action": "create", "target": REQUEST},
    "a comment": {"action": "comment"},
    "a change": {"action": "update"},
}
MADE = ["a Case", "another record", "a comment"]


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@pytest.fixture
def acd(org: Org) -> Acd:
    OrgRow.objects.current()
    return an_acd()


@pytest.fixture
def case(org: Org) -> dict[str, Any]:
    """The open Case of the caller, which is there for comments and changes."""
    return enter_case(org, ContactId=enter_contact(org))


def routed(kind: str) -> None:
    """From now on every request becomes this."""
    FunctionRoute.objects.all().delete()
    route = a_route(**KINDS[kind])
    if kind == "a change":
        FieldMapping.objects.create(route=route, field="Priority", template="High")
    if kind == "another record":
        FieldMapping.objects.create(route=route, field="Name", template="Call")
    route_table.expire()


def attempted(acd: Acd, client: SalesforceClient, kind: str) -> Callback:
    routed(kind)
    key = acd.posts(CallerID=EVA).json()["CallbackID"]
    push(client)
    callback = Callback.objects.get(id=key)
    assert callback.status == "pending"
    return callback


def again(client: SalesforceClient, callback: Callback) -> Callback:
    fall_due_again()
    push(client)
    callback.refresh_from_db()
    return callback


def made(org: Org, callback: Callback) -> list[str]:
    """All that names the callback: Cases, other records, comments."""
    key = str(callback.id)
    return [
        *("a Case" for each in org.records("Case") if each[KEY] == key),
        *("another record" for each in org.records(REQUEST) if each[KEY] == key),
        *("a comment" for each in org.records("CaseComment") if key in each["CommentBody"]),
    ]


@pytest.mark.parametrize("later", KINDS)
@pytest.mark.parametrize("first", MADE)
def test_what_was_made_is_found_whatever_the_route_says_now(
    acd: Acd,
    org: Org,
    client: SalesforceClient,
    case: dict[str, Any],
    first: str,
    later: str,
) -> None:
    org.arm(LOST)
    callback = attempted(acd, client, first)
    assert made(org, callback) == [first]
    routed(later)
    again(client, callback)
    assert callback.status == "synced"
    assert made(org, callback) == [first]
    assert callback.case_object == (REQUEST if first == "another record" else "Case")
    assert callback.case_url.endswith(f"/{callback.case_object}/{callback.case_id}/view")
    assert not SentRecord.objects.exists()


@pytest.mark.parametrize("later", MADE)
@pytest.mark.parametrize("first", MADE)
def test_what_was_never_made_becomes_one_thing(
    acd: Acd,
    org: Org,
    client: SalesforceClient,
    case: dict[str, Any],
    first: str,
    later: str,
) -> None:
    org.arm(NEVER_ARRIVED)
    callback = attempted(acd, client, first)
    routed(later)
    SentComment.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    again(client, callback)
    assert callback.status == "synced"
    # A comment is finished as one: it was looked for, but a late one could not be told.
    assert made(org, callback) == ["a comment" if first == "a comment" else later]
    assert callback.case_id


def test_a_comment_that_is_finished_later_says_what_a_case_would_say(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(NEVER_ARRIVED)
    callback = attempted(acd, client, "a comment")
    routed("another record")
    SentComment.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    again(client, callback)
    [comment] = org.records("CaseComment")
    assert "Number to dial: +49 89 555010" in comment["CommentBody"]


def test_what_went_elsewhere_and_is_to_change_a_case_that_is_not_there_is_for_a_person(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    org.arm(LOST)
    callback = attempted(acd, client, "another record")
    routed("a change")
    again(client, callback)
    assert (callback.status, callback.failure_code) == ("failed", "ROUTE_CHANGED")
    Callback.objects.filter(id=callback.id).requeue()
    assert again(client, callback).status == "answered"


def test_a_kind_of_record_that_cannot_be_looked_at_any_more_is_for_a_person(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    org.arm(LOST)
    callback = attempted(acd, client, "another record")
    org.arm(
        {"action": "object_hidden", "match": {"object": REQUEST}, "params": {"object": REQUEST}}
    )
    routed("a Case")
    again(client, callback)
    assert (callback.status, callback.failure_code) == ("failed", "ROUTE_CHANGED")
    Callback.objects.filter(id=callback.id).requeue()
    assert again(client, callback).status == "synced"
    org.clear()
    assert made(org, callback) == ["a Case", "another record"]


@pytest.mark.parametrize("action", ["store", "find_caller"])
def test_what_its_route_does_not_send_any_more_is_held(
    acd: Acd, org: Org, client: SalesforceClient, action: str
) -> None:
    routed("a Case")
    callback = Callback.objects.get(id=acd.posts(CallerID=EVA).json()["CallbackID"])
    a_route(action)
    assert again(client, callback).status == "held"
    assert (release_routed(), made(org, callback)) == (0, [])
    routed("a Case")  # as soon as a route sends it, it goes out
    assert again(client, callback).status == "synced"
