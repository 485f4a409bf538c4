"""What routes make of callbacks in a simulated org: kinds of records, owners, record types."""

from typing import Any

import pytest
from pytest_django import Settings

from callbacks.models import Callback, FieldMapping, FunctionRoute
from crm import schema
from crm.client import SalesforceClient
from crm.drafting import drafts_of
from crm.errors import CrmMisconfigured
from crm.models import Org as OrgState
from crm.recipes import Outlook, recipe_of
from crm.schema import Description, described
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.pushing import KEY, calls_made, fall_due_again, push
from tests.orgsim.process import Org
from tests.orgsim.triggers import AGENT, CALLBACK_QUEUE

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = "Callback_Request__c"


@pytest.fixture(autouse=True)
def _any_route() -> None:
    FunctionRoute.objects.update_or_create(
        service_number=None, function="", defaults={"find_caller_in": ""}
    )


def a_route(function: str, mapped: dict[str, str] | None = None, **facts: Any) -> FunctionRoute:
    route = FunctionRoute.objects.create(
        name=function, function=function, **({"find_caller_in": ""} | facts)
    )
    for field, template in (mapped or {}).items():
        FieldMapping.objects.create(route=route, field=field, template=template)
    return route


def the_row(**lookup: Any) -> Callback:
    return Callback.objects.get(**lookup)


# --- kinds of records


def test_another_kind_of_record_is_made_and_read_back_in_the_same_call(
    org: Org, client: SalesforceClient
) -> None:
    a_route(
        "REQUEST",
        {
            "Name": "Call {{ caller_number }}",
            "Urgent__c": "yes",
            "Due__c": "{{ asked_at }}",
            "Stage__c": "{{ fields.Stage }}",
        },
        target=REQUEST,
    )
    request = a_callback(function="REQUEST", payload={"Stage": "Working"})
    a_callback()
    described(client, "Case")
    described(client, REQUEST)
    calls = calls_made(org)
    push(client)
    assert calls_made(org) - calls == 1
    [made] = org.records(REQUEST)
    assert (made[KEY], made["Urgent__c"], made["Stage__c"]) == (str(request.id), True, "Working")
    assert made["Due__c"].endswith(":00.000+0000")
    row = the_row(function="REQUEST")
    assert (row.case_object, row.case_id, row.case_status) == (REQUEST, made["Id"], "")
    assert row.case_number == "Call +4989555010"
    assert row.case_url.endswith(f"/lightning/r/{REQUEST}/{made['Id']}/view")
    assert the_row(function="").case_object == "Case"


def test_a_name_longer_than_its_column_is_cut(org: Org, client: SalesforceClient) -> None:
    a_route("REQUEST", {"Name": "x" * 80}, target=REQUEST)
    a_callback(function="REQUEST")
    push(client)
    assert org.records(REQUEST)[0]["Name"] == "x" * 80
    assert the_row().case_number == "x" * 30


def test_a_lost_answer_makes_no_second_record_of_any_kind(
    org: Org, client: SalesforceClient
) -> None:
    a_route("REQUEST", target=REQUEST)
    a_callback(function="REQUEST")
    a_callback()
    client.identity()
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    push(client)
    fall_due_again()
    push(client)
    assert Callback.objects.filter(status="synced").count() == 2
    assert (len(org.records(REQUEST)), len(org.records("Case"))) == (1, 1)


def test_four_kinds_of_records_take_two_calls(org: Org, client: SalesforceClient) -> None:
    for sobject in ("Lead", "Account", "Task"):
        org.add_field("Key__c", sobject, type="string", unique=True, external_id=True)
    a_route("LEAD", {"LastName": "x", "Company": "y"}, target="Lead", key_field="Key__c")
    a_route("ACCOUNT", {"Name": "x"}, target="Account", key_field="Key__c")
    a_route("TASK", {"Subject": "x"}, target="Task", key_field="Key__c")
    a_route("OWNED", owner=CALLBACK_QUEUE)
    for function in ("LEAD", "ACCOUNT", "TASK", "", "LEAD", "ACCOUNT", "TASK", "OWNED"):
        a_callback(function=function)
    for sobject in ("Case", "Lead", "Account", "Task"):
        described(client, sobject)
    calls = calls_made(org)
    push(client)
    assert calls_made(org) - calls == 2
    assert Callback.objects.filter(status="synced").count() == 8
    assert {len(org.records(name)) for name in ("Case", "Lead", "Account", "Task")} == {2}


