"""Time is the caller's: look-ups while the org is slow, silent, away, or asked by many."""

import threading
from time import monotonic
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from callbacks.models import Callback
from crm import client as client_module
from crm import live
from crm.bulkhead import Bulkhead
from crm.meanings import MEANINGS
from crm.models import Org as OrgRow
from crm.passthrough.org_state import org_state
from crm.recent import Recent
from tests.crm.asking import (
    EVA,
    Acd,
    a_route,
    an_acd,
    calls,
    enter_case,
    enter_contact,
    forget_all,
)
from tests.crm.hostile import HostileOrg, Request, _signs_in, hostile, never, says
from tests.orgsim.process import Org
from tests.processes import until

pytestmark = pytest.mark.django_db

BUDGET_MS = 400


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@pytest.fixture
def acd() -> Acd:
    return an_acd()


def points_to(settings: Settings, org: HostileOrg) -> None:
    settings.SALESFORCE_URL = org.url
    settings.SALESFORCE_CLIENT_ID, settings.SALESFORCE_CLIENT_SECRET = "id", "secret"


def test_an_answer_is_kept_for_a_moment(acd: Acd, org: Org) -> None:
    case = enter_case(org, SuppliedPhone=f"+{EVA}")
    a_route("find_case")
    first, before = acd.posts(CallerID=EVA).json(), calls(org)
    again = acd.asks(CallerID=EVA).json()
    assert first["CaseID"] == again["CaseID"] == case["Id"]
    assert calls(org) == before


def test_what_was_kept_is_forgotten_with_time_and_beyond_so_many() -> None:
    now = 0.0
    recent = Recent(seconds=30, most=2, clock=lambda: now)
    for key in ("a", "b", "c"):
        recent.keep(key, ())
    assert [recent.get(key) for key in ("a", "b", "c")] == [None, (), ()]
    now = 31.0
    assert recent.get("c") is None


def test_trouble_is_not_kept(acd: Acd, org: Org) -> None:
    enter_contact(org)
    a_route("find_caller")
    org.arm({"action": "status", "params": {"status": 503}})
    answer = acd.posts(CallerID=EVA)
    assert (answer.status_code, answer.json()["Error"]) == (404, "salesforce_away")
    org.clear()
    assert acd.posts(CallerID=EVA).status_code == 200


@pytest.mark.parametrize("status", [404, 300, 200])
def test_a_silent_org_is_answered_for_as_the_route_says(
    acd: Acd, settings: Settings, status: int
) -> None:
    a_route("find_caller", late_status=status, budget_ms=BUDGET_MS)
    with hostile(never) as org:
        points_to(settings, org)
        answer = acd.posts(CallerID=EVA)
    said = answer.json()
    assert (answer.status_code, said["Error"]) == (status, "too_late")
    assert said["Message"] == "Salesforce did not answer in time."
    assert ("CallbackID" in said) == (status != 300)
    assert Callback.objects.get().status == "answered"


def open_breaker(code: str) -> None:
    OrgRow.objects.current()
    OrgRow.note_trouble(code, MEANINGS[code], retry_in=600)
    org_state.expire()


def test_while_the_conversation_pauses_nobody_is_made_to_wait(acd: Acd, org: Org) -> None:
    a_route("find_caller")
    open_breaker("SERVER_UNAVAILABLE")
    answer = acd.posts(CallerID=EVA)
    assert (answer.status_code, answer.json()["Error"]) == (404, "salesforce_away")
    assert calls(org) == 0


def test_a_persons_pause_stops_no_look_up(acd: Acd, org: Org) -> None:
    enter_contact(org)
    OrgRow.objects.current()
    OrgRow.objects.update(paused_at=timezone.now())
    assert acd.asks(CallerID=EVA).status_code == 200


def test_another_org_is_not_asked(acd: Acd, org: Org) -> None:
    enter_contact(org)
    OrgRow.objects.current()
    OrgRow.pin("00D000000000000AAA")
    org_state.expire()
    assert acd.asks(CallerID=EVA).json()["Error"] == "salesforce_away"


def test_beyond_the_places_nobody_waits(
    acd: Acd, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulkhead = Bulkhead(1)
    monkeypatch.setattr(live, "live_calls", bulkhead)
    with bulkhead.place():
        assert acd.asks(CallerID=EVA).json()["Error"] == "too_busy"
    assert acd.asks(CallerID=EVA).json()["Error"] == "not_found"


def test_a_sign_in_that_outlasts_a_caller_serves_the_next(acd: Acd, settings: Settings) -> None:
    a_route("find_caller", budget_ms=BUDGET_MS)
    may_end = threading.Event()

    def slow(org: HostileOrg, connection: Any, request: Request) -> None:
        may_end.wait(30)
        _signs_in(org, connection, request)

    with hostile(says(200, {"searchRecords": []}), sign_in=slow) as org:
        points_to(settings, org)
        assert acd.posts(CallerID=EVA).json()["Error"] == "too_late"
        assert acd.posts(CallerID=EVA).json()["Error"] == "too_late"
        may_end.set()
        until(lambda: client_module.get_client().is_signed_in)
        assert acd.posts(CallerID=EVA).json()["Error"] == "not_found"
        assert len(org.sign_ins) == 1


def test_a_refused_sign_in_is_told_and_tried_again(acd: Acd, settings: Settings) -> None:
    a_route("find_caller")
    with hostile(says(200, {"searchRecords": []}), sign_in=says(400, {"error": "x"})) as org:
        points_to(settings, org)
        assert acd.posts(CallerID=EVA).json()["Error"] == "salesforce_away"
        org.sign_in = None
        assert acd.posts(CallerID=EVA).json()["Error"] == "not_found"


@pytest.mark.django_db(transaction=True)
def test_who_waits_holds_no_database_connection(org: Org) -> None:
    held: list[bool] = []
    org_state.get()
    assert connection.connection is not None

    def question(_client: object, _seconds: float) -> str:
        held.append(connection.connection is not None)
        return "found"

    assert live.ask("key", question, ends=monotonic() + 10) == "found"
    assert held == [False]
    assert connection.connection is not None


def test_without_salesforce_in_the_settings_the_answer_is_honest(acd: Acd) -> None:
    a_route("find_caller")
    assert acd.posts(CallerID=EVA).json()["Error"] == "salesforce_away"


def test_without_the_conversation_a_look_up_is_answered_as_late(
    acd: Acd, settings: Settings
) -> None:
    settings.ACD_RESPONDER = "callbacks.responders.stored"
    a_route("find_caller", late_status=300)
    answer = acd.posts(CallerID=EVA)
    assert (answer.status_code, answer.json()["Error"]) == (300, "no_look_ups")
