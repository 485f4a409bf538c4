"""An update that cannot be made yet: not forgotten, and not asked about again and again."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from callbacks import staff
from callbacks.models import Callback, FieldMapping
from crm import contacts
from crm.client import SalesforceClient
from crm.models import CaseUpdate
from crm.models import Org as OrgRow
from crm.outcomes import MAX_FAILURES
from tests.callbacks.cast import a_callback
from tests.crm.asking import EVA, Acd, a_route, an_acd, enter_case, enter_contact, forget_all
from tests.crm.pushing import fall_due_again, push
from tests.factories import UserFactory
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)

NO_SEARCH = {"action": "drop_before", "match": {"op": "search"}}


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@pytest.fixture
def acd(org: Org) -> Acd:
    OrgRow.objects.current()
    route = a_route("update")
    FieldMapping.objects.create(route=route, field="Priority", template="{{ user_data2 }}")
    return an_acd()


@pytest.fixture
def case(org: Org) -> dict[str, Any]:
    return enter_case(org, ContactId=enter_contact(org))


def asked(acd: Acd, priority: str, **fields: str) -> Callback:
    said = acd.posts(CallerID=EVA, UserData2=priority, **fields).json()
    return Callback.objects.get(id=said["CallbackID"])


def again(client: SalesforceClient) -> None:
    contacts._memories.clear()
    fall_due_again()
    push(client)


def test_a_search_without_an_answer_does_not_mean_that_there_is_no_case(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(NO_SEARCH)
    callback = asked(acd, "High")
    push(client)
    callback.refresh_from_db()
    assert callback.status == "pending"
    org.clear()
    again(client)
    callback.refresh_from_db()
    assert (callback.status, callback.case_id) == ("synced", case["Id"])
    assert org.records("Case")[0]["Priority"] == "High"


def test_a_search_without_an_answer_does_not_mean_that_there_is_no_other_case(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    other = enter_case(org, SuppliedPhone=f"+{EVA}")
    org.arm(NO_SEARCH)
    callback = asked(acd, "High")
    push(client)
    callback.refresh_from_db()
    assert callback.status == "pending"
    org.clear()
    again(client)
    callback.refresh_from_db()
    assert callback.status == "answered"
    assert {each["id"] for each in callback.candidates} == {case["Id"], other["Id"]}
    assert {each["Priority"] for each in org.records("Case")} == {"Medium"}


def test_a_case_that_is_named_needs_no_search(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(NO_SEARCH)
    callback = asked(acd, "High", UserData=case["CaseNumber"])
    push(client)
    callback.refresh_from_db()
    assert (callback.status, callback.case_id) == ("synced", case["Id"])


def test_a_search_that_never_answers_ends_with_a_person(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm(NO_SEARCH)
    callback = asked(acd, "High")
    for _ in range(MAX_FAILURES):
        again(client)
    callback.refresh_from_db()
    assert (callback.status, callback.failure_code) == ("failed", "NO_ANSWER")


def test_who_waits_for_an_older_one_waits_about_as_long_as_that(
    acd: Acd, org: Org, client: SalesforceClient, case: dict[str, Any]
) -> None:
    org.arm({"action": "row_lock", "match": {"op": "update"}})
    elder = asked(acd, "High")
    push(client)
    Callback.objects.filter(id=elder.id).update(
        status="pending", failures=6, due_at=timezone.now() + timedelta(minutes=5)
    )
    younger = asked(acd, "Low")
    push(client)
    younger.refresh_from_db()
    assert (younger.status, younger.failures) == ("pending", 0)
    assert younger.due_at > timezone.now() + timedelta(minutes=2)


def under_way(case_id: str) -> Callback:
    a_callback()
    [leased] = Callback.objects.lease(isolation=0, seconds=60).callbacks
    CaseUpdate.note({leased.id: (case_id, ["Priority"])})
    assert CaseUpdate.begin(leased.id, case_id)
    CaseUpdate.leaving({leased.id: "as it was"})
    return leased


def test_what_is_dismissed_on_its_way_is_still_ahead_until_its_lease_is_over() -> None:
    case_id = "500000000000001AAA"
    older = under_way(case_id)
    staff.dismiss(Callback.objects.all(), by=UserFactory.create(), reason="Test call")
    younger = a_callback()
    CaseUpdate.note({younger.id: (case_id, ["Priority"])})
    assert CaseUpdate.failures_ahead(younger, case_id) == 0
    assert not CaseUpdate.begin(younger.id, case_id)
    assert CaseUpdate.left([older.id])[older.id].stood == "as it was"
    Callback.objects.filter(id=older.id).update(due_at=timezone.now())
    assert CaseUpdate.failures_ahead(younger, case_id) is None
    assert CaseUpdate.begin(younger.id, case_id)
