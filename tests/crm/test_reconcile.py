"""The comparison with the org by key: each kind of finding, and its repair."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from callbacks.models import Callback, FunctionRoute
from crm import keyed, repairs
from crm.client import SalesforceClient
from crm.findings import Repair
from crm.models import Finding, ReconciliationRun
from crm.models import Org as OrgState
from crm.reconcile import reconcile
from crm.repairs import CannotRepairError
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.conversation import KEY, a_case, case_by_hand, named, now_is, pull_all, push_all
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


def compare(client: SalesforceClient, **options: Any) -> ReconciliationRun:
    since = timezone.now() - timedelta(days=7)
    return reconcile(client, since=since, chance=lambda: 1.0, **options)


def found() -> list[tuple[str, str]]:
    """The open findings."""
    return sorted(Finding.objects.filter(mended_at=None).values_list("kind", "subject"))


def the_finding() -> Finding:
    return Finding.objects.get(mended_at=None)


def mend(client: SalesforceClient, how: repairs.Mend, by: User) -> Repair:
    return repairs.repair(how, client, the_finding(), by=by, now=timezone.now())


def lost_case(client: SalesforceClient) -> Callback:
    """Synced, but the org has never heard of it."""
    callback = a_case(client)
    return a_callback(
        status="synced",
        case_object="Case",
        case_id="500000000000001AAA",
        case_number="00000001",
        service_number=callback.service_number,
    )


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


class TestMissingThere:
    def test_it_is_found(self, client: SalesforceClient) -> None:
        callback = lost_case(client)
        compare(client)
        assert found() == [("missing_there", str(callback.id))]
        assert the_finding().detail["cases"][0]["name"] == "00000001"

    def test_what_was_deleted_or_merged_is_noted_and_not_missing(
        self, org: Org, client: SalesforceClient
    ) -> None:
        deleted, kept, lost = a_case(client), a_case(client), a_case(client)
        org.delete(deleted.case_id)
        org.merge(kept.case_id, lost.case_id)
        compare(client)
        assert found() == []
        assert [now_is(c).case_gone for c in (deleted, kept, lost)] == ["deleted", "", "merged"]

    def test_it_is_made_again_under_the_same_key(
        self, org: Org, client: SalesforceClient, petra: User
    ) -> None:
        callback = lost_case(client)
        compare(client)
        assert mend(client, repairs.make_again, petra) == Repair.MADE_AGAIN
        assert (now_is(callback).status, callback.case_number) == ("pending", "")
        push_all(client)
        assert now_is(callback).status == "synced"
        assert str(callback.id) in {case[KEY] for case in org.records()}
        compare(client)
        assert found() == []

    def test_nobody_makes_again_what_somebody_deleted_meanwhile(
        self, org: Org, client: SalesforceClient, petra: User
    ) -> None:
        callback = lost_case(client)
        compare(client)
        org.delete(case_by_hand(org, callback.id)["Id"])
        Callback.objects.filter(id=callback.id).update(case_id=org_id_of_deleted(client, callback))
        with pytest.raises(CannotRepairError, match="deleted or merged"):
            mend(client, repairs.make_again, petra)
        assert (now_is(callback).status, callback.case_gone) == ("synced", "deleted")

    def test_nothing_is_made_if_it_is_there_after_all(
        self, org: Org, client: SalesforceClient, petra: User
    ) -> None:
        callback = lost_case(client)
        compare(client)
        case_by_hand(org, callback.id)
        assert mend(client, repairs.make_again, petra) == Repair.BY_ITSELF
        assert now_is(callback).status == "synced"

    def test_what_was_erased_is_not_made_again(self, client: SalesforceClient, petra: User) -> None:
        callback = lost_case(client)
        compare(client)
        Callback.objects.filter(id=callback.id).update(erased_at=timezone.now())
        with pytest.raises(CannotRepairError, match="erased"):
            mend(client, repairs.make_again, petra)
        assert found() == [("missing_there", str(callback.id))]

    def test_another_org_is_not_asked(self, client: SalesforceClient, petra: User) -> None:
        callback = lost_case(client)
        compare(client)
        OrgState.objects.update(org_id="00D000000000000AAA")
        with pytest.raises(Exception, match="ANOTHER_ORG"):
            mend(client, repairs.make_again, petra)
        assert now_is(callback).status == "synced"


def org_id_of_deleted(client: SalesforceClient, callback: Callback) -> str:
    [record] = client.query(f"SELECT Id FROM Case WHERE {KEY} = '{callback.id}'", deleted=True)
    return str(record["Id"])


class TestDoubledThere:
    @pytest.fixture
    def doubled(self, org: Org, client: SalesforceClient) -> Callback:
        callback = a_case(client)
        org.change_field(KEY, unique=False)
        org.advance(60)
        case_by_hand(org, callback.id)
        return callback

    def test_it_is_found_with_its_numbers_the_oldest_first(
        self, org: Org, client: SalesforceClient, doubled: Callback
    ) -> None:
        compare(client)
        assert found() == [("doubled_there", str(doubled.id))]
        first, second = org.records()
        assert the_finding().detail["cases"] == [named(client, first), named(client, second)]

    def test_it_closes_when_they_are_merged(
        self, org: Org, client: SalesforceClient, doubled: Callback
    ) -> None:
        compare(client)
        first, second = org.records()
        org.merge(first["Id"], second["Id"])
        compare(client)
        assert found() == []
        assert Finding.objects.get().repair == Repair.BY_ITSELF
        assert now_is(doubled).case_gone == ""

    def test_accepting_leaves_the_oldest_to_us_and_is_not_asked_twice(
        self, org: Org, client: SalesforceClient, doubled: Callback, petra: User
    ) -> None:
        first, second = org.records()
        Callback.objects.update(case_id=second["Id"], case_number=second["CaseNumber"])
        compare(client)
        assert mend(client, repairs.accept_oldest, petra) == Repair.ACCEPTED
        assert now_is(doubled).case_number == first["CaseNumber"]
        compare(client)
        assert found() == []

    def test_a_third_one_is_told_again(
        self, org: Org, client: SalesforceClient, doubled: Callback, petra: User
    ) -> None:
        compare(client)
        mend(client, repairs.accept_oldest, petra)
        case_by_hand(org, doubled.id)
        compare(client)
        assert found() == [("doubled_there", str(doubled.id))]


class TestUnknownHere:
    STRANGER = "b0a5f2a4-6b0e-4df6-93a5-0d1d6c8a51c2"

    @pytest.fixture
    def stranger(self, org: Org, client: SalesforceClient) -> dict[str, Any]:
        a_case(client)
        return case_by_hand(org, self.STRANGER, Subject="From a restored backup")

    def test_it_is_found(self, client: SalesforceClient, stranger: dict[str, Any]) -> None:
        compare(client)
        assert found() == [("unknown_here", self.STRANGER)]
        assert the_finding().detail == {"cases": [named(client, stranger)]}

    def test_somebody_elses_text_in_our_field_is_none(
        self, org: Org, client: SalesforceClient
    ) -> None:
        case_by_hand(org, "by hand")
        compare(client)
        assert found() == []

    def test_it_is_taken_over_as_synced(
        self, org: Org, client: SalesforceClient, stranger: dict[str, Any], petra: User
    ) -> None:
        org.edit(stranger["Id"], Status="Closed")
        compare(client)
        assert mend(client, repairs.take_over, petra) == Repair.TAKEN_OVER
        taken = Callback.objects.get(id=self.STRANGER)
        assert (taken.status, taken.case_id) == ("synced", stranger["Id"])
        assert taken.case_number == stranger["CaseNumber"]
        assert not taken.is_unserved
        compare(client)
        assert found() == []

    @pytest.mark.usefixtures("stranger")
    def test_it_is_ignored_for_good(self, client: SalesforceClient, petra: User) -> None:
        compare(client)
        assert mend(client, repairs.ignore, petra) == Repair.IGNORED
        compare(client)
        assert found() == []

    def test_it_closes_when_it_is_deleted(
        self, org: Org, client: SalesforceClient, stranger: dict[str, Any]
    ) -> None:
        compare(client)
        org.delete(stranger["Id"])
        compare(client)
        assert found() == []


class TestSettled:
    def late(self, org: Org, count: int, status: str = "failed") -> list[Callback]:
        """Callbacks that failed, and whose Case is in the org nevertheless."""
        rows = [a_callback(status=status) for _ in range(count)]
        for row in rows:
            case_by_hand(org, row.id)
        return rows

    def test_it_settles_by_itself_and_stays_until_it_is_noted(
        self, org: Org, client: SalesforceClient, petra: User
    ) -> None:
        [row] = self.late(org, 1)
        run = compare(client)
        assert now_is(row).status == "synced"
        assert run.counts["settled"] == 1
        compare(client)
        assert found() == [("settled", str(row.id))]
        assert mend(client, repairs.note, petra) == Repair.NOTED
        compare(client)
        assert found() == []

    def test_more_than_twenty_wait_for_a_person(self, org: Org, client: SalesforceClient) -> None:
        self.late(org, 21)
        run = compare(client)
        assert Callback.objects.failed().count() == 21
        assert "settled" not in run.counts
        assert len(found()) == 21

    def test_a_person_settles_them_one_by_one(
        self, org: Org, client: SalesforceClient, petra: User
    ) -> None:
        self.late(org, 21)
        compare(client)
        one = Finding.objects.all()[0]
        repairs.repair(repairs.note, client, one, by=petra, now=timezone.now())
        assert Callback.objects.get(id=one.subject).status == "synced"
        assert Callback.objects.failed().count() == 20

    def test_a_person_lets_all_of_them_be_settled(self, org: Org, client: SalesforceClient) -> None:
        self.late(org, 21)
        compare(client)
        compare(client, most_settled=21)
        assert Callback.objects.filter(status="synced").count() == 21
        assert not Finding.objects.filter(detail__settled=False).exists()


class TestInvisible:
    def test_cases_that_our_user_cannot_see_are_one_finding_and_not_missing(
        self, org: Org, client: SalesforceClient
    ) -> None:
        owner = org.records("Group")[0]["Id"]
        owned = FunctionRoute.objects.create(name="Owned", function="OWNED")
        owned.mappings.create(field="OwnerId", template=owner)
        callbacks = [a_callback(function="OWNED") for _ in range(3)]
        org.arm({"action": "private_sharing", "params": {"object": "Case"}})
        push_all(client)
        compare(client)
        assert found() == [("invisible", "Case")]
        assert the_finding().detail == {"callbacks": 3}
        org.clear()
        compare(client)
        assert found() == []
        assert {now_is(c).status for c in callbacks} == {"synced"}


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
