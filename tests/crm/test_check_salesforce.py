"""`manage.py check_salesforce`: one line per finding, with the next step."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from callbacks.models import FunctionRoute
from tests.crm.hostile import hostile, says
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db

KEY = "Jtel_Callback_ID__c"
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
    assert line(lines, KEY, "unique, an external id")
    assert line(lines, "Jtel_Requested_At__c", "ours to fill")
    assert line(lines, "of 100,000 API calls used", "we stop at 80,000")


def test_the_check_changes_nothing(org: Org) -> None:
    check()
    assert org.state()["records"]["Case"] == 0


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
    assert line(failing_check(), "Default Case: SuppliedPhone does not exist, or is hidden")


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
        assert line(lines, f"error   {KEY}", words)
        assert line(lines, "does not say how many API calls are left")


def test_a_route_in_order_is_told_so(org: Org, route: FunctionRoute) -> None:
    mapped(route, Subject="{{ service_name }}", Priority="High", Comments="")
    assert line(check(), "ok ", "Route “Hotline”: its fields are ours to fill.")


@pytest.mark.parametrize(
    ("field", "template", "words"),
    [
        ("Nope__c", "x", "Nope__c does not exist, or is hidden from our user."),
        ("CaseNumber", "{{ callback_id }}", "CaseNumber is read-only."),
        ("Subject", "{{ broken", "field Subject: The template cannot be read"),
        ("OwnerId", "Support", "“Support” is no id for OwnerId."),
        ("OwnerId", "00G000000000000AAA", "is not a queue that our user can see."),
        ("OwnerId", "005000000000000AAA", "is not an active user that our user can see."),
    ],
)
def test_a_route_that_would_be_refused_is_an_error(
    org: Org, route: FunctionRoute, field: str, template: str, words: str
) -> None:
    mapped(route, **{field: template})
    assert line(failing_check(), "error ", "Route “Hotline”", words)


def test_an_owner_that_exists_is_confirmed(org: Org, route: FunctionRoute) -> None:
    [queue] = org.records("Group")
    mapped(route, OwnerId=queue["Id"])
    assert line(check(), f"OwnerId {queue['Id']} is a queue.")


def test_an_owner_that_a_template_computes_is_not_looked_up(org: Org, route: FunctionRoute) -> None:
    mapped(route, OwnerId="{{ user_data }}")
    check()


def test_a_disabled_route_is_left_alone(org: Org, route: FunctionRoute) -> None:
    mapped(route, Nope__c="x")
    FunctionRoute.objects.update(enabled=False)
    check()


def test_a_choice_that_the_org_does_not_know_is_a_warning(org: Org, route: FunctionRoute) -> None:
    mapped(route, Priority="Urgent")
    found = line(check(), "warning ", "Priority has no value “Urgent”.")
    assert "Use one of: High, Medium, Low." in found


def test_a_choice_that_the_org_refuses_is_an_error(org: Org, route: FunctionRoute) -> None:
    org.arm({"action": "picklist_restrict", "params": {"field": "Priority"}})
    mapped(route, Priority="Urgent")
    assert line(failing_check(), "error ", "Priority has no value “Urgent”.")


def test_a_reserve_that_is_reached_is_an_error(org: Org, settings: Settings) -> None:
    settings.SALESFORCE_API_RESERVE = 1.0
    assert "lower SALESFORCE_API_RESERVE" in line(failing_check(), "we stop at 0.")


def test_a_refusal_in_the_middle_does_not_hide_the_rest(org: Org) -> None:
    org.arm({"action": "status", "match": {"op": "describe"}, "params": {"status": 503}})
    lines = failing_check()
    assert line(lines, "error ", "Something that is not Salesforce's interface answered")
    assert line(lines, "API calls used")
