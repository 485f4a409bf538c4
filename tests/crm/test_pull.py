"""The way back, against a simulated org: what agents do with our Cases is known here."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from callbacks.models import Callback, FunctionRoute
from crm import keyed
from crm.client import SalesforceClient
from crm.models import Finding
from crm.models import Org as OrgState
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.conversation import KEY, a_case, case_by_hand, named, now_is, pull_all, push_all
from tests.orgsim.process import Org

REQUEST = "Callback_Request__c"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


def test_closing_a_case_serves_the_caller(org: Org, client: SalesforceClient) -> None:
    callback = a_case(client)
    org.edit(callback.case_id, Status="Closed")
    assert pull_all(client) == 1
    assert now_is(callback).case_status == "Closed"
    assert callback.case_closed_at is not None
    assert not callback.is_unserved


def test_reopening_it_makes_the_caller_wait_again(org: Org, client: SalesforceClient) -> None:
    callback = a_case(client)
    org.edit(callback.case_id, Status="Closed")
    pull_all(client)
    org.edit(callback.case_id, Status="Working")
    pull_all(client)
    assert now_is(callback).case_closed_at is None
    assert callback.is_unserved


def test_the_owner_is_known_by_name_person_or_queue(org: Org, client: SalesforceClient) -> None:
    callback = a_case(client)
    for kind in ("User", "Group"):
        owner = org.records(kind)[-1]
        org.edit(callback.case_id, OwnerId=owner["Id"])
        pull_all(client)
        assert now_is(callback).case_owner == owner["Name"]


def test_what_stands_as_before_is_not_written(org: Org, client: SalesforceClient) -> None:
    callbacks_due(3)
    push_all(client)
    pull_all(client)
    assert pull_all(client) == 0


def test_a_pull_costs_one_call(org: Org, client: SalesforceClient) -> None:
    callbacks_due(5)
    push_all(client)
    calls = org.state()["api_calls"]
    pull_all(client)
    assert org.state()["api_calls"] - calls == 1


def test_a_deleted_case_is_gone_and_back_when_another_takes_its_key(
    org: Org, client: SalesforceClient
) -> None:
    callback = a_case(client)
    org.delete(callback.case_id)
    pull_all(client)
    assert now_is(callback).case_gone == Callback.Gone.DELETED
    assert not callback.is_unserved
    restored = case_by_hand(org, callback.id)
    pull_all(client)
    assert (now_is(callback).case_id, callback.case_gone) == (restored["Id"], "")


class TestAMerge:
    """Two callers' Cases become one; the callback of the lost one follows the other."""

    def test_it_leads_to_the_case_that_was_kept(self, org: Org, client: SalesforceClient) -> None:
        kept, lost = a_case(client), a_case(client)
        org.merge(kept.case_id, lost.case_id)
        pull_all(client)
        assert now_is(lost).case_gone == Callback.Gone.MERGED
        assert (lost.case_id, lost.case_number) == (kept.case_id, kept.case_number)
        assert lost.case_url == kept.case_url
        assert now_is(kept).case_gone == Callback.Gone.NOT

    def test_both_are_served_when_it_is_closed(self, org: Org, client: SalesforceClient) -> None:
        kept, lost = a_case(client), a_case(client)
        org.merge(kept.case_id, lost.case_id)
        pull_all(client)
        org.edit(kept.case_id, Status="Closed")
        pull_all(client)
        assert [now_is(c).is_unserved for c in (kept, lost)] == [False, False]

    def test_a_case_without_a_key_of_ours_is_followed(
        self, org: Org, client: SalesforceClient
    ) -> None:
        by_mail, lost = org.create("Case", Subject="By mail"), a_case(client)
        org.merge(by_mail["Id"], lost.case_id)
        pull_all(client)
        org.advance(3600)  # the merge lies before the overlap
        org.edit(by_mail["Id"], Status="Closed")
        pull_all(client)
        assert now_is(lost).case_number == by_mail["CaseNumber"]
        assert not lost.is_unserved

    def test_deleting_what_was_kept_ends_it(self, org: Org, client: SalesforceClient) -> None:
        kept, lost = a_case(client), a_case(client)
        org.merge(kept.case_id, lost.case_id)
        pull_all(client)
        org.delete(kept.case_id)
        pull_all(client)
        assert {now_is(c).case_gone for c in (kept, lost)} == {Callback.Gone.DELETED}


