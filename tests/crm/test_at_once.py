"""The Case number while the caller listens: brought by the request itself, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from callbacks.models import Callback, SyncAttempt
from crm import at_once
from crm.bulkhead import Bulkhead
from crm.client import SalesforceClient
from crm.models import Org as OrgRow
from tests.crm.asking import EVA, Acd, a_route, an_acd, calls, enter_contact, forget_all
from tests.crm.pushing import KEY, fall_due_again, keys_in, push, push_until_none_waits
from tests.orgsim.process import Org
from tests.processes import until

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = {"action": "latency", "match": {"op": "create"}, "params": {"ms": 1_500}}


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@pytest.fixture
def acd(org: Org) -> Acd:
    OrgRow.objects.current()  # as it is once anybody talked to the org
    return an_acd()


def test_the_answer_carries_the_number_of_the_case(acd: Acd, org: Org) -> None:
    contact = enter_contact(org)
    a_route("create", wait_ms=10_000)
    answer = acd.posts(CallerID=EVA)
    said, [case] = answer.json(), org.records("Case")
    assert (answer.status_code, said["Status"]) == (200, "synced")
    assert (said["CaseNumber"], said["CaseID"]) == (case["CaseNumber"], case["Id"])
    assert said["CaseURL"] == f"{org.url}/lightning/r/Case/{case['Id']}/view"
    assert (said["ContactID"], said["ContactName"]) == (contact, "Meier")
    assert case[KEY] == said["CallbackID"]
    assert SyncAttempt.objects.get().outcome == "synced"


def test_the_very_first_callback_of_an_installation_waits_as_all_others_do(
    acd: Acd, org: Org
) -> None:
    a_route("create", wait_ms=10_000)
    OrgRow.objects.all().delete()
    assert acd.posts(CallerID=EVA).json()["CaseNumber"] == org.records("Case")[0]["CaseNumber"]


def test_who_waits_pays_with_one_connection(acd: Acd, org: Org) -> None:
    """One that was closed while the org was awaited; each costs the server a process."""
    a_route("create", wait_ms=10_000)
    acd.posts(CallerID=EVA)  # who signs in and asks for descriptions keeps them
    opened: list[Any] = []
    connection_created.connect(note := lambda **facts: opened.append(facts))
    try:
        assert acd.posts(CallerID=EVA, UserData="again").json()["Status"] == "synced"
    finally:
        connection_created.disconnect(note)
    assert len(opened) == 1


def test_a_late_number_is_pending_and_its_call_goes_on(acd: Acd, org: Org) -> None:
    a_route("create", wait_ms=300)
    org.arm(SLOW)
    said = acd.posts(CallerID=EVA).json()
    assert (said["Status"], said["CaseNumber"]) == ("pending", None)
    until(lambda: Callback.objects.filter(status="synced").exists())
    assert keys_in(org) == [said["CallbackID"]]


def test_without_a_thread_to_spare_a_worker_brings_it(
    acd: Acd, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    a_route("create", wait_ms=10_000)
    with monkeypatch.context() as patch:
        patch.setattr(at_once, "Thread", type("Refused", (Thread,), {"start": refuse}))
        said = [acd.posts(CallerID=EVA, UserData=text).json() for text in ("one", "two")]
    assert [answer["Status"] for answer in said] == ["pending", "pending"]
    push(client)
    assert Callback.objects.filter(status="synced").count() == 2
    assert acd.posts(CallerID=EVA, UserData="three").json()["Status"] == "synced"


def test_what_is_refused_is_said(acd: Acd, org: Org) -> None:
    a_route("create", wait_ms=10_000)
    rule = {"field": "SuppliedPhone", "regex": EVA, "message": "Not this one."}
    org.arm({"action": "validation_rule", "params": rule})
    answer = acd.posts(CallerID=EVA)
    assert (answer.status_code, answer.json()["Status"]) == (200, "failed")


def test_a_lost_answer_leaves_it_to_the_worker(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    a_route("create", wait_ms=10_000)
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    said = acd.posts(CallerID=EVA).json()
    assert (said["Status"], said["CaseNumber"]) == ("pending", None)
    fall_due_again()
    push(client)
    assert Callback.objects.get().status == "synced"
    assert keys_in(org) == [said["CallbackID"]]


def test_a_repeat_tells_the_number_that_is_there(acd: Acd, org: Org) -> None:
    a_route("create", wait_ms=10_000)
    first, again = acd.posts(CallerID=EVA).json(), acd.posts(CallerID=EVA).json()
    assert again == first | {"Duplicate": True}
    assert len(org.records("Case")) == 1


@pytest.mark.parametrize(
    "pause",
    [
        {"paused_at": "2026-11-20T09:00Z"},
        {"retry_at": "2126-11-20T09:00Z"},
        {"drip_per_minute": 1, "drip_since": "2026-11-20T09:00Z"},
    ],
    ids=["by a person", "by the org's trouble", "after a pause"],
)
def test_a_pause_is_nobodys_to_jump(acd: Acd, org: Org, pause: dict[str, Any]) -> None:
    a_route("create", wait_ms=10_000)
    OrgRow.objects.update(**pause)
    assert acd.posts(CallerID=EVA).json()["Status"] == "pending"
    assert calls(org) == 0
    assert Callback.objects.due().get().lease_no == 0


def test_without_a_place_the_worker_is_left_to_it(
    acd: Acd, org: Org, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_route("create", wait_ms=10_000)
    bulkhead = Bulkhead(1)
    monkeypatch.setattr(at_once, "live_calls", bulkhead)
    with bulkhead.place():
        assert acd.posts(CallerID=EVA).json()["Status"] == "pending"
    assert Callback.objects.due().get().isolation == 0
    assert push(client) == 1
    assert len(keys_in(org)) == 1


def test_a_worker_that_was_quicker_brings_it(acd: Acd, org: Org) -> None:
    a_route("create", wait_ms=0)
    acd.posts(CallerID=EVA)
    a_route("create", wait_ms=10_000)
    [leased] = Callback.objects.lease(isolation=0, seconds=60).callbacks
    assert acd.posts(CallerID=EVA).json()["Status"] == "pending"
    assert calls(org) == 0
    assert Callback.objects.get().lease_no == leased.lease_no


def test_workers_at_the_same_rows_and_lost_answers_double_nothing(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    a_route("create", wait_ms=10_000)
    lost = {"action": "commit_then_drop", "match": {"op": "create"}, "rate": 0.2, "seed": 7}
    org.arm(lost)

    def post(number: int) -> str:
        try:
            return str(an_acd_of(acd).posts(CallerID=f"49895551{number:04}").json()["CallbackID"])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answered = [threads.submit(post, number) for number in range(40)]
        while not all(each.done() for each in answered):
            fall_due_again()
            push(client)
    org.clear()
    until(lambda: not at_once_under_way())
    push_until_none_waits(client)
    assert keys_in(org) == sorted(each.result() for each in answered)


def an_acd_of(acd: Acd) -> Acd:
    return Acd(type(acd.http)(headers={"Authorization": "Bearer a secret"}))


def at_once_under_way() -> bool:
    free = at_once._places.acquire(blocking=False)
    if free:
        at_once._places.release()
    return not free
