"""The same caller again: a second wish joins the first while that is open, and can be parted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks import ledger, merging, staff
from callbacks.models import Callback, FieldMapping, FunctionRoute, ServiceNumber
from callbacks.models.queue import CallbackQuerySet
from callbacks.retention import erase_caller
from callbacks.routing import route_table
from crm.client import SalesforceClient
from crm.models import Org as OrgRow
from crm.pull import pull_cases
from tests.callbacks.cast import somebody_waits_for_a_lock
from tests.crm.asking import CALLBACKS, EVA, Acd, a_route, an_acd, forget_all
from tests.crm.pushing import keys_in, push, push_until_none_waits
from tests.factories import UserFactory
from tests.orgsim.process import Org
from tests.processes import until

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "498946134180"


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@pytest.fixture
def acd(org: Org) -> Acd:
    OrgRow.objects.current()
    ServiceNumber.objects.create(number=NUMBER, name="Hotline", merge_minutes=60)
    a_route("create")
    return an_acd()


def asks(acd: Acd, words: str, caller: str = EVA, **fields: str) -> dict[str, Any]:
    wish = {"CallerID": caller, "ServiceNumber": NUMBER, "UserData": words, **fields}
    return dict(acd.posts(CALLBACKS, **wish).json())


def row(said: dict[str, Any]) -> Callback:
    return Callback.objects.get(id=said["CallbackID"])


def only(said: dict[str, Any]) -> CallbackQuerySet:
    return Callback.objects.filter(id=said["CallbackID"])


def test_a_second_wish_joins_the_first_that_waits(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    first, second = asks(acd, "cold"), asks(acd, "still cold")
    assert (first["Status"], second["Status"]) == ("pending", "merged")
    assert row(second).merged_into_id == row(first).id
    push(client)
    [case] = org.records("Case")
    assert keys_in(org) == [first["CallbackID"]]
    assert "The caller asked 2 times." in case["Description"]
    record = acd.asks(f"{CALLBACKS}/{second['CallbackID']}").json()
    assert (record["Status"], record["CaseNumber"]) == ("merged", case["CaseNumber"])


def test_what_has_a_route_does_not_wait_with_what_has_none(acd: Acd) -> None:
    FunctionRoute.objects.update(function="sales")
    route_table.expire()
    held = asks(acd, "cold", Function="sale")
    sent = asks(acd, "cold", Function="sales")
    assert (held["Status"], sent["Status"]) == ("held", "pending")
    assert row(sent).merged_into_id is None


def test_a_second_wish_is_told_on_the_open_case(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    first = asks(acd, "cold")
    push(client)
    second = asks(acd, "still cold")
    [case] = org.records("Case")
    assert (second["Status"], second["CaseNumber"]) == ("merged", case["CaseNumber"])
    push(client)
    [comment] = org.records("CaseComment")
    assert comment["ParentId"] == case["Id"]
    assert "still cold" in comment["CommentBody"]
    assert comment["CommentBody"].endswith(second["CallbackID"])
    assert (row(second).status, row(second).case_id) == ("merged", case["Id"])
    assert row(first).asked_again == 1
    assert len(org.records("Case")) == 1


def test_lost_answers_double_no_word_on_the_case(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    asks(acd, "cold")
    push(client)
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "rate": 0.3, "seed": 3})
    said = [asks(acd, f"{number}") for number in range(20)]
    push_until_none_waits(client)
    told = sorted(comment["CommentBody"][-36:] for comment in org.records("CaseComment"))
    assert told == sorted(each["CallbackID"] for each in said)
    assert len(org.records("Case")) == 1


def test_once_the_case_is_closed_a_wish_is_new(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    asks(acd, "cold")
    push(client)
    [case] = org.records("Case")
    org.edit(case["Id"], Status="Closed")
    unheard = asks(acd, "cold again")  # nobody told us yet, but its delivery looks
    push(client)
    assert (row(unheard).status, row(unheard).merged_into_id) == ("synced", None)
    pull_cases(client, until=float("inf"), chance=lambda: 1.0)
    org.edit(row(unheard).case_id, Status="Closed")
    pull_cases(client, until=float("inf"), chance=lambda: 1.0)
    assert asks(acd, "and again")["Status"] == "pending"


@pytest.mark.parametrize(
    "other",
    [
        {"caller": "4989555099"},
        {"ServiceNumber": "498946134199"},
        {"CallbackNumber": "4989555011"},
    ],
    ids=["another caller", "another service number", "another number to dial"],
)
def test_what_differs_is_a_wish_of_its_own(acd: Acd, other: dict[str, str]) -> None:
    asks(acd, "cold")
    assert asks(acd, "still cold", **other)["Status"] == "pending"


def change_of_priority(function: str) -> FunctionRoute:
    route = FunctionRoute.objects.create(name="Change", action="update", function=function)
    FieldMapping.objects.create(route=route, field="Priority", template="High")
    route_table.expire()
    return route


def test_a_wish_does_not_join_what_may_never_become_a_case(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    change_of_priority("priority")
    OrgRow.objects.update(paused_at=timezone.now())
    change, wish = asks(acd, "now", Function="priority"), asks(acd, "cold", Function="callback")
    assert (change["Status"], wish["Status"]) == ("pending", "pending")
    OrgRow.objects.update(paused_at=None)
    push_until_none_waits(client)
    assert row(change).status == "answered"
    assert keys_in(org) == [wish["CallbackID"]]


def test_what_is_held_for_another_function_is_a_wish_of_its_own(acd: Acd) -> None:
    FunctionRoute.objects.update(function="sales")
    route_table.expire()
    sale, repair = asks(acd, "new", Function="sale"), asks(acd, "cold", Function="repair")
    assert (sale["Status"], repair["Status"]) == ("held", "held")
    assert asks(acd, "still cold", Function="Repair")["Status"] == "merged"


def test_what_failed_keeps_no_wish_waiting(acd: Acd) -> None:
    first = asks(acd, "cold")
    only(first).update(status="failed")
    assert asks(acd, "still cold")["Status"] == "pending"


def test_a_wish_goes_by_itself_once_its_first_becomes_no_case(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    OrgRow.objects.update(paused_at=timezone.now())
    first, second = asks(acd, "cold"), asks(acd, "still cold")
    assert second["Status"] == "merged"
    FunctionRoute.objects.all().delete()
    change_of_priority("")
    OrgRow.objects.update(paused_at=None)
    push_until_none_waits(client)
    assert (row(first).status, row(first).asked_again) == ("answered", 0)
    assert (row(second).status, row(second).merged_into_id) == ("answered", None)


def test_beyond_the_window_and_without_one_a_wish_is_new(acd: Acd) -> None:
    first = asks(acd, "cold")
    long_ago = timezone.now() - timedelta(minutes=61)
    Callback.objects.filter(id=first["CallbackID"]).update(received_at=long_ago)
    assert asks(acd, "still cold")["Status"] == "pending"
    ServiceNumber.objects.update(merge_minutes=0)
    route_table.expire()
    assert asks(acd, "freezing")["Status"] == "pending"


def test_of_many_at_the_same_moment_one_stays(acd: Acd) -> None:
    def ask(number: int) -> str:
        try:
            http = Client(headers={"Authorization": "Bearer a secret"})
            return str(asks(Acd(http), str(number))["Status"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(16))) == {"merged", "pending"}
    # Whoever was told "pending" may have joined one that was stored before and came to it late.
    assert sorted(Callback.objects.values_list("status", flat=True)) == ["merged"] * 15 + [
        "pending"
    ]
    first = Callback.objects.get(status="pending")
    assert set(Callback.objects.filter(status="merged").values_list("merged_into")) == {(first.id,)}
    assert first.asked_again == 15


def test_who_was_joined_before_its_own_turn_takes_in_whom_it_would_have_joined(acd: Acd) -> None:
    """Stored first, merged last: the requests of both were under way at the same time."""
    ServiceNumber.objects.update(merge_minutes=0)
    route_table.expire()
    slow, quick = row(asks(acd, "cold")), row(asks(acd, "still cold"))
    merge = partial(merging.merge_new, minutes=60, route=FunctionRoute.objects.get())
    Callback.objects.filter(id=slow.id).update(function="not stored yet")
    merge(quick)
    Callback.objects.filter(id=slow.id).update(function="")
    third = row(asks(acd, "freezing"))
    merge(third)
    slow.refresh_from_db()
    merge(slow)
    joined = dict(Callback.objects.filter(status="merged").values_list("id", "merged_into"))
    assert joined == {quick.id: slow.id, third.id: slow.id}
    slow.refresh_from_db()
    assert (slow.status, slow.asked_again) == ("pending", 2)


def test_a_merged_wish_can_be_made_its_own(acd: Acd, org: Org, client: SalesforceClient) -> None:
    first = asks(acd, "cold")
    push(client)
    second = asks(acd, "still cold")
    push(client)
    assert merging.unmerge(Callback.objects.filter(id=second["CallbackID"])) == 1
    assert merging.unmerge(Callback.objects.filter(id=second["CallbackID"])) == 0
    assert (row(second).status, row(second).merged_into_id) == ("pending", None)
    push(client)
    assert row(second).status == "synced"
    assert keys_in(org) == sorted([first["CallbackID"], second["CallbackID"]])
    assert row(first).asked_again == 0


def test_dismissed_with_its_first_a_wish_can_be_sent_by_itself(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    first, second = asks(acd, "cold"), asks(acd, "still cold")
    petra = UserFactory.create()
    assert staff.dismiss(only(first), by=petra, reason="Test call") == (1, 1)
    assert asks(acd, "freezing")["Status"] == "pending"  # nobody joins what was dismissed
    staff.dismiss(Callback.objects.pending(), by=petra, reason="Test call")
    assert staff.requeue(only(second), by=petra) == 1
    push(client)
    assert keys_in(org) == [second["CallbackID"]]
    assert (row(second).status, row(second).merged_into_id) == ("synced", None)
    assert row(first).status == "dismissed"


def test_sent_again_the_first_tells_of_those_that_joined_it(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    first, second = asks(acd, "cold"), asks(acd, "still cold")
    petra = UserFactory.create()
    staff.dismiss(only(first), by=petra, reason="Test call")
    staff.requeue(only(first), by=petra)
    push(client)
    [case] = org.records("Case")
    assert "The caller asked 2 times." in case["Description"]
    assert row(second).status == "merged"
    record = acd.asks(f"{CALLBACKS}/{second['CallbackID']}").json()
    assert record["CaseNumber"] == case["CaseNumber"]


@pytest.mark.postgres
def test_a_wish_does_not_join_what_is_dismissed_at_the_same_moment(acd: Acd) -> None:
    first = asks(acd, "cold")
    petra = UserFactory.create()

    def ask() -> str:
        try:
            http = Client(headers={"Authorization": "Bearer a secret"})
            return str(asks(Acd(http), "still cold")["Status"])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            staff.dismiss(only(first), by=petra, reason="Test call")
            asked = threads.submit(ask)
            until(somebody_waits_for_a_lock)
        assert asked.result() == "pending"
    assert row(first).asked_again == 0


def test_what_is_erased_stays_merged_and_the_ledger_agrees(acd: Acd) -> None:
    asks(acd, "cold")
    second = asks(acd, "still cold")
    assert erase_caller(EVA).callbacks == 1  # somebody is still to be called: the first stays
    assert merging.unmerge(Callback.objects.all()) == 0
    assert row(second).status == "merged"
    [line] = ledger.lines(timezone.now() - timedelta(days=1))
    assert line.accepted == sum(line.by_status.values()) == 2


def test_the_admin_leads_from_each_to_the_other_and_parts_them(acd: Acd) -> None:
    first, second = asks(acd, "cold"), asks(acd, "still cold")
    petra = Client()
    petra.force_login(User.objects.create_superuser("petra"))
    pages = {said["CallbackID"]: page_of(said) for said in (first, second)}
    assert pages[second["CallbackID"]] in petra.get(pages[first["CallbackID"]]).content.decode()
    assert pages[first["CallbackID"]] in petra.get(pages[second["CallbackID"]]).content.decode()
    url = reverse("admin:callbacks_callback_unmerge", args=[second["CallbackID"]])
    assert petra.post(url, {"_form_submitted": "True"}).status_code == 200
    assert row(second).status == "pending"


def page_of(said: dict[str, Any]) -> str:
    return f"/admin/callbacks/callback/{said['CallbackID']}/change/"