class TestACaseThatNobodyKnewOf:
    """A row says that there is no Case, and there is one: the Case is right."""

    @pytest.mark.parametrize("status", ["pending", "held", "failed", "dismissed"])
    def test_it_settles_its_callback(self, org: Org, client: SalesforceClient, status: str) -> None:
        a_case(client)
        late = a_callback(status=status)
        case = case_by_hand(org, late.id)
        pull_all(client)
        assert now_is(late).status == Callback.Status.SYNCED
        assert (late.case_id, late.case_object) == (case["Id"], "Case")

    @pytest.mark.parametrize(("status", "findings"), [("failed", 1), ("dismissed", 1), ("held", 0)])
    def test_staff_is_told_where_somebody_had_decided_otherwise(
        self, org: Org, client: SalesforceClient, status: str, findings: int
    ) -> None:
        a_case(client)
        late = a_callback(status=status)
        case = case_by_hand(org, late.id)
        pull_all(client)
        told = list(Finding.objects.values_list("kind", "subject", "detail"))
        detail = {"cases": [named(client, case)], "was": status, "settled": True}
        assert told == [("settled", str(late.id), detail)] * findings

    def test_one_in_the_recycle_bin_is_not_made_again(
        self, org: Org, client: SalesforceClient
    ) -> None:
        a_case(client)
        late = a_callback(due_at=timezone.now() + timedelta(hours=1))
        org.delete(case_by_hand(org, late.id)["Id"])
        pull_all(client)
        assert (now_is(late).status, late.case_gone) == ("synced", "deleted")

    def test_many_at_once_are_left_to_a_person(self, org: Org, client: SalesforceClient) -> None:
        a_case(client)
        for _ in range(21):
            case_by_hand(org, a_callback(status="failed").id)
        pull_all(client)
        assert Callback.objects.failed().count() == 21
        assert Finding.objects.filter(kind="settled", detail__settled=False).count() == 21


def test_a_double_does_not_take_over_the_callback(org: Org, client: SalesforceClient) -> None:
    callback = a_case(client)
    org.advance(3600)
    a_case(client)
    pull_all(client)  # from now on the double alone is new
    org.change_field(KEY, unique=False)
    double = case_by_hand(org, callback.id)
    org.edit(double["Id"], Status="Closed")
    pull_all(client)
    assert now_is(callback).case_number != double["CaseNumber"]
    assert callback.is_unserved


def test_somebody_elses_text_in_our_field_means_nothing(org: Org, client: SalesforceClient) -> None:
    a_case(client)
    case_by_hand(org, "by hand, see Petra")
    case_by_hand(org, "{12345678-1234-5678-1234-567812345678}")
    pull_all(client)
    assert Callback.objects.count() == 1


class TestTheCursor:
    """It goes by the org's clock, overlaps, and passes any number of equal times."""

    def test_pages_go_on_within_one_second(
        self, org: Org, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keyed, "PAGE", 2)
        callbacks_due(7)
        push_all(client)
        for case in org.records("Case"):
            org.edit(case["Id"], Status="Closed")
        calls = org.state()["api_calls"]
        assert pull_all(client) == 7
        assert org.state()["api_calls"] - calls == 4

    def test_only_what_is_new_is_asked_for(self, org: Org, client: SalesforceClient) -> None:
        callbacks_due(3)
        push_all(client)
        org.advance(3600)
        new = a_case(client)
        pull_all(client)
        Callback.objects.update(case_owner="Nobody")
        assert pull_all(client) == 1
        assert now_is(new).case_owner != "Nobody"

    def test_a_change_that_shows_up_late_is_seen(self, org: Org, client: SalesforceClient) -> None:
        late, early = a_case(client), a_case(client)
        org.edit(late.case_id, Status="Closed")
        org.advance(200)
        org.edit(early.case_id, Status="Closed")
        pull_all(client)
        Callback.objects.filter(id=late.id).update(case_closed_at=None)  # as if it had not shown
        pull_all(client)
        assert not now_is(late).is_unserved

    @pytest.mark.parametrize("hours", [20, 1000])
    def test_an_org_whose_clock_is_ahead(
        self, org: Org, client: SalesforceClient, hours: int
    ) -> None:
        org.advance(hours * 3600)
        callback = a_case(client)
        pull_all(client)
        org.edit(callback.case_id, Status="Closed")
        pull_all(client)
        assert not now_is(callback).is_unserved

    def test_an_org_whose_clock_is_behind(self, org: Org, client: SalesforceClient) -> None:
        callback = a_case(client, received_at=timezone.now() + timedelta(hours=20))
        org.edit(callback.case_id, Status="Closed")
        pull_all(client)
        assert not now_is(callback).is_unserved

    def test_it_begins_anew_with_another_org(self, client: SalesforceClient) -> None:
        a_case(client)
        pull_all(client)
        assert OrgState.objects.current().pulled_until
        OrgState.forget_pinned()
        assert OrgState.objects.current().pulled_until == {}


