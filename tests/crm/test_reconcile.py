"""The comparison with the org by key: what it costs, how far it looks, when it fails."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from callbacks.models import Callback, FunctionRoute
from crm import keyed, pull, repairs, schema
from crm.client import SalesforceClient
from crm.models import Finding
from crm.models import Org as OrgState
from crm.reconcile import reconcile
from crm.repairs import CannotRepairError
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.comparing import compare, found, lost_case, mend, the_finding
from tests.crm.conversation import a_case, now_is, pull_all, push_all
from tests.factories import UserFactory
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)

Kind = Finding.Kind


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


@pytest.fixture
def petra() -> User:
    return UserFactory.create()


def test_where_both_agree_there_is_nothing_to_find(org: Org, client: SalesforceClient) -> None:
    callbacks_due(5)
    push_all(client)
    run = compare(client)
    assert found() == []
    assert run.error_code == ""
    assert run.counts == {"records": 5, "callbacks": 5}


def test_a_comparison_costs_one_call_for_two_thousand_records(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(20)
    push_all(client)
    calls = org.state()["api_calls"]
    compare(client)
    assert org.state()["api_calls"] - calls == 1


def test_it_goes_on_over_many_pages(
    org: Org, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyed, "PAGE", 2)
    callbacks_due(7)
    push_all(client)
    told: list[int] = []
    compare(client, progress=told.append)
    assert found() == []
    assert told == [2, 2, 2, 1]


def test_a_case_made_long_after_its_callback_came_is_there(
    org: Org, client: SalesforceClient
) -> None:
    a_case(client, received_at=timezone.now() - timedelta(days=30))
    compare(client)
    assert found() == []


def test_a_case_that_is_older_than_the_window_is_asked_for_by_its_key(
    org: Org, client: SalesforceClient
) -> None:
    callback = a_case(client)
    tomorrow = timezone.now() + timedelta(days=3)
    Callback.objects.update(received_at=tomorrow)
    assert reconcile(client, since=tomorrow, chance=lambda: 1.0).counts == {"callbacks": 1}
    assert found() == []
    org.delete(callback.case_id)
    reconcile(client, since=tomorrow, chance=lambda: 1.0)
    assert now_is(callback).case_gone == "deleted"


def test_a_finding_outside_the_window_stays_open(org: Org, client: SalesforceClient) -> None:
    callback = lost_case(client)
    compare(client)
    reconcile(client, since=timezone.now() + timedelta(days=2), chance=lambda: 1.0)
    assert found() == [("missing_there", str(callback.id))]


def test_a_finding_is_seen_again_not_doubled(org: Org, client: SalesforceClient) -> None:
    lost_case(client)
    compare(client)
    first = the_finding()
    compare(client)
    again = the_finding()
    assert (again.pk, again.found_at) == (first.pk, first.found_at)
    assert again.seen_at > first.seen_at


def test_a_repair_is_for_its_own_kind_alone(
    org: Org, client: SalesforceClient, petra: User
) -> None:
    lost_case(client)
    compare(client)
    with pytest.raises(CannotRepairError, match="another kind"):
        mend(client, repairs.take_over, petra)


class TestSeveralKeyFieldsOfOneObject:
    @pytest.fixture(autouse=True)
    def _other_key(self, org: Org) -> None:
        org.add_field("Other_Key__c", type="string", unique=True, external_id=True)
        FunctionRoute.objects.create(
            name="Other", function="OTHER", key_field="Other_Key__c", find_caller_in=""
        )

    def test_a_case_is_missing_only_if_no_key_shows_it(
        self, org: Org, client: SalesforceClient
    ) -> None:
        usual, other = a_case(client), a_case(client, function="OTHER")
        assert [case["Other_Key__c"] for case in org.records("Case")] == [None, str(other.id)]
        run = compare(client)
        assert (run.error_code, run.counts, found()) == ("", {"records": 2, "callbacks": 2}, [])
        for callback in (usual, other):
            org.delete(callback.case_id)
        compare(client)
        assert [now_is(each).case_gone for each in (usual, other)] == ["deleted", "deleted"]

    def test_what_no_key_shows_is_told_once(self, client: SalesforceClient) -> None:
        lost = lost_case(client)
        assert compare(client).counts["missing_there"] == 1
        assert found() == [("missing_there", str(lost.id))]

    def test_of_two_cases_under_two_keys_the_older_one_is_accepted(
        self, org: Org, client: SalesforceClient, petra: User
    ) -> None:
        callback = a_callback()
        older = org.create("Case", Other_Key__c=str(callback.id))
        org.advance(60)
        push_all(client)
        compare(client)
        assert found() == [("doubled_there", str(callback.id))]
        mend(client, repairs.accept_oldest, petra)
        assert now_is(callback).case_id == older["Id"]

    def test_a_key_that_is_hidden_keeps_nothing_up_and_lets_nothing_be_missing(
        self, org: Org, client: SalesforceClient
    ) -> None:
        a_case(client, function="OTHER")
        lost = lost_case(client)
        hidden = {"object": "Case", "field": "Other_Key__c"}
        org.arm({"action": "field_hidden", "params": hidden})
        schema.renewed(client, "Case", deadline=10)
        assert compare(client).error_code == ""
        assert found() == [("missing_there", str(lost.id))]


class TestARunThatFails:
    def test_another_org_is_not_compared(self, org: Org, client: SalesforceClient) -> None:
        a_case(client)
        org.swap()
        run = compare(client)
        assert (run.error_code, found()) == ("ANOTHER_ORG", [])
        assert run.finished_at is not None
        assert OrgState.objects.current().trouble_code == "ANOTHER_ORG"

    def test_after_a_person_confirmed_it_nothing_of_the_one_before_is_missing(
        self, org: Org, client: SalesforceClient
    ) -> None:
        a_case(client)
        org.swap()
        compare(client)
        OrgState.forget_pinned()
        OrgState.note_well()
        after = a_case(client)
        run = compare(client)
        assert (run.error_code, run.counts) == ("", {"records": 1, "callbacks": 1})
        org.delete(after.case_id)
        compare(client)
        assert now_is(after).case_gone == "deleted"

    def test_the_reserve_is_left_to_others(
        self, client: SalesforceClient, settings: Settings
    ) -> None:
        a_case(client)
        settings.SALESFORCE_API_RESERVE = 1.0
        assert compare(client).error_code == "QUOTA_RESERVE"

    def test_what_was_found_before_stays_open(self, org: Org, client: SalesforceClient) -> None:
        callback = lost_case(client)
        compare(client)
        org.arm({"action": "status", "match": {"op": "query"}, "params": {"status": 503}})
        run = compare(client)
        assert run.error_code
        assert found() == [("missing_there", str(callback.id))]

    def test_while_staff_pauses_it_says_so(self, client: SalesforceClient) -> None:
        OrgState.objects.current()
        OrgState.objects.update(paused_at=timezone.now())
        assert compare(client).error_code == "PAUSED"


def test_a_pull_and_a_comparison_agree(org: Org, client: SalesforceClient) -> None:
    callback = a_case(client)
    org.delete(callback.case_id)
    pull_all(client)
    compare(client)
    assert found() == []


def test_what_a_pull_cannot_ask_for_any_more_is_known_the_next_morning(
    org: Org, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "MOST_ASKED_FOR", 0)
    by_mail, lost = org.create("Case", Subject="By mail"), a_case(client)
    org.merge(by_mail["Id"], lost.case_id)
    pull_all(client)
    org.advance(3600)  # the merge lies before the overlap
    org.edit(by_mail["Id"], Status="Closed")
    pull_all(client)
    assert now_is(lost).is_unserved
    compare(client)
    assert (now_is(lost).case_status, lost.is_unserved) == ("Closed", False)
