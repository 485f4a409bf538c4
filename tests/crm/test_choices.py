"""A route's form offers what the org has, at once, and what it had while the org is away."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import Settings

from callbacks.choices import Choices, choices
from callbacks.models import FunctionRoute
from crm import looking
from crm.client import SalesforceClient
from crm.mapping import FACTS
from crm.models import ObjectDescription, Queue
from crm.models import Org as OrgState
from crm.recipes import Outlook
from crm.schema import described, queue_ids
from crm.variables import MEANINGS
from tests.callbacks.conftest import person
from tests.crm.hostile import hostile, never
from tests.crm.pushing import KEY, calls_made
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db

CREATE, UPDATE = FunctionRoute.Action.CREATE, FunctionRoute.Action.UPDATE


@pytest.fixture(autouse=True)
def _no_look_yet() -> Iterator[None]:
    looking.forget()
    yield
    looking.forget()


@pytest.fixture
def known(client: SalesforceClient) -> None:
    described(client, "Case")
    queue_ids(client)


def names(found: Any) -> list[str]:
    return [choice.value for choice in found]


def of_case(**more: Any) -> Choices:
    return choices("Case", CREATE, **more)


@pytest.mark.usefixtures("org")
class TestFields:
    def test_they_have_label_name_kind_and_length(self) -> None:
        fields = {choice.value: choice for choice in of_case().fields}
        subject = fields["Subject"]
        assert (subject.label, subject.note) == ("Subject", "text, 255")
        assert fields["Priority"].note == "list"
        assert list(fields["Priority"].values) == ["High", "Medium", "Low"]
        assert fields["ContactId"].note == "link to Contact"

    def test_they_speak_the_readers_language(self) -> None:
        with translation.override("de"):
            fields = {choice.value: choice for choice in of_case().fields}
        assert fields["Description"].note == "langer Text, 32.000"

    def test_what_no_template_fills_is_not_among_them(self) -> None:
        assert not {"Id", "CaseNumber", KEY} & set(names(of_case().fields))

    def test_what_a_record_has_to_have_comes_first(self, org: Org) -> None:
        org.add_field("Must__c", type="string", length=20, nillable=False)
        first = of_case().fields[0]
        assert (first.value, first.group) == ("Must__c", "Required")

    def test_for_a_change_they_are_those_that_can_be_changed(self) -> None:
        assert "ParentId" in names(choices("CaseComment", CREATE).fields)
        assert "ParentId" not in names(choices("CaseComment", UPDATE).fields)

    def test_of_an_unknown_object_there_are_none(self) -> None:
        told = choices("Nowhere__c", CREATE)
        assert (list(told.fields), told.known_at, told.is_away) == ([], None, False)


@pytest.mark.usefixtures("org")
class TestOtherNames:
    def test_owners_are_the_queues(self) -> None:
        assert [(c.value, c.label) for c in of_case().owners] == [
            ("Callbacks", "Callbacks"),
            ("Second_Level", "Second Level"),
        ]

    def test_record_types_are_those_our_user_may_use(self) -> None:
        assert names(of_case().record_types) == ["Callback"]

    def test_key_fields_are_unique_external_ids(self) -> None:
        assert names(of_case().key_fields) == [KEY]

    def test_kinds_of_record_are_those_seen_before(self) -> None:
        FunctionRoute.objects.create(name="x", function="x", target="Callback_Request__c")
        assert names(of_case().targets) == ["Case", "Callback_Request__c"]

    def test_every_variable_has_a_meaning(self) -> None:
        groups = {"fields", "default", "caller"}
        assert {name.split(".")[0] for name in MEANINGS} - groups == FACTS.keys() - groups
        offered = set(names(of_case().variables))
        assert {"default.Subject", "caller.name", "fields.", "asked_at"} <= offered


class TestAsking:
    @pytest.mark.usefixtures("known")
    def test_what_was_described_lately_costs_no_call(self, org: Org) -> None:
        before = calls_made(org)
        assert of_case().fields
        assert calls_made(org) == before

    @pytest.mark.usefixtures("known")
    def test_a_person_can_ask_again(self, org: Org) -> None:
        org.add_field("Colour__c", type="string", length=20)
        assert "Colour__c" not in names(of_case().fields)
        assert "Colour__c" in names(of_case(again=True).fields)

    @pytest.mark.usefixtures("known")
    def test_asking_again_and_again_costs_one_look(self, org: Org) -> None:
        before = calls_made(org)
        for _ in range(3):
            of_case(again=True)
        assert calls_made(org) - before == 2  # the object, and the queues

    @pytest.mark.usefixtures("known")
    def test_an_old_description_serves_while_the_org_is_away(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(looking, "LOOK_SECONDS", 0.2)
        old = timezone.now() - timedelta(hours=2)
        ObjectDescription.objects.update(described_at=old)
        with hostile(never) as away:
            settings.SALESFORCE_URL = away.url
            told = of_case()
        assert (told.known_at, told.is_away) == (old, True)
        assert "Subject" in names(told.fields)
        assert names(told.owners) == ["Callbacks", "Second_Level"]

    @pytest.mark.usefixtures("known")
    def test_while_a_person_pauses_the_conversation_nobody_asks(self, org: Org) -> None:
        OrgState.pause(by=None, reason="x")
        before = len(org.log())
        assert of_case(again=True).is_away
        assert len(org.log()) == before

    def test_without_an_org_anything_may_be_typed(self) -> None:
        told = of_case()
        assert (list(told.fields), list(told.owners), told.is_away) == ([], [], True)

    @pytest.mark.usefixtures("known")
    def test_queues_are_known_while_the_org_is_away(self) -> None:
        queues = Outlook.remembered().queues()
        assert queues
        assert queues["second_level"] == Queue.objects.get(name="Second Level").pk

    def test_a_queue_that_is_gone_is_forgotten(self, client: SalesforceClient) -> None:
        Queue.objects.create(salesforce_id="00G000000000009AAA", developer_name="Old", name="Old")
        queue_ids(client)
        assert not Queue.objects.filter(developer_name="Old").exists()


def asked(role: str, **data: str) -> Any:
    browser = Client()
    browser.force_login(person(role))
    place = reverse("admin:callbacks_functionroute_choices")
    return browser.post(place, {"target": "Case", "action": CREATE} | data)


class TestView:
    @pytest.mark.usefixtures("known")
    def test_it_tells_the_forms_script(self) -> None:
        told = asked("Administrators").json()
        assert "Subject" in [field["value"] for field in told["fields"]]
        assert told["said"].startswith("As of ")

    @pytest.mark.usefixtures("known")
    def test_it_says_that_the_org_is_away(self) -> None:
        OrgState.pause(by=None, reason="x")
        told = asked("Administrators", again="yes").json()
        assert told["said"].endswith("; Salesforce cannot be asked right now.")

    @pytest.mark.parametrize("role", ["Back office", "viewer", "nobody"])
    def test_only_who_writes_routes_gets_it(self, role: str) -> None:
        assert asked(role).status_code == 403

    def test_a_link_from_elsewhere_asks_nothing(self, admin_client: Client) -> None:
        place = reverse("admin:callbacks_functionroute_choices")
        assert admin_client.get(place).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(person("superuser"))
        assert strict.post(place, {"target": "Case"}).status_code == 403
