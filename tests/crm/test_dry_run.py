"""What would become of a callback, without anything becoming of it."""

import io
import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from callbacks.models import AcdClient, Callback, FieldMapping, FunctionRoute
from callbacks.trials import callback_of
from crm import client as crm_client
from crm.client import SalesforceClient
from crm.dry_run import DryRun, Verdict, dry_run
from crm.models import Org as OrgState
from crm.schema import described
from tests.callbacks.cast import a_callback, a_client
from tests.crm.pushing import KEY, push
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = "Callback_Request__c"
BASE = {
    "CallerID": "4989555010",
    "ServiceNumber": "498946134180",
    "Function": "TEST",
    "UserData": "17",
}
EVENT = {"Caller": "+49 89 555010", "ServiceNumbersNumber": "498946134180", "AcdGroupsForeignSystemID": "TEST",
         "Subject": "Wants help"}  # fmt: skip


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    FunctionRoute.objects.all().delete()
    return FunctionRoute.objects.create(name="Test", function="TEST", find_caller_in="")


def mapped(route: FunctionRoute, **templates: str) -> None:
    for field, template in templates.items():
        FieldMapping.objects.create(route=route, field=field, template=template)


def tried(client: SalesforceClient, callback: Callback | None = None) -> DryRun:
    return dry_run(callback or a_callback(function="TEST"), client, trial=uuid4())


def record_in(run: DryRun) -> dict[str, Any]:
    assert run.request
    return dict(run.request.body["compositeRequest"][0]["body"]["records"][0])


def test_what_the_org_would_take_is_told_with_the_exact_request(
    client: SalesforceClient, org: Org, route: FunctionRoute
) -> None:
    mapped(route, Subject="Call {{ caller_number }}")
    callback = a_callback(function="TEST")
    run = tried(client, callback)
    assert (run.verdict, run.route) == (Verdict.TAKEN, route)
    assert run.request
    assert (run.request.method, run.request.url) == (
        "POST",
        f"{org.url}/services/data/v62.0/composite",
    )
    assert "Bearer […]" in run.request.headers.values()
    push(client)
    sent = json.loads(
        next(e["request"] for e in reversed(org.log()) if e["path"].endswith("/composite"))
    )
    assert sent == run.request.body
    assert record_in(run)[KEY] == str(callback.id)


def test_nothing_is_written_neither_here_nor_there(
    client: SalesforceClient, org: Org, route: FunctionRoute
) -> None:
    route.find_caller_in = "Contact"
    route.owner = "Callbacks"
    route.save()
    callback = a_callback(function="TEST")
    before, audit = org.state()["records"], org.audit()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert tried(client, callback).verdict is Verdict.TAKEN
    assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []
    assert (org.state()["records"], org.audit()) == (before, audit)
    assert org.records("Case") == []


def test_another_kind_of_record_is_tried_too(
    client: SalesforceClient, org: Org, route: FunctionRoute
) -> None:
    FunctionRoute.objects.update(target=REQUEST)
    mapped(route, Urgent__c="yes")
    run = tried(client)
    assert (run.verdict, record_in(run)["Urgent__c"]) == (Verdict.TAKEN, True)
    assert org.records(REQUEST) == []


def test_a_comment_on_the_callers_open_case_is_tried_too(
    client: SalesforceClient, org: Org
) -> None:
    FunctionRoute.objects.update(action=FunctionRoute.Action.COMMENT)
    case = org.create("Case", SuppliedPhone="+4989555010")
    run = tried(client)
    assert run.verdict is Verdict.TAKEN
    record = record_in(run)
    assert (record["attributes"]["type"], record["ParentId"]) == ("CaseComment", case["Id"])
    assert org.records("CaseComment") == []
    assert len(org.records("Case")) == 1


def test_a_change_of_the_callers_open_case_is_tried_too(
    client: SalesforceClient, org: Org, route: FunctionRoute
) -> None:
    FunctionRoute.objects.update(action=FunctionRoute.Action.UPDATE)
    mapped(route, Priority="High")
    case = org.create("Case", SuppliedPhone="+4989555010", Priority="Low")
    run = tried(client)
    assert run.verdict is Verdict.TAKEN
    assert record_in(run) == {
        "attributes": {"type": "Case"},
        "id": case["Id"],
        "Priority": "High",
    }
    assert [each["Priority"] for each in org.records("Case")] == ["Low"]


def test_where_no_case_is_open_nothing_would_be_changed(
    client: SalesforceClient, org: Org, route: FunctionRoute
) -> None:
    FunctionRoute.objects.update(action=FunctionRoute.Action.UPDATE)
    mapped(route, Priority="High")
    assert tried(client).verdict is Verdict.NOTHING_TO_SEND
    assert org.records("Case") == []


