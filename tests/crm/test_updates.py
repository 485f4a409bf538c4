"""The caller's open Case is changed: only what the route names, in the order that was asked for."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from callbacks.models import Callback, FieldMapping
from crm import contacts
from crm.client import SalesforceClient
from crm.models import Org as OrgRow
from tests.crm.asking import EVA, Acd, a_route, an_acd, calls, enter_case, enter_contact, forget_all
from tests.crm.pushing import fall_due_again, push
from tests.orgsim.process import Org
from tests.orgsim.triggers import AGENT

pytestmark = pytest.mark.django_db(transaction=True)

LOST = {"action": "commit_then_drop", "match": {"op": "update"}, "count": 1}


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@pytest.fixture
def acd(org: Org) -> Acd:
    OrgRow.objects.current()
    changes()
    return an_acd()


def changes(**more: Any) -> None:
    """Every request changes the priority to what it says."""
    route = a_route("update", **({"budget_ms": 10_000} | more))
    FieldMapping.objects.create(route=route, field="Priority", template="{{ user_data2 }}")


@pytest.fixture
def case(org: Org) -> dict[str, Any]:
    return enter_case(org, ContactId=enter_contact(org), OwnerId=owner(org))


def owner(org: Org) -> str:
    return next(str(user["Id"]) for user in org.records("User"))


def asks(acd: Acd, priority: str = "High", **fields: str) -> Any:
    return acd.posts(CallerID=EVA, UserData2=priority, **fields)


def test_the_one_open_case_is_changed_in_what_the_route_names(
    acd: Acd, org: Org, case: dict[str, Any]
) -> None:
    answer = asks(acd)
    said, [now] = answer.json(), org.records("Case")
    assert (answer.status_code, said["Status"]) == (200, "synced")
    assert said["CaseNumber"] == case["CaseNumber"]
    changed = {name for name in case if now[name] != case[name]}
    assert changed - {"LastModifiedDate", "SystemModstamp", "LastModifiedById"} == {"Priority"}
    assert now["Priority"] == "High"


def test_none_is_404_and_several_are_300(acd: Acd, org: Org) -> None:
    none = asks(acd)
    assert (none.status_code, none.json()["Error"], none.json()["Count"]) == (404, "not_found", 0)
    contact = enter_contact(org)
    for _ in range(2):
        enter_case(org, ContactId=contact)
    forget_callers()
    several = asks(acd, "Low")
    assert (several.status_code, several.json()["Count"]) == (300, 2)
    assert "CaseID" not in several.json()
    again = asks(acd, "Low")
    assert (again.status_code, again.json()) == (300, several.json())
    assert {row.status for row in Callback.objects.all()} == {"answered"}
    assert {case["Priority"] for case in org.records("Case")} == {"Medium"}


def forget_callers() -> None:
    contacts._memories.clear()


def test_while_nothing_may_be_sent_it_is_stored_and_follows(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    OrgRow.objects.update(paused_at=timezone.now())
    answer = asks(acd)
    assert (answer.status_code, answer.json()["Error"]) == (404, "too_late")
    assert answer.json()["Status"] == "pending"
    assert calls(org) == 0
    OrgRow.objects.update(paused_at=None)
    push(client)
    assert org.records("Case")[0]["Priority"] == "High"
    assert Callback.objects.get().case_id == case["Id"]


def test_a_late_repeat_of_the_older_changes_nothing_of_the_younger(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(LOST)
    older = asks(acd, "High").json()
    assert older["Status"] == "pending"
    in_an_hour = timezone.now() + timedelta(hours=1)
    Callback.objects.update(due_at=in_an_hour)
    younger = asks(acd, "Low").json()
    assert younger["Status"] == "pending"  # not before the older one is through
    fall_due_again()
    push(client)
    fall_due_again()
    push(client)
    assert {row.status for row in Callback.objects.all()} == {"synced"}
    assert org.records("Case")[0]["Priority"] == "Low"
    assert org.audit()["status_overwritten"] == []


def test_what_a_younger_one_set_is_left_alone(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    asks(acd, "Low")
    older = asks(acd, "High").json()["CallbackID"]
    row = Callback.objects.filter(id=older)
    early = timezone.now() - timedelta(minutes=5)
    row.update(status="pending", case_id="", received_at=early)
    org.edit(case["Id"], Priority="Low")
    fall_due_again()
    push(client)
    assert row.get().status == "synced"
    assert org.records("Case")[0]["Priority"] == "Low"


def test_a_field_that_may_not_be_changed_is_told(acd: Acd, org: Org, case: dict[str, Any]) -> None:
    FieldMapping.objects.update(field="CaseNumber")
    assert asks(acd).json()["Status"] == "failed"
    assert Callback.objects.get().failure_code == "MAPPING_FIELD"


def test_a_value_that_only_one_case_may_have_is_refused_also_if_the_other_is_hidden(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    org.add_field("Ticket__c", type="string", unique=True)
    FieldMapping.objects.update(field="Ticket__c")
    enter_case(org, Ticket__c="4711", OwnerId=AGENT)
    case = enter_case(org, ContactId=enter_contact(org), OwnerId=client.identity().user_id)
    org.arm({"action": "private_sharing"})
    said = asks(acd, "4711").json()
    row = Callback.objects.get()
    assert (said["Status"], row.failure_code) == ("failed", "DUPLICATE_VALUE")
    assert "<unknown>" in row.failure_detail
    [now] = [each for each in org.records("Case") if each["Id"] == case["Id"]]
    assert now["Ticket__c"] is None
