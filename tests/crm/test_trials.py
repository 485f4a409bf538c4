"""Staff sees what a route would make of a callback while writing it, and what the org would say."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from callbacks.models import Callback, FunctionRoute
from callbacks.trials import Filled, Trial, tried
from crm.bulkhead import live_calls
from crm.client import SalesforceClient, get_client
from crm.models import ObjectDescription
from crm.models import Org as OrgState
from crm.schema import described, queue_ids
from tests.callbacks.cast import a_callback
from tests.crm.hostile import hostile, never
from tests.crm.pushing import calls_made
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def known(client: SalesforceClient) -> None:
    described(client, "Case")
    queue_ids(client)


def a_route(templates: dict[str, str] | None = None, **facts: Any) -> FunctionRoute:
    """Not stored; as the form has it."""
    route = FunctionRoute(**({"name": "Trial", "target": "Case"} | facts))
    route.templates = templates or {}
    return route


def trial(route: FunctionRoute, callback: Callback | None = None, *, ask: bool = False) -> Trial:
    found = tried(callback or a_callback(), route, ask=ask)
    assert found
    return found


def lines(told: Trial) -> dict[str, Filled]:
    return {line.field: line for line in told.fields}


@pytest.mark.usefixtures("known")
class TestWhileTyping:
    def test_values_and_lengths_are_shown(self) -> None:
        told = trial(a_route({"Subject": "Call {{ caller_number }}", "Priority": "High"}))
        subject = lines(told)["Subject"]
        assert (subject.value, subject.length, subject.room) == ("Call +4989555010", 16, 255)
        assert (lines(told)["Priority"].value, lines(told)["Priority"].room) == ("High", 0)
        assert told.tone == "plain"

    def test_what_is_too_long_says_by_how_much(self) -> None:
        told = trial(a_route({"SuppliedName": "x" * 83 + "{{ function }}"}))
        name = lines(told)["SuppliedName"]
        assert (name.length, name.room) == (83, 80)
        assert name.trouble == "3 characters too long: the end is cut off."
        assert name.value.endswith("…")
        assert told.tone == "bad"

    @pytest.mark.parametrize(
        ("field", "template", "trouble"),
        [
            ("Priority", "Hoch", "“Hoch” is not in the list of the field"),
            ("Priority", "{{ function }}x", "“x” is not in the list of the field"),
            ("Nope__c", "x", "The field does not exist in Salesforce"),
            ("Id", "x", "This field cannot be filled by a template."),
            ("Subject", "{{ caller_number", "The template cannot be read"),
            ("Subject", "{% if %}", "The template cannot be read"),
        ],
    )
    def test_each_mistake_stands_at_its_field(
        self, field: str, template: str, trouble: str
    ) -> None:
        told = trial(a_route({field: template, "Description": "fits"}))
        assert lines(told)[field].trouble.startswith(trouble)
        assert lines(told)["Description"].value == "fits"
        assert told.sentence == "Something does not fit."

    def test_what_the_route_leaves_open_has_its_usual_value(self) -> None:
        told = trial(a_route({"Subject": ""}))
        usual = {line.field for line in told.fields if not line.is_own}
        assert {"Description", "Origin", "SuppliedPhone"} <= usual
        assert lines(told)["Subject"].value == ""

    def test_owner_and_record_type_are_named(self) -> None:
        told = lines(trial(a_route(owner="Second_Level", record_type="callback")))
        assert told["OwnerId"].value.startswith("00G")
        assert (told["OwnerId"].note, told["RecordTypeId"].note) == ("Second_Level", "callback")
        told = lines(trial(a_route(owner="Nobody", record_type="Fax")))
        assert told["OwnerId"].trouble.startswith("“Nobody” is no queue")
        assert told["RecordTypeId"].trouble.startswith("“Fax” is no record type")

    def test_a_change_shows_its_fields_alone(self) -> None:
        route = a_route({"Status": "Working", "CaseNumber": "1"}, action="update")
        told = trial(route)
        assert list(lines(told)) == ["Status", "CaseNumber"]
        assert lines(told)["CaseNumber"].trouble.startswith("Our user may not change")

    def test_the_caller_is_whom_the_org_knew(self) -> None:
        callback = a_callback(contact_id="0038d0000000001AAA", contact_name="Eva Meier")
        told = trial(a_route({"Subject": "{{ caller.name }}"}), callback)
        assert lines(told)["Subject"].value == "Eva Meier"
        assert lines(told)["ContactId"].value == "0038d0000000001AAA"

    def test_nobody_is_asked_and_nothing_is_written(self, org: Org) -> None:
        callback = a_callback()
        before = len(org.log())
        with CaptureQueriesContext(connection) as queries:
            trial(a_route({"Subject": "x"}, owner="Callbacks"), callback)
        assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []
        assert len(org.log()) == before

    @pytest.mark.parametrize("action", ["store", "find_caller", "find_case"])
    def test_a_route_that_sends_nothing_says_so(self, action: str) -> None:
        told = trial(a_route(action=action), ask=True)
        assert (told.sentence, list(told.fields)) == ("Its route sends nothing to Salesforce.", [])

    def test_an_object_that_is_not_known_says_so(self) -> None:
        assert "not known yet" in trial(a_route(target="Nowhere__c")).sentence


class TestAsking:
    def test_the_org_would_take_it(self, org: Org) -> None:
        described(get_client(), "Case")
        before = org.records("Case")
        told = trial(a_route({"Subject": "Hello"}), ask=True)
        assert (told.tone, told.sentence) == ("good", "Salesforce would make the record.")
        assert '"Subject": "Hello"' in told.request
        assert "Bearer […]" in told.request
        assert told.caller == "unknown to Salesforce"
        assert org.records("Case") == before

    def test_the_org_would_refuse_it_and_why(self, org: Org) -> None:
        described(get_client(), "Case")
        org.add_field("Must__c", type="string", length=20, nillable=False)
        told = trial(a_route({"Subject": "Hello"}), ask=True)
        assert told.tone == "bad"
        assert told.detail.startswith("REQUIRED_FIELD_MISSING")
        assert told.next_step

    @pytest.mark.usefixtures("org")
    def test_a_silent_org_keeps_nobody_waiting_for_long(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        described(get_client(), "Case")
        monkeypatch.setattr("crm.trials.SECONDS", 0.3)
        with hostile(never) as away:
            settings.SALESFORCE_URL = away.url
            told = trial(a_route({"Subject": "Hello"}), ask=True)
        assert (told.tone, told.sentence) == ("warn", "Salesforce could not be asked.")
        assert lines(told)["Subject"].value == "Hello"
        assert told.known_at == ObjectDescription.objects.get(name="Case").described_at

    @pytest.mark.parametrize("since", ["retry_at", "paused_at"])
    def test_while_the_conversation_pauses_nobody_is_asked(self, org: Org, since: str) -> None:
        described(get_client(), "Case")
        OrgState.objects.update_or_create(pk=1, defaults={since: "2026-11-23T08:00Z"})
        before = calls_made(org)
        told = trial(a_route({"Subject": "Hello"}), ask=True)
        assert (told.tone, calls_made(org)) == ("warn", before)
        assert "is paused" in told.sentence
        assert lines(told)["Subject"].value == "Hello"

    @pytest.mark.usefixtures("org")
    def test_callers_that_wait_go_first(self) -> None:
        described(get_client(), "Case")
        with live_calls.place():
            told = trial(a_route({"Subject": "Hello"}), ask=True)
        assert told.sentence.startswith("Somebody else is asking Salesforce")

    def test_without_an_org_that_is_said(self) -> None:
        told = trial(a_route({"Subject": "Hello"}), ask=True)
        assert (told.tone, told.sentence) == ("warn", "Salesforce could not be asked.")
        assert told.detail == "NOT_CONFIGURED"