def test_what_the_org_would_refuse_is_told_in_its_words(client: SalesforceClient, org: Org) -> None:
    org.arm(
        {
            "action": "validation_rule",
            "match": {"object": "Case"},
            "params": {"field": "Subject", "regex": ".", "message": "No subjects, please"},
        }
    )
    run = tried(client)
    assert (run.verdict, run.code) == (Verdict.REFUSED, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert run.detail == "No subjects, please"
    assert run.meaning.next_step
    assert run.request
    assert org.records("Case") == []


def test_what_the_route_makes_must_fit(client: SalesforceClient, route: FunctionRoute) -> None:
    mapped(route, Priority="Hoch")
    run = tried(client)
    assert (run.verdict, run.code, run.request) == (Verdict.UNFIT, "MAPPING_VALUE", None)
    assert run.detail.startswith("Priority: “Hoch” is not in the list")


def test_what_no_route_wants_would_be_held(client: SalesforceClient) -> None:
    assert tried(client, a_callback(function="OTHER")).verdict is Verdict.UNROUTED


def test_a_route_that_sends_nothing_says_so(client: SalesforceClient, org: Org) -> None:
    FunctionRoute.objects.update(action=FunctionRoute.Action.STORE)
    assert tried(client).verdict is Verdict.NOTHING_TO_SEND
    assert org.log() == []


def test_the_caller_is_looked_for(client: SalesforceClient, org: Org) -> None:
    FunctionRoute.objects.update(find_caller_in="Contact")
    anna = org.create("Contact", LastName="Meier", Phone="089 555010")
    org.advance(1_000)
    run = tried(client)
    assert (run.caller.contact_id, record_in(run)["ContactId"]) == (anna["Id"], anna["Id"])


def test_the_key_of_a_case_that_exists_is_no_trouble(client: SalesforceClient, org: Org) -> None:
    callback = a_callback(function="TEST")
    push(client)
    callback.refresh_from_db()
    assert tried(client, callback).verdict is Verdict.TAKEN
    assert len(org.records("Case")) == 1


# --- without the org


def test_while_the_org_is_away_the_request_is_told_by_what_was_known(
    client: SalesforceClient, org: Org, route: FunctionRoute
) -> None:
    mapped(route, Priority="High")
    route.owner = "Callbacks"
    route.save()
    described(client, "Case")
    org.arm({"action": "status", "params": {"status": 503}})
    run = tried(client)
    assert (run.verdict, run.code) == (Verdict.NOT_ASKED, "UNREADABLE_ANSWER")
    assert run.known_at
    assert record_in(run)["Priority"] == "High"


def test_without_any_knowledge_there_is_no_request(client: SalesforceClient, org: Org) -> None:
    org.arm({"action": "status", "params": {"status": 503}})
    run = tried(client)
    assert (run.verdict, run.request, run.known_at) == (Verdict.NOT_ASKED, None, None)


def test_another_org_is_not_asked(client: SalesforceClient, org: Org) -> None:
    OrgState.objects.create(org_id="00D000000000000AAA")
    assert tried(client).code == "ANOTHER_ORG"
    assert OrgState.objects.get().org_id == "00D000000000000AAA"
    assert not any("composite" in entry["path"] for entry in org.log())


# --- requests that were pasted


@pytest.mark.parametrize("fields", [BASE, EVENT], ids=["base", "event"])
def test_a_request_in_either_dialect_can_be_tried(
    client: SalesforceClient, org: Org, fields: dict[str, str]
) -> None:
    body = json.dumps(fields).encode()
    callback = callback_of(body, client=AcdClient(), now=timezone.now())
    run = tried(client, callback)
    assert run.verdict is Verdict.TAKEN
    assert record_in(run)["SuppliedPhone"] == "+4989555010"
    assert not Callback.objects.exists()


def test_times_are_where_the_client_stands(client: SalesforceClient) -> None:
    acd = a_client()
    acd.timezone = "America/New_York"
    body = json.dumps(BASE | {"dtCallEnd": "2026-07-01 09:00:00"}).encode()
    run = tried(client, callback_of(body, client=acd, now=timezone.now()))
    assert record_in(run)["Jtel_Requested_At__c"] == "2026-07-01T13:00:00Z"
    assert "2026-07-01 09:00 (America/New_York)" in record_in(run)["Description"]


# --- the command


@pytest.fixture
def shared(client: SalesforceClient, monkeypatch: pytest.MonkeyPatch) -> SalesforceClient:
    """The client of the process."""
    monkeypatch.setattr(crm_client, "_shared", client)
    return client


def said(*args: str) -> str:
    out = io.StringIO()
    call_command("dry_run", *args, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("shared")
def test_the_command_shows_the_request_of_a_stored_callback(org: Org) -> None:
    told = said(str(a_callback(function="TEST").id))
    assert "Route: Test" in told
    assert f"POST {org.url}/services/data/v62.0/composite" in told
    assert '"SuppliedPhone": "+4989555010"' in told
    assert "Salesforce would make the record." in told


@pytest.mark.usefixtures("shared")
def test_the_command_takes_a_file_and_stdin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(BASE))
    assert "would make" in said("--file", str(file))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
    a_client("ACD")
    assert "would make" in said("-", "--client", "ACD")


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(
    ("args", "body", "words"),
    [
        (["00000000-0000-0000-0000-000000000000"], "", "There is no callback with this id."),
        (["not an id"], "", "There is no callback with this id."),
        (["-"], "{", "The text is not JSON"),
        (["-"], "{}", "The request names no caller."),
        (["-", "--client", "Nobody"], "{}", "There is no ACD client of this name."),
        (["-"], json.dumps(BASE | {"Function": "OTHER"}), "No route applies: it would be held."),
    ],
)
def test_the_command_fails_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, args: list[str], body: str, words: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body.encode())))
    with pytest.raises(CommandError, match=words):
        said(*args)


@pytest.mark.usefixtures("shared")
def test_the_command_says_why_the_org_would_refuse(route: FunctionRoute) -> None:
    mapped(route, ContactId="003000000000009AAA")
    with pytest.raises(CommandError, match=r"would refuse the record\. .*INVALID_CROSS_REFERENCE"):
        said(str(a_callback(function="TEST").id))


def test_the_command_needs_an_org(settings: Settings) -> None:
    settings.SALESFORCE_URL = ""
    with pytest.raises(CommandError, match=r"No Salesforce org is configured\. Set SALESFORCE_URL"):
        said(str(a_callback(function="TEST").id))
