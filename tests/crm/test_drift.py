"""What changes in the org's fields is told before a record is refused for it, and once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from callbacks.models import FunctionRoute
from crm import drift, findings
from crm.client import SalesforceClient
from crm.models import Finding
from crm.models import Org as OrgState
from tests.crm.conversation import KEY
from tests.factories import UserFactory
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    route, _ = FunctionRoute.objects.get_or_create(service_number=None, function="")
    route.name = "Everything"
    route.save()
    return route


@pytest.fixture
def hotline() -> FunctionRoute:
    return FunctionRoute.objects.create(name="Hotline", function="HOTLINE")


def watch(client: SalesforceClient, *, days: int = 0) -> int:
    now = timezone.now() + timedelta(days=days)
    return drift.watch(client, chance=lambda: 1.0, now=now)


def told() -> list[tuple[str, str]]:
    """The open findings."""
    return sorted(Finding.objects.filter(mended_at=None).values_list("kind", "subject"))


def faults() -> list[dict[str, Any]]:
    return list(Finding.objects.get(mended_at=None).detail["faults"])


def test_a_sound_org_has_nothing_to_tell(org: Org, client: SalesforceClient) -> None:
    calls = org.state()["api_calls"]
    assert watch(client) == 0
    assert told() == []
    assert org.state()["api_calls"] - calls == 1


def test_a_field_that_vanished_is_told_until_it_is_back(org: Org, client: SalesforceClient) -> None:
    watch(client)
    org.remove_field("Jtel_Requested_At__c")
    for _ in range(2):
        watch(client)
        assert told() == [("field_vanished", "Case.Jtel_Requested_At__c")]
    assert faults() == [{"why": "field", "routes": ["Everything"]}]
    org.add_field("Jtel_Requested_At__c", type="datetime")
    watch(client)
    assert told() == []
    assert Finding.objects.get().repair == findings.Repair.BY_ITSELF


def test_a_field_that_is_hidden_from_our_user_has_vanished(
    org: Org, client: SalesforceClient
) -> None:
    org.arm({"action": "field_hidden", "params": {"field": "SuppliedPhone", "object": "Case"}})
    watch(client)
    assert told() == [("field_vanished", "Case.SuppliedPhone")]


def test_a_field_that_shrank_is_told_with_both_lengths(org: Org, client: SalesforceClient) -> None:
    watch(client)
    org.change_field("Subject", length=80)
    watch(client)
    watch(client)
    assert told() == [("field_shrank", "Case.Subject")]
    assert faults() == [{"why": "length", "routes": ["Everything"], "was": 255, "is": 80}]
    org.change_field("Subject", length=255)
    watch(client)
    assert told() == []


def test_a_field_that_grew_is_fine(org: Org, client: SalesforceClient) -> None:
    org.change_field("Subject", length=80)
    watch(client)
    org.change_field("Subject", length=255)
    watch(client)
    assert told() == []


@pytest.mark.parametrize(
    ("change", "kind", "why"),
    [
        ({"unique": False}, "field_changed", "not_unique"),
        ({"length": 20}, "field_shrank", "key"),
        ({"createable": False}, "field_changed", "read_only"),
    ],
)
def test_the_key_field_has_to_keep_its_promise(
    org: Org, client: SalesforceClient, change: dict[str, Any], kind: str, why: str
) -> None:
    org.change_field(KEY, **change)
    watch(client)
    assert told() == [(kind, f"Case.{KEY}")]
    assert [fault["why"] for fault in faults()] == [why]


def test_a_field_that_became_required_names_the_routes_that_do_not_fill_it(
    org: Org, client: SalesforceClient, hotline: FunctionRoute
) -> None:
    hotline.mappings.create(field="Reason", template="Feedback")
    org.change_field("Reason", required=True)
    watch(client)
    assert told() == [("field_required", "Case.Reason")]
    assert faults() == [{"why": "required", "routes": ["Everything"]}]
    hotline.mappings.all().delete()
    watch(client)
    assert faults() == [{"why": "required", "routes": ["Everything", "Hotline"]}]


def test_a_field_of_another_type_is_told(org: Org, client: SalesforceClient) -> None:
    watch(client)
    org.change_field("Jtel_Requested_At__c", type="date")
    watch(client)
    assert told() == [("field_changed", "Case.Jtel_Requested_At__c")]
    assert faults() == [{"why": "type", "routes": ["Everything"], "was": "datetime", "is": "date"}]


def test_a_lost_value_of_a_picklist_is_told_where_a_route_names_it(
    org: Org, client: SalesforceClient, hotline: FunctionRoute
) -> None:
    hotline.mappings.create(field="Type", template="Electrical")
    org.change_field("Type", picklist=["Mechanical"], restricted=True)
    watch(client)
    assert told() == [("field_changed", "Case.Type")]
    [fault] = faults()
    assert (fault["why"], fault["value"], fault["restricted"]) == ("value", "Electrical", True)
    hotline.enabled = False
    hotline.save()
    watch(client)
    assert told() == []


def test_a_default_that_the_org_does_not_offer_is_left_out_and_no_fault(
    org: Org, client: SalesforceClient
) -> None:
    org.change_field("Priority", picklist=["Urgent"], restricted=True)
    watch(client)
    assert told() == []
    org.change_field("Priority", required=True)
    watch(client)
    assert told() == [("field_required", "Case.Priority")]


class TestAnOwner:
    def owned_by(self, route: FunctionRoute, owner: str) -> None:
        route.owner = owner
        route.save()

    def test_a_queue_by_its_id_or_name_is_known(
        self, org: Org, client: SalesforceClient, hotline: FunctionRoute
    ) -> None:
        queue = org.records("Group")[0]
        for owner in (queue["Id"], queue["Id"][:15], queue["DeveloperName"]):
            self.owned_by(hotline, owner)
            watch(client)
            assert told() == []

    def test_an_active_user_is_known(
        self, org: Org, client: SalesforceClient, hotline: FunctionRoute
    ) -> None:
        self.owned_by(hotline, org.records("User")[0]["Id"])
        watch(client)
        assert told() == []

    @pytest.mark.parametrize(
        "owner", ["No_Such_Queue", "00G000000000000AAA", "005000000000000AAA", "O'Brien"]
    )
    def test_whoever_is_gone_is_told(
        self, client: SalesforceClient, hotline: FunctionRoute, owner: str
    ) -> None:
        self.owned_by(hotline, owner)
        watch(client)
        assert told() == [("field_changed", "Case.OwnerId")]
        assert faults() == [{"why": "owner", "routes": ["Hotline"], "value": owner}]

    def test_a_mapping_may_name_it_as_well(
        self, client: SalesforceClient, hotline: FunctionRoute
    ) -> None:
        hotline.mappings.create(field="ownerid", template="00G000000000000AAA")
        watch(client)
        assert told() == [("field_changed", "Case.OwnerId")]


def test_a_record_type_that_our_user_may_not_use_is_told(
    org: Org, client: SalesforceClient, hotline: FunctionRoute
) -> None:
    for record_type in org.records("RecordType"):
        hotline.record_type = record_type["DeveloperName"]
        hotline.save()
        watch(client)
        usable = client.describe("Case").record_types
        assert bool(told()) is (record_type["DeveloperName"] not in usable)


def test_an_object_that_is_gone_is_told(client: SalesforceClient, hotline: FunctionRoute) -> None:
    hotline.target = "No_Such__c"
    hotline.save()
    watch(client)
    assert told() == [("field_vanished", "No_Such__c")]
    assert faults() == [{"why": "object", "routes": ["Hotline"]}]


def test_other_objects_are_watched_as_well(
    org: Org, client: SalesforceClient, hotline: FunctionRoute
) -> None:
    hotline.target, hotline.key_field = "Callback_Request__c", "No_Such_Field__c"
    hotline.save()
    watch(client)
    assert ("field_vanished", "Callback_Request__c.No_Such_Field__c") in told()


class TestWhatAPersonNoted:
    @pytest.fixture(autouse=True)
    def _noted(self, org: Org, client: SalesforceClient) -> None:
        watch(client)
        org.change_field("Subject", length=80)
        watch(client)
        finding = Finding.objects.get()
        findings.close(finding, findings.Repair.NOTED, by=UserFactory.create(), now=timezone.now())

    def test_is_not_told_again(self, client: SalesforceClient) -> None:
        watch(client)
        watch(client, days=2)
        watch(client, days=4)
        assert told() == []

    def test_is_told_again_when_it_gets_worse(self, org: Org, client: SalesforceClient) -> None:
        org.change_field("Subject", length=40)
        watch(client)
        assert told() == [("field_shrank", "Case.Subject")]

    def test_is_told_again_after_it_was_right_for_a_while(
        self, org: Org, client: SalesforceClient
    ) -> None:
        org.change_field("Subject", length=255)
        watch(client)
        org.change_field("Subject", length=80)
        watch(client, days=4)
        assert told() == [("field_shrank", "Case.Subject")]


def test_it_does_not_ask_while_the_conversation_pauses(org: Org, client: SalesforceClient) -> None:
    OrgState.objects.current()
    OrgState.objects.update(paused_at=timezone.now())
    calls = len(org.log())
    assert watch(client) == 0
    assert len(org.log()) == calls


def test_an_org_that_does_not_answer_closes_nothing(org: Org, client: SalesforceClient) -> None:
    org.remove_field("Jtel_Requested_At__c")
    watch(client)
    org.arm({"action": "status", "match": {"op": "describe"}, "params": {"status": 503}})
    watch(client)
    assert told() == [("field_vanished", "Case.Jtel_Requested_At__c")]
