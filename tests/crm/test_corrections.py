"""What Salesforce refused is corrected by a person: in the record that is sent, not in the facts."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callbacks import corrections, retention
from callbacks.corrections import Part, Record
from callbacks.models import Callback, Correction, FieldMapping, FunctionRoute, StaffAction
from crm.client import SalesforceClient
from crm.dry_run import Verdict, dry_run
from crm.signature import fields_in
from crm.trials import trial_of
from tests.callbacks.cast import a_callback
from tests.crm.asking import enter_contact
from tests.crm.pushing import push
from tests.factories import UserFactory
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    FunctionRoute.objects.all().delete()
    route = FunctionRoute.objects.create(name="All", find_caller_in="")
    FieldMapping.objects.create(route=route, field="Priority", template="{{ user_data }}")
    return route


def refused(client: SalesforceClient, **facts: object) -> Callback:
    """One whose caller said what is in no list of Salesforce."""
    callback = a_callback(**({"payload": {"UserData": "Urgent"}} | facts))
    push(client)
    callback.refresh_from_db()
    assert callback.status == "failed"
    return callback


def part(record: Record, name: str) -> Part:
    return next(part for part in record.parts if part.name == name)


def corrected(callback: Callback, *, resend: bool = True, **values: str) -> bool:
    record = corrections.record_of(callback)
    before = {part.name: part.value for part in record.parts}
    changes = {name: (before.get(name, ""), text) for name, text in values.items()}
    return corrections.correct(callback, changes, by=UserFactory.create(), resend=resend)


def case(org: Org) -> dict[str, object]:
    [made] = org.records("Case")
    return dict(made)


class TestTheRecord:
    def test_what_salesforce_named_comes_first(self, client: SalesforceClient) -> None:
        record = corrections.record_of(refused(client))
        first = record.parts[0]
        assert (first.name, first.label, first.original, first.is_named) == (
            "Priority",
            "Priority",
            "Urgent",
            True,
        )
        assert "High" in first.choices
        assert not any(part.is_named for part in record.parts[1:])

    def test_it_has_what_the_route_fills_and_not_the_key(self, client: SalesforceClient) -> None:
        record = corrections.record_of(refused(client))
        names = {part.name for part in record.parts}
        assert {"Subject", "Description", "Origin", "SuppliedPhone"} <= names
        assert "Jtel_Callback_ID__c" not in names
        assert part(record, "Subject").original == "Callback for Hotline: +49 89 555010"
        assert part(record, "Subject").length == 255
        assert part(record, "Description").is_long

    def test_a_field_that_salesforce_misses_is_there_empty(self, client: SalesforceClient) -> None:
        callback = refused(client)
        Callback.objects.update(
            failure_signature="REQUIRED_FIELD_MISSING Reason Required fields are missing: […]"
        )
        callback.refresh_from_db()
        reason = corrections.record_of(callback).parts[0]
        assert (reason.name, reason.original, reason.is_named) == ("Reason", "", True)

    def test_the_caller_is_looked_up_as_before_sending(
        self, client: SalesforceClient, org: Org
    ) -> None:
        contact = enter_contact(org, "Meier")
        FunctionRoute.objects.update(find_caller_in="Contact")
        record = corrections.record_of(refused(client))
        assert part(record, "ContactId").original == contact

    def test_a_route_that_cannot_be_used_is_the_problem(
        self, client: SalesforceClient, route: FunctionRoute
    ) -> None:
        callback = refused(client)
        FieldMapping.objects.create(route=route, field="Nonsense__c", template="x")
        record = corrections.record_of(callback)
        assert (record.parts, record.route) == ((), route)
        assert "does not exist in Salesforce" in record.problem

    def test_without_a_route_there_is_none(self, client: SalesforceClient) -> None:
        callback = refused(client)
        FunctionRoute.objects.update(enabled=False)
        assert corrections.record_of(callback).problem == "No route sends this callback."


class TestChecking:
    def test_what_is_in_no_list_is_refused(self, client: SalesforceClient) -> None:
        callback = refused(client)
        wrong = corrections.misfits(callback, {"Priority": "Later", "Subject": "Fine"})
        assert list(wrong) == ["Priority"]
        assert "“Later” is not in the list of the field" in wrong["Priority"]

    def test_what_is_too_long_is_not_cut(self, client: SalesforceClient) -> None:
        callback = refused(client)
        assert corrections.misfits(callback, {"Subject": "x" * 255}) == {}
        wrong = corrections.misfits(callback, {"Subject": "x" * 256 + "😀"})
        assert wrong == {"Subject": "3 characters too long."}

    @pytest.mark.parametrize("field", ["Jtel_Callback_ID__c", "id", "Nonsense__c", "CaseNumber"])
    def test_other_fields_are_not_ours(self, field: str, client: SalesforceClient) -> None:
        assert corrections.misfits(refused(client), {field: "x"})

    def test_an_empty_value_fits_everywhere(self, client: SalesforceClient) -> None:
        assert corrections.misfits(refused(client), {"Priority": ""}) == {}


class TestSending:
    def test_the_correction_is_sent_and_the_facts_stay(
        self, client: SalesforceClient, org: Org
    ) -> None:
        callback = refused(client)
        assert corrected(callback, Priority="High", Subject="Ruft wegen der Heizung an")
        push(client)
        assert (case(org)["Priority"], case(org)["Subject"]) == (
            "High",
            "Ruft wegen der Heizung an",
        )
        callback.refresh_from_db()
        assert (callback.status, callback.payload) == ("synced", {"UserData": "Urgent"})

    def test_an_empty_one_leaves_the_field_out(self, client: SalesforceClient, org: Org) -> None:
        assert corrected(refused(client), Priority="", Origin="")
        push(client)
        assert case(org)["Origin"] is None

    def test_the_newest_counts(self, client: SalesforceClient, org: Org) -> None:
        callback = refused(client)
        assert corrected(callback, resend=False, Priority="Low")
        callback.refresh_from_db()
        assert part(corrections.record_of(callback), "Priority").value == "Low"
        assert corrected(callback, Priority="High")
        push(client)
        assert case(org)["Priority"] == "High"

    def test_only_its_own_callback_gets_it(self, client: SalesforceClient, org: Org) -> None:
        first = refused(client)
        second = refused(client, caller_number="4989555011")
        assert corrected(first, Priority="High")
        Callback.objects.filter(pk=second.pk).requeue()
        push(client)
        second.refresh_from_db()
        assert second.status == "failed"
        assert case(org)["Jtel_Callback_ID__c"] == str(first.pk)

    def test_it_is_in_the_dry_run(self, client: SalesforceClient) -> None:
        callback = refused(client)
        assert corrected(callback, resend=False, Priority="High")
        callback.refresh_from_db()
        run = dry_run(callback, client, trial=uuid4())
        assert run.verdict is Verdict.TAKEN
        assert run.request
        assert run.request.body["compositeRequest"][0]["body"]["records"][0]["Priority"] == "High"

    def test_a_field_that_vanished_since_fails_it_again(self, client: SalesforceClient) -> None:
        callback = refused(client)
        for field, value in (("Priority", "High"), ("Gone__c", "x")):
            Correction.objects.create(
                callback=callback, field=field, value=value, at=callback.received_at
            )
        Callback.objects.requeue()
        push(client)
        callback.refresh_from_db()
        assert (callback.status, callback.failure_code) == ("failed", "MAPPING_FIELD")

    def test_new_callbacks_cost_no_look(self, client: SalesforceClient) -> None:
        a_callback(payload={"UserData": "High"})
        with CaptureQueriesContext(connection) as asked:
            push(client)
        assert not [q for q in asked.captured_queries if "correction" in q["sql"]]


class TestKeeping:
    def test_who_when_and_what_it_answers(self, client: SalesforceClient) -> None:
        callback = refused(client)
        corrected(callback, Priority="High")
        kept = Correction.objects.get()
        assert (kept.field, kept.value, kept.person_name) == ("Priority", "High", "Petra Lindner")
        assert kept.answers == callback.attempts.get()

    def test_it_is_written_with_before_and_after(self, client: SalesforceClient) -> None:
        corrected(refused(client), Priority="High")
        deeds = StaffAction.objects.order_by("id")
        assert [deed.verb for deed in deeds] == ["corrected", "requeued"]
        assert deeds[0].changes == {"Priority": ["Urgent", "High"]}

    def test_of_two_people_the_second_is_told(self, client: SalesforceClient) -> None:
        callback = refused(client)
        assert corrected(callback, resend=False, Priority="High")
        assert not corrected(callback, resend=False, Priority="Low")
        assert Correction.objects.count() == 1

    @pytest.mark.parametrize("status", ["pending", "synced", "dismissed"])
    def test_only_what_is_failed_can_be_corrected(
        self, status: str, client: SalesforceClient
    ) -> None:
        callback = refused(client)
        Callback.objects.update(status=status, case_id="500A")
        assert not corrected(callback, Priority="High")
        assert not Correction.objects.exists()

    def test_it_is_erased_with_the_callback(self, client: SalesforceClient) -> None:
        callback = refused(client)
        corrected(callback, Priority="High")
        push(client)
        retention.erase_caller(callback.caller_number)
        assert not Correction.objects.exists()
        assert StaffAction.objects.filter(verb="corrected").get().changes == {}


@pytest.mark.parametrize(
    ("signature", "fields"),
    [
        ("STRING_TOO_LONG Subject data value too large", {"Subject"}),
        ("REQUIRED_FIELD_MISSING A__c,B__c Required fields", {"A__c", "B__c"}),
        ("UNKNOWN_EXCEPTION", set()),
        ("", set()),
    ],
)
def test_a_signature_tells_its_fields(signature: str, fields: set[str]) -> None:
    assert fields_in(signature) == fields


def test_it_is_in_the_trial_of_a_route(client: SalesforceClient, route: FunctionRoute) -> None:
    callback = refused(client)
    assert corrected(callback, resend=False, Priority="High", Reason="Installation")
    callback.refresh_from_db()
    told = trial_of(callback, route, ask=False)
    lines = {line.field: line for line in told.fields}
    assert (lines["Priority"].value, lines["Priority"].note) == ("High", "corrected")
    assert lines["Reason"].value == "Installation"
    assert lines["Subject"].note == ""
    assert told.tone == "plain"
