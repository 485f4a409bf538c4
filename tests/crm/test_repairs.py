"""Each kind of finding that a comparison makes, and its repair."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.utils import timezone

from callbacks.models import Callback, FunctionRoute, StaffAction
from crm import repairs
from crm.client import SalesforceClient
from crm.findings import Repair
from crm.models import Finding
from crm.models import Org as OrgState
from crm.repairs import CannotRepairError
from tests.callbacks.cast import a_callback
from tests.crm.comparing import compare, found, lost_case, mend, the_finding
from tests.crm.conversation import KEY, a_case, case_by_hand, named, now_is, push_all
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


class TestAllOrNothing:
    """What changes here, the finding and the line in the log."""

    @pytest.fixture
    def lost(self, client: SalesforceClient) -> Callback:
        callback = lost_case(client)
        compare(client)
        return callback

    def test_it_is_written_down(
        self, lost: Callback, client: SalesforceClient, petra: User
    ) -> None:
        mend(client, repairs.make_again, petra)
        deed = StaffAction.objects.get()
        assert (deed.verb, deed.callback_id, deed.person) == ("mended", lost.id, petra)

    def test_nothing_is_sent_if_it_cannot_be_written_down(
        self, lost: Callback, client: SalesforceClient, petra: User
    ) -> None:
        User.objects.all().delete()
        with pytest.raises(IntegrityError):
            mend(client, repairs.make_again, petra)
        assert now_is(lost).status == "synced"
        assert found() == [("missing_there", str(lost.id))]

    def test_whoever_comes_second_changes_nothing(
        self, lost: Callback, client: SalesforceClient, petra: User
    ) -> None:
        finding = the_finding()
        mend(client, repairs.ignore, petra)
        with pytest.raises(CannotRepairError):
            repairs.repair(repairs.make_again, client, finding, by=petra, now=timezone.now())
        assert now_is(lost).status == "synced"
        assert StaffAction.objects.count() == 1


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
