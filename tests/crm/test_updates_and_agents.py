"""A change whose answer was lost is sent again, but not over what somebody did to the Case since."""

from dataclasses import dataclass
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
LOCKED = {"action": "row_lock", "match": {"op": "update"}, "count": 1}
NEVER_ARRIVED = {"action": "drop_before", "match": {"op": "update"}, "count": 1}


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@dataclass(frozen=True)
class Desk:
    """An open Case that a route changes, an agent who works on it, and whoever sends."""

    acd: Acd
    org: Org
    client: SalesforceClient
    case: dict[str, Any]

    def asks(self, priority: str = "High", **fields: str) -> Callback:
        said = self.acd.posts(CallerID=EVA, UserData2=priority, **fields).json()
        return Callback.objects.get(id=said["CallbackID"])

    def agent_sets(self, **fields: str) -> None:
        self.org.advance(60)
        self.org.edit(self.case["Id"], **fields)

    def again(self, callback: Callback) -> Callback:
        contacts._memories.clear()
        fall_due_again()
        push(self.client)
        callback.refresh_from_db()
        return callback

    def the_case(self, case: dict[str, Any] | None = None) -> dict[str, Any]:
        key = (case or self.case)["Id"]
        return next(each for each in self.org.records("Case") if each["Id"] == key)


@pytest.fixture
def desk(org: Org, client: SalesforceClient) -> Desk:
    OrgRow.objects.current()
    route = a_route("update", budget_ms=10_000)
    FieldMapping.objects.create(route=route, field="Priority", template="{{ user_data2 }}")
    FieldMapping.objects.create(route=route, field="Status", template="{{ user_data3 }}")
    return Desk(an_acd(), org, client, enter_case(org, ContactId=enter_contact(org)))


def test_what_never_arrived_is_sent_again(desk: Desk) -> None:
    desk.org.arm(NEVER_ARRIVED)
    callback = desk.asks()
    assert callback.status == "pending"
    assert desk.again(callback).status == "synced"
    assert desk.the_case()["Priority"] == "High"


def test_the_newer_value_of_an_agent_stays(desk: Desk) -> None:
    desk.org.arm(LOST)
    callback = desk.asks()
    desk.agent_sets(Priority="Low")
    desk.again(callback)
    assert desk.the_case()["Priority"] == "Low"
    assert (callback.status, callback.failure_code) == ("failed", "CASE_CHANGED_SINCE")
    assert callback.failure_detail == "Priority"


def test_nor_is_it_guessed_whether_he_put_it_back(desk: Desk) -> None:
    desk.org.arm(LOST)
    callback = desk.asks()
    desk.agent_sets(Priority=desk.case["Priority"])
    desk.again(callback)
    assert desk.the_case()["Priority"] == desk.case["Priority"]
    assert callback.status == "failed"


def test_what_met_a_lock_is_sent_again(desk: Desk) -> None:
    desk.org.arm(LOCKED)
    callback = desk.asks()
    assert callback.status == "pending"
    assert desk.again(callback).status == "synced"
    assert desk.the_case()["Priority"] == "High"


def test_who_held_the_lock_may_have_set_a_newer_value(desk: Desk) -> None:
    desk.org.arm(LOCKED)
    callback = desk.asks()
    desk.agent_sets(Priority="Low")
    assert desk.again(callback).failure_code == "CASE_CHANGED_SINCE"
    assert desk.the_case()["Priority"] == "Low"


def test_staff_may_set_it_all_the_same(desk: Desk) -> None:
    desk.org.arm(LOST)
    callback = desk.asks()
    desk.agent_sets(Priority="Low")
    desk.again(callback)
    Callback.objects.filter(id=callback.id).requeue()
    assert desk.again(callback).status == "synced"
    assert desk.the_case()["Priority"] == "High"


def test_what_is_there_already_is_not_written_again(desk: Desk) -> None:
    desk.org.arm(LOST)
    callback = desk.asks()
    desk.agent_sets(Subject="Called back")
    before = desk.the_case()
    assert desk.again(callback).status == "synced"
    assert desk.the_case() == before


def test_a_change_that_closes_the_case_still_finds_it(desk: Desk) -> None:
    desk.org.arm(LOST)
    callback = desk.asks(UserData3="Closed")
    desk.again(callback)
    assert (callback.status, callback.case_id) == ("synced", desk.case["Id"])
    assert callback.case_status == "Closed"


def test_it_stays_with_its_case_though_another_is_open_by_now(desk: Desk) -> None:
    desk.org.arm(NEVER_ARRIVED)
    callback = desk.asks()
    other = enter_case(desk.org, ContactId=desk.case["ContactId"])
    desk.again(callback)
    assert (callback.status, callback.case_id) == ("synced", desk.case["Id"])
    assert desk.the_case(other)["Priority"] == "Medium"


def test_a_case_that_is_gone_by_now_is_told(desk: Desk) -> None:
    desk.org.arm(NEVER_ARRIVED)
    callback = desk.asks()
    desk.org.delete(desk.case["Id"])
    desk.again(callback)
    assert (callback.status, callback.failure_code) == ("failed", "ENTITY_IS_DELETED")


@pytest.mark.parametrize("fault", [LOST, NEVER_ARRIVED], ids=["done", "not done"])
def test_who_comes_meanwhile_waits_and_counts(desk: Desk, fault: dict[str, Any]) -> None:
    desk.org.arm(fault)
    older, younger = desk.asks(), desk.asks("Low")
    for _ in range(2):
        desk.again(older)
        desk.again(younger)
    assert (older.status, younger.status) == ("synced", "synced")
    assert desk.the_case()["Priority"] == "Low"


def late(desk: Desk, priority: str) -> Callback:
    """One that was asked for before, and that nobody has looked at yet."""
    OrgRow.objects.update(paused_at=timezone.now())
    callback = desk.asks(priority)
    long_ago = timezone.now() - timedelta(minutes=5)
    Callback.objects.filter(id=callback.id).update(received_at=long_ago)
    OrgRow.objects.update(paused_at=None)
    return callback


def test_an_older_one_waits_for_a_younger_one_under_way(desk: Desk) -> None:
    desk.org.arm(LOST)
    younger, older = desk.asks("Low"), late(desk, "High")
    desk.again(younger)
    desk.again(older)
    assert (younger.status, desk.again(older).status) == ("synced", "synced")
    assert desk.the_case()["Priority"] == "Low"


def test_a_younger_one_that_failed_keeps_the_older_ones_value_from_nothing(desk: Desk) -> None:
    desk.org.arm(NEVER_ARRIVED)
    younger, older = desk.asks("Low"), late(desk, "High")
    rule = {"field": "Priority", "regex": "Low", "message": "Not this one."}
    desk.org.arm({"action": "validation_rule", "match": {"object": "Case"}, "params": rule})
    for _ in range(2):
        desk.again(younger)
        desk.again(older)
    assert (younger.status, older.status) == ("failed", "synced")
    assert desk.the_case()["Priority"] == "High"
