"""A change whose answer was lost is sent again, but not over what somebody did to the Case since."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from callbacks.models import Callback, FieldMapping
from crm import contacts
from crm.client import SalesforceClient
from crm.models import Org as OrgRow
from tests.crm.asking import EVA, Acd, a_route, an_acd, enter_case, enter_contact, forget_all
from tests.crm.pushing import fall_due_again, push
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)

LOST = {"action": "commit_then_drop", "match": {"op": "update"}, "count": 1}
NEVER_ARRIVED = {"action": "drop_before", "match": {"op": "update"}, "count": 1}


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@pytest.fixture
def acd(org: Org) -> Acd:
    OrgRow.objects.current()
    route = a_route("update", budget_ms=10_000)
    FieldMapping.objects.create(route=route, field="Priority", template="{{ user_data2 }}")
    FieldMapping.objects.create(route=route, field="Status", template="{{ user_data3 }}")
    return an_acd()


@pytest.fixture
def case(org: Org) -> dict[str, Any]:
    return enter_case(org, ContactId=enter_contact(org))


def asks(acd: Acd, priority: str = "High", **fields: str) -> Callback:
    said = acd.posts(CallerID=EVA, UserData2=priority, **fields).json()
    return Callback.objects.get(id=said["CallbackID"])


def an_agent_sets(org: Org, case: dict[str, Any], **fields: str) -> None:
    org.advance(60)
    org.edit(case["Id"], **fields)


def again(client: SalesforceClient, callback: Callback) -> Callback:
    contacts._memories.clear()
    fall_due_again()
    push(client)
    callback.refresh_from_db()
    return callback


def the_case(org: Org, case: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in org.records("Case") if each["Id"] == case["Id"])


def test_what_never_arrived_is_sent_again(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(NEVER_ARRIVED)
    callback = asks(acd)
    assert callback.status == "pending"
    assert again(client, callback).status == "synced"
    assert the_case(org, case)["Priority"] == "High"


def test_the_newer_value_of_an_agent_stays(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(LOST)
    callback = asks(acd)
    an_agent_sets(org, case, Priority="Low")
    again(client, callback)
    assert the_case(org, case)["Priority"] == "Low"
    assert (callback.status, callback.failure_code) == ("failed", "CASE_CHANGED_SINCE")
    assert callback.failure_detail == "Priority"


def test_nor_is_it_guessed_whether_he_put_it_back(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(LOST)
    callback = asks(acd)
    an_agent_sets(org, case, Priority=case["Priority"])
    again(client, callback)
    assert the_case(org, case)["Priority"] == case["Priority"]
    assert callback.status == "failed"


LOCKED = {"action": "row_lock", "match": {"op": "update"}, "count": 1}


def test_what_met_a_lock_is_sent_again(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(LOCKED)
    callback = asks(acd)
    assert callback.status == "pending"
    assert again(client, callback).status == "synced"
    assert the_case(org, case)["Priority"] == "High"


def test_who_held_the_lock_may_have_set_a_newer_value(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(LOCKED)
    callback = asks(acd)
    an_agent_sets(org, case, Priority="Low")
    assert again(client, callback).failure_code == "CASE_CHANGED_SINCE"
    assert the_case(org, case)["Priority"] == "Low"


def test_staff_may_set_it_all_the_same(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(LOST)
    callback = asks(acd)
    an_agent_sets(org, case, Priority="Low")
    again(client, callback)
    Callback.objects.filter(id=callback.id).requeue()
    assert again(client, callback).status == "synced"
    assert the_case(org, case)["Priority"] == "High"


def test_what_is_there_already_is_not_written_again(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(LOST)
    callback = asks(acd)
    an_agent_sets(org, case, Subject="Called back")
    before = the_case(org, case)
    assert again(client, callback).status == "synced"
    assert the_case(org, case) == before


def test_a_change_that_closes_the_case_still_finds_it(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(LOST)
    callback = asks(acd, UserData3="Closed")
    again(client, callback)
    assert (callback.status, callback.case_id) == ("synced", case["Id"])
    assert callback.case_status == "Closed"


def test_it_stays_with_its_case_though_another_is_open_by_now(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(NEVER_ARRIVED)
    callback = asks(acd)
    other = enter_case(org, ContactId=case["ContactId"])
    again(client, callback)
    assert (callback.status, callback.case_id) == ("synced", case["Id"])
    assert the_case(org, other)["Priority"] == "Medium"


def test_a_case_that_is_gone_by_now_is_told(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(NEVER_ARRIVED)
    callback = asks(acd)
    org.delete(case["Id"])
    again(client, callback)
    assert (callback.status, callback.failure_code) == ("failed", "ENTITY_IS_DELETED")


@pytest.mark.parametrize("fault", [LOST, NEVER_ARRIVED], ids=["done", "not done"])
def test_who_comes_meanwhile_waits_and_counts(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any], fault: dict[str, Any]
) -> None:
    org.arm(fault)
    older, younger = asks(acd), asks(acd, "Low")
    for _ in range(2):
        again(client, older)
        again(client, younger)
    assert (older.status, younger.status) == ("synced", "synced")
    assert the_case(org, case)["Priority"] == "Low"


def late(acd: Acd, priority: str) -> Callback:
    """One that was asked for before, and that nobody has looked at yet."""
    OrgRow.objects.update(paused_at=timezone.now())
    callback = asks(acd, priority)
    long_ago = timezone.now() - timedelta(minutes=5)
    Callback.objects.filter(id=callback.id).update(received_at=long_ago)
    OrgRow.objects.update(paused_at=None)
    return callback


def test_an_older_one_waits_for_a_younger_one_under_way(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(LOST)
    younger, older = asks(acd, "Low"), late(acd, "High")
    again(client, younger)
    again(client, older)
    assert (younger.status, again(client, older).status) == ("synced", "synced")
    assert the_case(org, case)["Priority"] == "Low"


def test_a_younger_one_that_failed_keeps_the_older_ones_value_from_nothing(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(NEVER_ARRIVED)
    younger, older = asks(acd, "Low"), late(acd, "High")
    rule = {"field": "Priority", "regex": "Low", "message": "Not this one."}
    org.arm({"action": "validation_rule", "match": {"object": "Case"}, "params": rule})
    for _ in range(2):
        again(client, younger)
        again(client, older)
    assert (younger.status, older.status) == ("failed", "synced")
    assert the_case(org, case)["Priority"] == "High"
