"""`manage.py check_salesforce`: one line per finding, with the next step."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from callbacks.models import FunctionRoute
from crm.client import SalesforceClient
from crm.models import Org as OrgState
from crm.preconditions import check_org
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.hostile import hostile, says
from tests.crm.pushing import push
from tests.factories import CallbackFactory
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db

KEY = "Jtel_Callback_ID__c"
REQUEST = "Callback_Request__c"
DEPLOY = "Deploy the metadata in crm/salesforce"


def check() -> list[str]:
    """The lines of a check that finds nothing wrong."""
    output = StringIO()
    call_command("check_salesforce", stdout=output, no_color=True)
    return output.getvalue().splitlines()


def failing_check() -> list[str]:
    output = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("check_salesforce", stdout=output, no_color=True)
    assert caught.value.returncode == 1
    return output.getvalue().splitlines()


def line(lines: list[str], *words: str) -> str:
    """The one line that holds all these words."""
    [found] = [line for line in lines if all(word in line for word in words)]
    return found


@pytest.fixture
def route() -> FunctionRoute:
    return FunctionRoute.objects.create(name="Hotline", function="HOTLINE")


def mapped(route: FunctionRoute, **templates: str) -> None:
    for field, template in templates.items():
        route.mappings.create(field=field, template=template)


def test_a_sound_org_passes_with_a_line_for_each_finding(org: Org) -> None:
    lines = check()
    assert all(line.startswith(("ok ", "warning ")) for line in lines)
    assert org.url in line(lines, "Signed in to org 00D")
    assert line(lines, "offers API version 62.0")
    assert line(lines, f"Case.{KEY}", "unique, an external id, found by a query")
    assert line(lines, "Jtel_Requested_At__c", "ours to fill")
    assert line(lines, "takes Cases from our user")
    assert line(lines, "No org is pinned yet")
    assert line(lines, "Finding callers: Contact can be searched.")
    assert line(lines, "of 100,000 API calls used", "we stop at 80,000")


def test_the_check_changes_nothing(org: Org) -> None:
    check()
    assert org.state()["records"]["Case"] == 0
    assert OrgState.objects.current().org_id == ""


def test_without_an_org_the_next_step_is_the_setting(settings: Settings) -> None:
    settings.SALESFORCE_URL = ""
    [only] = failing_check()
    assert only == (
        "error   No Salesforce org is configured. Set SALESFORCE_URL and the credentials, then restart."
    )


def test_a_refused_sign_in_ends_the_check(org: Org, settings: Settings) -> None:
    settings.SALESFORCE_CLIENT_SECRET = "wrong"
    [only] = failing_check()
    assert only.startswith(
        "error   Salesforce refused the client id or its secret. (invalid_client"
    )


def test_an_api_version_that_is_not_offered_is_told_with_one_that_is(
    org: Org, settings: Settings
) -> None:
    settings.SALESFORCE_API_VERSION = "99.0"
    found = line(failing_check(), "does not offer API version 99.0")
    assert found.endswith("Set SALESFORCE_API_VERSION to 68.0.")


@pytest.mark.parametrize("action", ["field_hidden", "field_missing"])
def test_a_key_field_that_we_cannot_fill_is_an_error(org: Org, action: str) -> None:
    org.arm({"action": action, "params": {"field": KEY}})
    assert DEPLOY in line(failing_check(), KEY, "is missing in Salesforce")


def test_a_missing_time_field_is_an_error(org: Org) -> None:
    org.arm({"action": "field_missing", "params": {"field": "Jtel_Requested_At__c"}})
    assert DEPLOY in line(failing_check(), "Jtel_Requested_At__c is missing")


def test_a_hidden_field_of_the_default_case_is_an_error(org: Org) -> None:
    org.arm({"action": "field_hidden", "params": {"field": "SuppliedPhone"}})
    assert line(failing_check(), "Default Case: SuppliedPhone: The field does not exist")


def described(**changes: object) -> dict[str, object]:
    field = {
        "name": KEY,
        "label": "Key",
        "type": "string",
        "length": 64,
        "unique": True,
        "externalId": True,
        "createable": True,
        "updateable": True,
        "nillable": True,
        "defaultedOnCreate": False,
        "picklistValues": [],
        "restrictedPicklist": False,
        "referenceTo": [],
        "precision": 0,
        "digits": 0,
        "scale": 0,
        "nameField": False,
    }
    about = {"name": "Case", "label": "Case", "keyPrefix": "500", "recordTypeInfos": []}
    return about | {"fields": [field | changes]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unique": False}, "is not unique"),
        ({"externalId": False}, "is not unique"),
        ({"createable": False}, "is missing in Salesforce"),
        ({"length": 20}, "holds 20 characters; a key has 36"),
    ],
)
def test_a_key_field_that_cannot_keep_the_promise_is_an_error(
    changes: dict[str, object], words: str, settings: Settings
) -> None:
    with hostile(says(200, described(**changes))) as org:
        settings.SALESFORCE_URL, settings.SALESFORCE_CLIENT_ID = org.url, "id"
        lines = failing_check()
        assert line(lines, f"error   Case.{KEY}", words)
        assert line(lines, "does not say how many API calls are left")


def test_a_route_in_order_is_told_so(org: Org, route: FunctionRoute) -> None:
    mapped(route, Subject="{{ service_name }}", Priority="High", Comments="")
    assert line(check(), "ok ", "Route “Hotline”: what it makes fits Case.")


@pytest.mark.parametrize(
    ("field", "template", "words"),
    [
        ("Nope__c", "x", "Nope__c: The field does not exist in Salesforce, or is hidden"),
        ("CaseNumber", "{{ callback_id }}", "CaseNumber: Our user may not fill this field"),
        ("Subject", "{{ broken", "Subject: The template cannot be read"),
        ("Priority", "Urgent", "Priority: “Urgent” is not in the list of the field: High, Medium"),
        ("OwnerId", "Support", "OwnerId: “Support” is no id"),
        ("OwnerId", "00G000000000000AAA", "is neither a queue nor an active user"),
        ("OwnerId", "005000000000000AAA", "is neither a queue nor an active user"),
    ],
)
def test_a_route_that_would_be_refused_is_an_error(
    org: Org, route: FunctionRoute, field: str, template: str, words: str
) -> None:
    mapped(route, **{field: template})
    assert line(failing_check(), "error ", "Route “Hotline”", words)


def test_an_owner_that_exists_is_confirmed(org: Org, route: FunctionRoute) -> None:
    queue = org.records("Group")[0]
    mapped(route, OwnerId=queue["Id"])
    assert line(check(), f"the owner {queue['Id']} is known.")


def test_an_owner_that_a_template_computes_is_not_looked_up(org: Org, route: FunctionRoute) -> None:
    mapped(route, OwnerId="{{ user_data }}")
    check()


def test_a_disabled_route_is_left_alone(org: Org, route: FunctionRoute) -> None:
    mapped(route, Nope__c="x")
    FunctionRoute.objects.update(enabled=False)
    check()


def test_all_that_is_wrong_with_a_route_is_told_and_the_next_one_too(
    org: Org, route: FunctionRoute
) -> None:
    mapped(route, Nope__c="x", Priority="Urgent")
    FunctionRoute.objects.update(record_type="No_Such", owner="No_Such_Queue")
    FunctionRoute.objects.create(name="Odd", function="ODD", target="No_Such__c")
    lines = failing_check()
    for words in ("Nope__c", "Priority: “Urgent”", "RecordTypeId: “No_Such”", "No_Such_Queue"):
        assert line(lines, "error ", "Route “Hotline”, ", words)
    assert line(lines, "error ", "Route “Odd”, Salesforce has no object “No_Such__c”")
    assert line(lines, "API calls used")


def test_a_queue_and_a_record_type_by_name_are_confirmed(org: Org, route: FunctionRoute) -> None:
    queue = org.records("Group")[0]["DeveloperName"]
    FunctionRoute.objects.filter(pk=route.pk).update(owner=queue, record_type="Callback")
    lines = check()
    assert line(lines, "ok ", f"Route “Hotline”: the owner {queue} is known.")
    assert line(lines, "ok ", "Route “Hotline”: what it makes fits Case.")


def test_a_target_of_its_own_is_checked_with_its_key_field(org: Org, route: FunctionRoute) -> None:
    FunctionRoute.objects.filter(pk=route.pk).update(target=REQUEST)
    assert line(check(), "ok ", f"{REQUEST}.{KEY} is unique, an external id, found by a query")
    org.change_field(KEY, REQUEST, unique=False)
    lines = failing_check()
    assert line(lines, "error ", f"{REQUEST}.{KEY}: ", "is not unique")
    assert line(lines, "error ", "Route “Hotline”, ", "must be a unique external id")


def test_a_key_field_that_no_query_finds_by_is_an_error(org: Org) -> None:
    refused = {"status": 400, "body": "json", "code": "INVALID_FIELD"}
    org.arm({"action": "status", "match": {"op": "query"}, "params": refused})
    assert line(failing_check(), "error ", f"Case.{KEY} cannot be searched", "INVALID_FIELD")


def test_a_default_value_that_the_org_does_not_offer_is_a_warning(org: Org) -> None:
    org.change_field("Origin", picklist=["Email", "Web"])
    found = line(check(), "warning ", "Default Case: Origin: “Phone” is not in the list")
    assert "stays empty unless a route fills it" in found


# --- which org, and what our user sees of it


def test_another_org_than_the_pinned_one_is_an_error(org: Org, client: SalesforceClient) -> None:
    check_org(client)
    assert line(check(), "ok ", "The pinned org is this one, 00D")
    org.swap()
    assert line(failing_check(), "error ", "another Salesforce org", "Check SALESFORCE_URL.")


def test_callers_that_cannot_be_found_are_a_warning(org: Org, route: FunctionRoute) -> None:
    FunctionRoute.objects.filter(pk=route.pk).update(find_caller_in="Lead, Account")
    org.arm({"action": "object_hidden", "params": {"object": "Lead"}})
    lines = check()
    found = line(lines, "warning ", "Finding callers: Lead cannot be searched by our user.")
    assert "Assign the permission set “Callback Sync”" in found
    assert line(lines, "ok ", "Finding callers: Account can be searched.")


def test_a_number_of_a_contact_that_is_hidden_is_a_warning(org: Org) -> None:
    hidden = {"field": "MobilePhone", "object": "Contact"}
    org.arm({"action": "field_hidden", "params": hidden})
    assert line(check(), "warning ", "Finding callers: Contact cannot be searched")


def test_our_newest_cases_are_looked_for(org: Org, client: SalesforceClient) -> None:
    callbacks_due(2)
    push(client)
    assert line(check(), "ok ", "Of our newest 2 records of Case our user sees 2.")
    org.arm({"action": "private_sharing"})
    found = line(failing_check(), "error ", "Of our newest 2 records of Case our user sees 0.")
    assert "give our user View All on Cases" in found


def test_a_case_under_another_key_is_looked_for_under_that(
    org: Org, client: SalesforceClient
) -> None:
    org.add_field("Other_Key__c", type="string", unique=True, external_id=True)
    FunctionRoute.objects.create(
        name="Other", function="OTHER", key_field="Other_Key__c", find_caller_in=""
    )
    callbacks_due(1)
    a_callback(function="OTHER")
    push(client)
    assert line(check(), "ok ", "Of our newest 2 records of Case our user sees 2.")


def test_one_case_that_is_not_there_is_a_warning(org: Org, client: SalesforceClient) -> None:
    callbacks_due(1)
    push(client)
    CallbackFactory.create(synced=True, case_object="Case", synced_at=timezone.now())
    assert line(check(), "warning ", "Of our newest 2 records of Case our user sees 1.")


def test_a_reserve_that_is_reached_is_an_error(org: Org, settings: Settings) -> None:
    settings.SALESFORCE_API_RESERVE = 1.0
    assert "lower SALESFORCE_API_RESERVE" in line(failing_check(), "we stop at 0.")


def test_a_refusal_in_the_middle_does_not_hide_the_rest(org: Org) -> None:
    org.arm({"action": "status", "match": {"op": "describe"}, "params": {"status": 503}})
    lines = failing_check()
    assert line(lines, "error ", "Something that is not Salesforce's interface answered")
    assert line(lines, "API calls used")
