"""What is refused when a person saves a route: by what is known of the org."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from callbacks.models import FieldMapping, FunctionRoute
from crm import looking
from crm.client import SalesforceClient
from crm.models import Org as OrgState
from crm.schema import described
from tests.crm.hostile import hostile, never
from tests.crm.pushing import KEY, calls_made
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db

REQUEST = "Callback_Request__c"


@pytest.fixture(autouse=True)
def _no_look_yet() -> Iterator[None]:
    looking.forget()
    yield
    looking.forget()


@pytest.fixture
def known(client: SalesforceClient) -> None:
    """Case and our own object were described lately."""
    described(client, "Case")
    described(client, REQUEST)


def route(**facts: Any) -> FunctionRoute:
    return FunctionRoute(**({"name": "Hotline", "function": "HOTLINE"} | facts))


def wrong_route(**facts: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        route(**facts).full_clean()
    return dict(caught.value.message_dict)


def wrong_mapping(field: str, template: str = "x", **facts: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        FieldMapping(route=route(**facts), field=field, template=template).clean()
    return dict(caught.value.message_dict)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("field", "template", "where", "sentence"),
    [
        ("Nope__c", "x", "field", "The field does not exist in Salesforce, or is hidden"),
        ("CaseNumber", "{{ function }}", "field", "Our user may not fill this field"),
        ("Id", "x", "field", "This field cannot be filled by a template."),
        ("Priority", "Hoch", "template", "“Hoch” is not in the list of the field: High, "),
        ("ContactId", "005000000000001AAA", "template", "“005000000000001AAA” is not the id of"),
        ("Subject", "{% if %}", "template", "The template cannot be read"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_where_it_is_wrong(
    field: str, template: str, where: str, sentence: str
) -> None:
    [(at, [said])] = wrong_mapping(field, template).items()
    assert at == where
    assert said.startswith(sentence)


@pytest.mark.usefixtures("known")
def test_what_fits_is_saved() -> None:
    fitting = route(owner="Callbacks", record_type="callback")
    fitting.full_clean()
    FieldMapping(route=fitting, field="priority", template="High").clean()
    FieldMapping(route=route(target=REQUEST), field="Stage__c", template="{{ kind }}").clean()


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("facts", "field", "sentence"),
    [
        ({"record_type": "Fax"}, "record_type", "“Fax” is no record type of Case"),
        ({"owner": "003000000000001AAA"}, "owner", "This is neither the id of a queue nor"),
        ({"key_field": "Subject"}, "key_field", "It must be a unique external id of Case"),
        ({"target": "Nowhere__c"}, "target", "Salesforce has no object “Nowhere__c”"),
        ({"target": "Task"}, "key_field", "It must be a unique external id of Task"),
    ],
)
def test_a_route_that_does_not_fit_is_refused_where_it_is_wrong(
    facts: dict[str, str], field: str, sentence: str
) -> None:
    [(at, [said])] = wrong_route(**facts).items()
    assert at == field
    assert said.startswith(sentence)


@pytest.mark.usefixtures("known")
def test_a_field_that_is_new_in_the_org_is_found(org: Org) -> None:
    org.add_field("Colour__c", type="string")
    FieldMapping(route=route(), field="Colour__c", template="red").clean()


@pytest.mark.usefixtures("known")
def test_one_form_asks_the_org_once(org: Org) -> None:
    before = calls_made(org)
    for _ in range(3):
        wrong_mapping("Nope__c")
    assert calls_made(org) - before == 1


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("since", ["retry_at", "paused_at"])
def test_while_the_conversation_pauses_nobody_asks(org: Org, since: str) -> None:
    OrgState.objects.update_or_create(pk=1, defaults={since: "2026-11-23T08:00Z"})
    before = len(org.log())
    wrong_mapping("Nope__c")
    assert len(org.log()) == before


def test_without_any_knowledge_everything_passes() -> None:
    route(owner="Nobody", record_type="Nothing", target="Nowhere__c").full_clean()
    FieldMapping(route=route(), field="Nope__c", template="x").clean()
    assert "template" in wrong_mapping("Subject", "{% if %}")


def test_an_org_that_is_silent_keeps_nobody_waiting(
    org: Org, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "LOOK_SECONDS", 0.2)
    with hostile(never) as away:
        settings.SALESFORCE_URL = away.url
        route(target="Nowhere__c").full_clean()
        assert away.requests


def test_a_route_that_sends_nothing_is_not_looked_at(known: None) -> None:
    asks = route(action=FunctionRoute.Action.FIND_CASE, record_type="Fax", key_field=KEY + "x")
    asks.full_clean()
    FieldMapping(route=asks, field="Nope__c", template="x").clean()