class TestItDoesNotAsk:
    """The way back can wait; nobody pays for it in calls."""

    @pytest.fixture(autouse=True)
    def synced(self, client: SalesforceClient) -> Callback:
        return a_case(client)

    def asked(self, org: Org, client: SalesforceClient) -> int:
        calls = len(org.log())
        pull_all(client)
        return len(org.log()) - calls

    def test_before_anything_was_synced(self, org: Org, client: SalesforceClient) -> None:
        Callback.objects.update(status="pending")
        assert self.asked(org, client) == 0

    def test_while_the_org_is_in_trouble(self, org: Org, client: SalesforceClient) -> None:
        OrgState.objects.update(retry_at=timezone.now())
        assert self.asked(org, client) == 0

    def test_while_staff_pauses(self, org: Org, client: SalesforceClient) -> None:
        OrgState.objects.update(paused_at=timezone.now())
        assert self.asked(org, client) == 0

    def test_at_the_reserve(self, org: Org, client: SalesforceClient, settings: Settings) -> None:
        settings.SALESFORCE_API_RESERVE = 1.0
        assert self.asked(org, client) == 0
        assert OrgState.objects.current().trouble_code == "QUOTA_RESERVE"

    def test_another_org(self, org: Org, client: SalesforceClient) -> None:
        OrgState.objects.update(org_id="00D000000000000AAA")
        assert self.asked(org, client) == 0
        assert OrgState.objects.current().trouble_code == "ANOTHER_ORG"


def a_request(client: SalesforceClient) -> Callback:
    """A callback that became something else than a Case."""
    route = FunctionRoute.objects.create(name="Requests", function="REQUEST", target=REQUEST)
    route.mappings.create(field="Name", template="Call {{ caller_text }}")
    return a_case(client, function="REQUEST")


def test_other_objects_are_pulled_as_well_and_keep_their_name(
    org: Org, client: SalesforceClient
) -> None:
    callback = a_request(client)
    name = callback.case_number
    assert (callback.status, callback.case_object, bool(name)) == ("synced", REQUEST, True)
    pull_all(client)
    assert (now_is(callback).case_number, callback.case_gone) == (name, "")
    assert f"/{REQUEST}/" in callback.case_url
    org.delete(callback.case_id)
    pull_all(client)
    assert now_is(callback).case_gone == "deleted"


def test_what_the_org_never_described_is_not_asked_for(org: Org, client: SalesforceClient) -> None:
    FunctionRoute.objects.create(name="Odd", function="ODD", target="No_Such__c")
    a_case(client)
    calls = org.state()["api_calls"]
    pull_all(client)
    assert org.state()["api_calls"] - calls == 1


def test_a_refused_query_is_no_trouble_of_the_org(org: Org, client: SalesforceClient) -> None:
    callback, _other = a_case(client), a_request(client)
    org.arm({"action": "object_hidden", "params": {"object": REQUEST}})
    org.edit(callback.case_id, Status="Closed")
    assert pull_all(client) == 1
    assert OrgState.objects.current().retry_at is None