# --- what one route gets wrong is its own trouble


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"target": "Nowhere__c"}, "TARGET_MISSING", "Salesforce has no object “Nowhere__c”"),
    ({"target": "Task"}, "TARGET_KEY_FIELD", f"{KEY}: It must be a unique external id of Task"),
    ({"key_field": "Subject"}, "TARGET_KEY_FIELD", "Subject: It must be a unique external id"),
    ({"owner": "Nobody"}, "MAPPING_FIELD", "OwnerId: “Nobody” is no queue in Salesforce"),
    ({"owner": "003000000000001AAA"}, "MAPPING_FIELD", "OwnerId: “003000000000001AAA” is no"),
    ({"record_type": "Fax"}, "MAPPING_FIELD", "RecordTypeId: “Fax” is no record type of Case"),
    ({"record_type": "Complaint"}, "MAPPING_FIELD", "RecordTypeId: “Complaint” is no record"),
    ({"mapped": {"Nope__c": "x"}}, "MAPPING_FIELD", "Nope__c: The field does not exist"),
    ({"mapped": {"ClosedDate": "x"}}, "MAPPING_FIELD", "ClosedDate: Our user may not fill"),
    ({"mapped": {"Priority": "Hoch"}}, "MAPPING_VALUE", "Priority: “Hoch” is not in the list"),
    ({"mapped": {"Subject": "{% if %}"}}, "MAPPING", "Subject: The template cannot be read"),
]


@pytest.mark.parametrize(("wrong", "code", "sentence"), WRONG, ids=lambda value: str(value)[:40])
def test_what_a_route_gets_wrong_fails_its_rows_alone(
    org: Org, client: SalesforceClient, wrong: dict[str, Any], code: str, sentence: str
) -> None:
    a_route("WRONG", **wrong)
    a_callback(function="WRONG")
    callbacks_due(2)
    push(client)
    row = the_row(function="WRONG")
    assert (row.status, row.failure_code) == ("failed", code)
    assert row.failure_detail.startswith(sentence)
    assert row.failure_reason
    assert row.failure_next_step
    assert Callback.objects.filter(status="synced").count() == 2
    assert OrgState.objects.get().trouble_since is None


def test_what_callers_said_is_not_in_the_signature_of_a_misfit(client: SalesforceClient) -> None:
    a_route("WRONG", {"Priority": "{{ fields.Name.0 }}{{ fields.Name.1 }}”"})
    for name in ("Anna", "Bernd"):
        a_callback(function="WRONG", payload={"Name": name})
    push(client)
    rows = Callback.objects.filter(failure_code="MAPPING_VALUE")
    assert {row.failure_detail[:15] for row in rows} == {"Priority: “An””", "Priority: “Be””"}
    [signature] = set(rows.values_list("failure_signature", flat=True))
    assert signature.startswith("MAPPING_VALUE Priority “…” is not in the list of the field")


def test_a_case_without_its_object_pauses_the_conversation(
    org: Org, client: SalesforceClient
) -> None:
    refusal = {"status": 404, "body": "json", "code": "NOT_FOUND", "message": "not there"}
    org.arm({"action": "status", "match": {"op": "describe"}, "params": refusal})
    callbacks_due(2)
    push(client)
    assert OrgState.objects.get().trouble_code == "NOT_FOUND"
    assert Callback.objects.filter(status="pending", failures=0).count() == 2


def test_a_case_that_cannot_be_described_is_the_orgs_trouble_everywhere() -> None:
    def unknown(_sobject: str) -> Description:
        raise CrmMisconfigured("NOT_FOUND")

    with pytest.raises(CrmMisconfigured):
        recipe_of(FunctionRoute(target="Case"), Outlook(unknown, dict))


def test_an_object_that_vanishes_in_between_is_its_routes_trouble(
    org: Org, client: SalesforceClient
) -> None:
    a_route("REQUEST", {"Number__c": "1"}, target=REQUEST)
    described(client, REQUEST)
    org.remove_field(KEY, REQUEST)
    a_callback(function="REQUEST")
    callbacks_due(2)
    push(client)
    row = the_row(function="REQUEST")
    assert (row.status, row.failure_code) == ("failed", "TARGET_MISSING")
    assert Callback.objects.filter(status="synced").count() == 2
    assert OrgState.objects.get().trouble_since is None


