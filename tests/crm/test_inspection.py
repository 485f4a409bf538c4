"""The test of the connection: asked for on its page, made by a worker, told on the page."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from callbacks.models import FunctionRoute, JobRun
from callbacks.models.job_run import Result, Run
from crm import inspection, tasks
from crm.admin.inspections import panel
from crm.bell import inspection_bell
from crm.inspected import Finding, Level, said
from crm.meanings import MEANINGS
from crm.models import Finding as OpenFinding
from crm.models import Inspection, Org, ReconciliationRun
from tests.callbacks.conftest import person
from tests.orgsim.process import Org as OrgProcess

pytestmark = pytest.mark.django_db

PAGE, TEST = "/admin/crm/org/1/change/", "/admin/crm/org/1/test/"
TOLD = "/admin/crm/org/test/"
MEANING = MEANINGS["NO_ANSWER"]


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    rings: list[int] = []
    monkeypatch.setattr(inspection_bell, "ring", lambda: rings.append(1))
    return rings


def signed_in(role: str) -> Client:
    browser = Client()
    browser.force_login(person(role))
    return browser


def asked() -> User:
    somebody = person("superuser")
    assert Inspection.ask(by=somebody)
    return somebody


def waited(minutes: int) -> None:
    Inspection.objects.update(asked_at=timezone.now() - timedelta(minutes=minutes))


def state() -> str:
    return panel(timezone.now()).state


def test_a_worker_looks_and_the_page_tells_in_the_readers_language(
    org: OrgProcess, rung: list[int]
) -> None:
    office = signed_in("Back office")
    office.post(TEST, {"_form_submitted": "True"})
    assert rung == [1]
    assert office.get(TOLD).json() == {"state": "under_way"}
    tasks.inspect_org()
    assert office.get(TOLD).json() == {"state": "done"}
    english = office.get(PAGE).text
    assert "checks passed." in english
    assert "The org offers API version 62.0." in english
    assert "just now, by Petra Lindner" in english
    german = office.get(PAGE, headers={"Accept-Language": "de"}).text
    assert "Die Org bietet die API-Version 62.0 an." in german


def test_what_a_route_gets_wrong_is_told_in_both_languages_for_no_further_call(
    org: OrgProcess,
) -> None:
    route = FunctionRoute.objects.create(name="Hotline", function="x", record_type="Nonsense")
    route.mappings.create(field="Nonsense__c", template="x")
    found = inspection.inspect_org()
    calls = org.state()["api_calls"]
    [kept] = [each.kept() for each in found if "Nonsense__c" in str(each.text)]
    assert "The field does not exist" in kept["en"][0]
    assert kept["de"][0].startswith("Regel „Hotline“, Nonsense__c: ")
    assert kept["de"][0] != kept["en"][0]
    assert org.state()["api_calls"] == calls


def test_errors_stand_above_remarks_and_remarks_above_what_is_fine() -> None:
    asked()
    began = timezone.now()
    assert Inspection.begin(began)
    levels = [Level.OK, Level.WARNING, Level.ERROR, Level.OK]
    findings = [Finding(level, f"No {n}.", "Do it.").kept() for n, level in enumerate(levels)]
    assert Inspection.end(began, findings)
    shown = panel(timezone.now())
    assert [check.text for check in shown.checks] == ["No 2.", "No 1.", "No 0.", "No 3."]
    assert [check.tone for check in shown.checks] == ["bad", "warn", "good", "good"]
    assert shown.lead == "1 check of 4 failed and keeps Cases from Salesforce."


def test_a_double_click_is_harmless(rung: list[int]) -> None:
    office = signed_in("Back office")
    for _ in range(2):
        office.post(TEST, {"_form_submitted": "True"})
    assert rung == [1]
    assert state() == "under_way"


def test_of_two_workers_one_looks() -> None:
    asked()
    now = timezone.now()
    assert [Inspection.begin(now), Inspection.begin(now)] == [True, False]


def test_a_bell_that_rings_for_nothing_asks_nobody(org: OrgProcess) -> None:
    assert tasks.inspect_org() == []
    asked()
    tasks.inspect_org()
    assert tasks.inspect_org() == []


def test_a_test_that_nobody_ended_may_be_asked_for_again() -> None:
    somebody = asked()
    assert not Inspection.ask(by=somebody)
    waited(4)
    assert state() == "lost"
    assert Inspection.ask(by=somebody)
    assert state() == "under_way"


def test_what_was_overtaken_is_dropped() -> None:
    somebody = asked()
    began = timezone.now()
    Inspection.begin(began)
    waited(4)
    Inspection.ask(by=somebody)
    assert not Inspection.end(began, [])
    assert state() == "under_way"


def test_a_test_ends_in_time(org: OrgProcess) -> None:
    found = inspection.inspect_org(until=time.monotonic() - 1)
    assert [finding.level for finding in found] == [Level.OK, Level.WARNING]
    assert str(found[-1].text) == "It took too long; not everything was looked at."


def test_an_org_that_is_away_is_a_finding(org: OrgProcess) -> None:
    org.arm({"action": "status", "params": {"status": 503}})
    asked()
    tasks.inspect_org()
    assert panel(timezone.now()).checks[0].tone == "bad"


def test_a_sentence_without_words_is_none() -> None:
    with translation.override("de"):
        assert str(said("")) == ""


@pytest.mark.parametrize(("role", "status"), [("viewer", 200), ("nobody", 403)])
def test_its_state_is_for_those_who_see_the_connection(role: str, status: int) -> None:
    assert signed_in(role).get(TOLD).status_code == status


def test_who_only_looks_on_tests_nothing(rung: list[int]) -> None:
    assert signed_in("viewer").post(TEST, {"_form_submitted": "True"}).status_code == 403
    assert not rung


class TestPage:
    @pytest.fixture(autouse=True)
    def _an_org(self, settings: Any) -> None:
        settings.SALESFORCE_URL = "https://acme.my.salesforce.com"
        settings.SALESFORCE_PRIVATE_KEY = ""
        JobRun.objects.note("crm.tasks.push_due", Run(Result.DONE, 318), by_beat=True)
        Org.objects.create(org_id="00D8d0000000001EAA")

    def test_it_says_who_we_are_there(self) -> None:
        url = "https://acme.my.salesforce.com"
        Org.note_sign_in(user_id="0058d0000000001AAA", instance_url=url)
        text = signed_in("Back office").get(PAGE).text
        for fact in (
            "with client id and secret",
            "confirmed just now",
            "<code>00D8d0000000001EAA</code>",
            "<small>acme.my.salesforce.com</small>",
            "<code>0058d0000000001AAA</code>",
            "62.0",
            "<code>Jtel_Callback_ID__c</code>",
            "not set",
        ):
            assert fact in text, fact

    def test_a_stop_says_until_when_and_why(self) -> None:
        for _ in range(2):
            Org.note_trouble("NO_ANSWER", MEANING, retry_in=600)
        text = signed_in("Back office").get(PAGE).text
        assert "next try at" in text
        assert "2 tries in vain · NO_ANSWER" in text
        assert MEANING.next_step in text

    def test_findings_lead_to_their_repairs(self) -> None:
        now = timezone.now()
        made = OpenFinding.objects.create(
            kind=OpenFinding.Kind.FIELD_REQUIRED,
            subject="Case.Reason",
            detail={"faults": [{"why": "required", "routes": ["Störung"]}]},
            found_at=now,
            seen_at=now,
        )
        ReconciliationRun.objects.create(started_at=now, finished_at=now, since=now)
        JobRun.objects.note("crm.tasks.watch_objects", Run(Result.DONE, 9), by_beat=True)
        text = signed_in("Back office").get(PAGE).text
        assert f'href="/admin/crm/finding/{made.pk}/change/"' in text
        assert "Case.Reason: The field has to be filled now" in text
        assert "They agree" in text
        assert "1 finding" in text

    def test_it_takes_few_queries(self) -> None:
        office = signed_in("Back office")
        office.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            office.get(PAGE)
        assert len(asked) <= 15