def test_what_was_mended_is_seen_within_a_minute(
    org: Org, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_route("REQUEST", {"Colour__c": "red"}, target=REQUEST)
    described(client, REQUEST)
    org.add_field("Colour__c", REQUEST, type="string")
    row = a_callback(function="REQUEST")
    assert drafts_of(client, [row]).refused[0].code == "MAPPING_FIELD"
    monkeypatch.setattr("crm.drafting.MENDED_SECONDS", 0)
    assert drafts_of(client, [row]).drafts[0].fields["Colour__c"] == "red"


def test_a_route_that_was_mended_counts_at_once(client: SalesforceClient) -> None:
    route = a_route("WRONG", {"Nope__c": "x"})
    row = a_callback(function="WRONG")
    assert drafts_of(client, [row]).refused
    FieldMapping.objects.filter(route=route).update(field="Comments")  # as another process would
    assert drafts_of(client, [row]).drafts[0].fields["Comments"] == "x"


def test_what_has_no_route_yet_is_looked_at_twice(client: SalesforceClient) -> None:
    FunctionRoute.objects.all().delete()
    row = a_callback(function="NEW")
    assert drafts_of(client, [row]).unrouted
    FunctionRoute.objects.bulk_create([FunctionRoute(name="New", function="NEW")])
    assert drafts_of(client, [row]).drafts


# --- owners and record types


@pytest.mark.parametrize(
    "owner", ["Callbacks", "callbacks", CALLBACK_QUEUE, CALLBACK_QUEUE[:15]], ids=str
)
def test_a_queue_owns_the_record_and_no_rule_takes_it(
    org: Org, client: SalesforceClient, owner: str
) -> None:
    a_route("OWNED", owner=owner)
    a_callback(function="OWNED")
    push(client)
    assert org.records("Case")[0]["OwnerId"] == CALLBACK_QUEUE
    assert '"Sforce-Auto-Assign": "FALSE"' in str(org.log()).replace("'", '"').replace(
        '":"', '": "'
    )


def test_a_mapping_of_the_owner_counts_more_than_the_routes(
    org: Org, client: SalesforceClient
) -> None:
    a_route("OWNED", {"OwnerId": AGENT}, owner="Callbacks")
    a_callback(function="OWNED")
    push(client)
    assert org.records("Case")[0]["OwnerId"] == AGENT


def test_queues_are_asked_for_once(org: Org, client: SalesforceClient) -> None:
    a_route("OWNED", owner="Callbacks")
    for _ in range(2):
        a_callback(function="OWNED")
        push(client)
    assert calls_made(org) == 4  # the describe, the queues, the Cases one by one


def test_a_record_type_is_named_in_any_case_or_by_its_id(
    org: Org, client: SalesforceClient
) -> None:
    record_type = described(client, "Case").record_types["Callback"]
    for number, name in enumerate(["Callback", "callback", record_type, record_type[:15]]):
        a_route(str(number), record_type=name)
        a_callback(function=str(number))
    push(client)
    assert [case["RecordTypeId"] for case in org.records("Case")] == [record_type] * 4


# --- the caller


def a_contact(org: Org, **facts: Any) -> dict[str, Any]:
    return org.create("Contact", **({"LastName": "Meier", "Phone": "+49 89 555010"} | facts))


def test_the_caller_is_linked_and_named(org: Org, client: SalesforceClient) -> None:
    account = org.create("Account", Name="Acme")
    anna = a_contact(org, FirstName="Anna", AccountId=account["Id"])
    org.advance(1_000)
    a_route("FIND", find_caller_in="Contact")
    a_callback(function="FIND")
    push(client)
    [case] = org.records("Case")
    assert (case["ContactId"], case["AccountId"]) == (anna["Id"], account["Id"])
    row = the_row()
    assert (row.contact_id, row.contact_name) == (anna["Id"], "Anna Meier")


def test_several_callers_are_told_and_nobody_is_guessed(org: Org, client: SalesforceClient) -> None:
    for name in ("Anna", "Bernd"):
        a_contact(org, FirstName=name)
    org.advance(1_000)
    a_route("FIND", find_caller_in="Contact")
    a_callback(function="FIND")
    push(client)
    [case] = org.records("Case")
    assert case["ContactId"] is None
    assert "Possible callers:\nAnna Meier (Contact 003" in case["Description"]
    assert [candidate["name"] for candidate in the_row().candidates] == [
        "Anna Meier",
        "Bernd Meier",
    ]


def test_a_contact_who_is_gone_by_then_costs_the_case_nothing(
    org: Org, client: SalesforceClient
) -> None:
    anna = a_contact(org)
    org.advance(1_000)
    a_route("FIND", find_caller_in="Contact")
    drafts_of(client, [a_callback(function="FIND")])  # it is remembered who called
    org.delete(anna["Id"])
    callbacks_due(2)
    push(client)
    assert Callback.objects.filter(status="synced", failures=0).count() == 3
    assert [case["ContactId"] for case in org.records("Case")] == [None] * 3
    assert org.audit()["duplicate_keys"] == []


def test_a_contact_that_the_route_names_is_not_left_out(org: Org, client: SalesforceClient) -> None:
    anna = a_contact(org)
    org.delete(anna["Id"])
    a_route("NAMED", {"ContactId": anna["Id"]})
    a_callback(function="NAMED")
    push(client)
    assert the_row().status == "failed"
    assert org.records("Case") == []


# --- preconditions


def test_the_usual_key_field_of_a_case_pauses_all_until_it_is_mended(
    org: Org, client: SalesforceClient, settings: Settings
) -> None:
    org.change_field(KEY, unique=False)
    callbacks_due(2)
    push(client)
    assert OrgState.objects.get().trouble_code == "KEY_FIELD_NOT_UNIQUE"
    org.change_field(KEY, unique=True)
    fall_due_again()
    push(client)
    assert Callback.objects.filter(status="synced", failures=0).count() == 2
    schema.forget()
