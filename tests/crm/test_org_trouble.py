"""Whose trouble it is: the org's if a call without our rows meets it too, else the row's alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from callbacks.models import Callback, FieldMapping, FunctionRoute, SyncAttempt
from crm import flow
from crm.canary import look
from crm.client import SalesforceClient
from crm.meanings import MEANINGS
from crm.models import Org as OrgState
from crm.schema import described
from crm.suspicion import suspicions
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.calls import code_of
from tests.crm.pushing import calls_made, fall_due_again, keys_in, push
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)

REQUESTED_AT = "Jtel_Requested_At__c"
DOWN: dict[str, Any] = {"action": "status", "params": {"status": 503}}
FULL: dict[str, Any] = {"action": "storage_full"}
# As an org that looks at the contact first: what nobody may create says nothing of storage.
FULL_FOR_OURS = FULL | {"match": {"key_regex": "^[0-9a-f]{8}-[0-9a-f]{4}-4"}}


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


def full_for(callback: Callback) -> dict[str, Any]:
    return FULL | {"match": {"key_regex": str(callback.id)}}


def is_paused() -> bool:
    return OrgState.objects.current().retry_at is not None


# --- the org's


def test_an_org_in_trouble_costs_no_row_a_failure(org: Org, client: SalesforceClient) -> None:
    callbacks_due(3)
    org.arm(DOWN)
    push(client)
    assert Callback.objects.filter(status="pending", failures=0, isolation=0).count() == 3
    trouble = OrgState.objects.get()
    assert trouble.trouble_since is not None
    assert trouble.trouble_reason


def test_while_the_conversation_pauses_nobody_calls(org: Org, client: SalesforceClient) -> None:
    callbacks_due(3)
    org.arm(DOWN)
    push(client)
    OrgState.objects.update(retry_at=timezone.now() + timedelta(minutes=5))
    calls = len(org.log())
    assert push(client) == 0
    assert len(org.log()) == calls


def test_after_the_trouble_it_goes_on_by_itself(org: Org, client: SalesforceClient) -> None:
    callbacks_due(3)
    org.arm(DOWN)
    push(client)
    org.clear()
    fall_due_again()
    assert push(client) == 3
    state = OrgState.objects.get()
    assert (state.trouble_since, state.retry_at, state.troubles) == (None, None, 0)


def test_only_one_worker_probes() -> None:
    OrgState.objects.current()
    OrgState.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    assert [OrgState.may_probe() for _ in range(3)] == [True, False, False]


def no_answer() -> None:
    OrgState.note_trouble("NO_ANSWER", MEANINGS["NO_ANSWER"], retry_in=0)


def test_a_pause_ends_though_another_worker_found_all_well_while_it_was_noted() -> None:
    OrgState.objects.current()
    no_answer()
    heard: list[str] = []

    def another_worker_is_well(execute: Any, sql: str, *rest: Any) -> Any:
        if not heard and '"retry_at" = ' in sql:
            heard.append(sql)
            OrgState.note_well()
        return execute(sql, *rest)

    with connection.execute_wrapper(another_worker_is_well):
        no_answer()
    state = OrgState.objects.get()
    assert heard
    assert (state.trouble_since is None, state.troubles) == (False, 1)
    flow.end_pause()
    assert flow.is_open()


def test_a_pause_that_nobody_knows_the_beginning_of_ends_as_well() -> None:
    OrgState.objects.current()
    no_answer()
    OrgState.objects.update(trouble_since=None)  # as an earlier version may have left it
    flow.end_pause()
    assert flow.is_open()


def test_two_rows_refused_for_want_of_storage_are_proof_enough(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(20)
    client.identity()
    calls = calls_made(org)
    org.arm(FULL)
    push(client)
    assert calls_made(org) - calls == 3  # the describe, the search and the batch
    assert OrgState.objects.get().trouble_code == "STORAGE_LIMIT_EXCEEDED"
    assert not Callback.objects.exclude(failures=0, isolation=0).exists()


def test_a_look_tells_that_the_org_is_full_still_and_risks_no_row(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(20)
    org.arm(FULL)
    push(client)
    since, calls = OrgState.objects.get().trouble_since, calls_made(org)
    for _ in range(3):
        fall_due_again()
        push(client)
    state = OrgState.objects.get()
    assert calls_made(org) - calls == 3
    assert SyncAttempt.objects.count() == 20
    assert (state.trouble_since, state.troubles) == (since, 4)
    org.clear()
    fall_due_again()
    push(client)
    assert Callback.objects.filter(status="synced", failures=0).count() == 20


def test_a_single_row_in_a_full_org_is_not_blamed(org: Org, client: SalesforceClient) -> None:
    a_callback()
    org.arm(FULL)
    push(client)
    assert is_paused()
    assert Callback.objects.get().failures == 0


def test_rows_that_come_alone_are_witnesses_of_each_other(
    org: Org, client: SalesforceClient
) -> None:
    first = a_callback()
    org.arm(FULL_FOR_OURS)
    push(client)
    assert not is_paused()
    second = a_callback()
    push(client)
    assert is_paused()
    failures = dict(Callback.objects.values_list("id", "failures"))
    assert failures == {first.id: 1, second.id: 0}


def test_a_row_that_passes_ends_what_the_witnesses_said(org: Org, client: SalesforceClient) -> None:
    for callback in (a_callback(), None, a_callback()):
        org.arm(full_for(callback)) if callback else a_callback()
        push(client)
    assert not is_paused()


def test_on_trial_the_same_refusal_again_is_the_orgs_and_another_row_is_next(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(3)
    org.arm(FULL_FOR_OURS)
    push(client)
    for _ in range(2):
        fall_due_again()
        suspicions.forget()  # as another worker, which heard nothing of it
        push(client)
    assert is_paused()
    assert not Callback.objects.exclude(failures=0).exists()
    assert sorted(Callback.objects.values_list("isolation", flat=True)) == [0, 1, 1]
    org.clear()
    fall_due_again()
    push(client)
    assert len(keys_in(org)) == 3


def test_a_poison_row_on_trial_does_not_keep_the_others_waiting(
    org: Org, client: SalesforceClient
) -> None:
    poison, *_ = callbacks_due(3)
    org.arm(FULL)
    push(client)
    org.clear()
    org.arm(full_for(poison))
    for _ in range(2):
        fall_due_again()
        push(client)
    assert not is_paused()
    assert len(keys_in(org)) == 2


def test_a_field_that_all_cases_have_is_the_orgs_if_it_goes(
    org: Org, client: SalesforceClient
) -> None:
    a_callback()
    push(client)
    callbacks_due(2)
    org.arm({"action": "field_hidden", "params": {"field": REQUESTED_AT}})
    push(client)
    assert OrgState.objects.get().trouble_code == "FIELD_MISSING"
    assert Callback.objects.filter(status="pending", failures=0).count() == 2
    org.clear()
    fall_due_again()
    push(client)
    assert len(keys_in(org)) == 3


def test_an_org_that_cannot_read_back_pauses(org: Org, client: SalesforceClient) -> None:
    callbacks_due(2)
    org.arm(unread(count=2))  # of our call, and of the look
    push(client)
    assert is_paused()
    assert Callback.objects.filter(failures=0, isolation=0).count() == 2


# --- the row's or the route's alone


def test_a_poison_row_with_a_code_of_the_org_stops_nobody(
    org: Org, client: SalesforceClient
) -> None:
    poison = a_callback()
    org.arm(full_for(poison))
    push(client)
    for _ in range(5):
        assert not is_paused()
        a_callback()
        push(client)
        Callback.objects.filter(id=poison.id).update(due_at=timezone.now())
    poison.refresh_from_db()
    assert len(keys_in(org)) == 5
    assert (poison.status, poison.failures) == ("pending", 5)


def test_a_poison_row_with_a_code_of_the_org_ends_with_a_person(
    org: Org, client: SalesforceClient
) -> None:
    poison = a_callback(failures=9, isolation=3)
    org.arm(full_for(poison))
    push(client)
    poison.refresh_from_db()
    assert (poison.status, poison.failure_class) == ("failed", "org")
    assert poison.failure_code == "STORAGE_LIMIT_EXCEEDED"
    assert poison.failure_next_step


def test_a_poison_row_among_many_costs_the_others_nothing(
    org: Org, client: SalesforceClient
) -> None:
    poison = callbacks_due(200)[77]
    org.arm(full_for(poison))
    push(client)
    assert len(keys_in(org)) == 199
    assert not is_paused()


def test_a_route_that_names_a_field_which_vanished_pauses_nobody(
    org: Org, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = FunctionRoute.objects.create(name="Wrong", function="WRONG", find_caller_in="")
    FieldMapping.objects.create(route=wrong, field="Nowhere__c", template="x")
    org.add_field("Nowhere__c", type="string")
    described(client, "Case")
    org.remove_field("Nowhere__c")
    calls = []
    for _ in range(3):
        a_callback(function="WRONG")
        before = calls_made(org)
        push(client)
        calls.append(calls_made(org) - before)
    assert not is_paused()
    assert Callback.objects.filter(status="failed", failure_code="INVALID_FIELD").count() == 3
    assert calls[1:] == [1, 1]  # one look a minute is enough
    assert len(set(Callback.objects.values_list("failure_signature", flat=True))) == 1
    assert "Nowhere__c" in Callback.objects.all()[0].failure_signature


def test_a_field_that_only_comments_look_by_pauses_nobody_if_it_goes(
    org: Org, client: SalesforceClient
) -> None:
    FunctionRoute.objects.create(name="C", action="comment", function="C", find_caller_in="")
    comment, *_ = (a_callback(function="C"), *callbacks_due(20))
    org.arm({"action": "field_hidden", "params": {"object": "Case", "field": "ContactId"}})
    for _ in range(13):
        push(client)
        assert not is_paused()
        fall_due_again()
    comment.refresh_from_db()
    assert len(keys_in(org)) == 20
    assert (comment.status, comment.failure_code) == ("failed", "INVALID_FIELD")
    assert "ContactId" in comment.failure_detail


def test_a_query_that_was_too_much_is_divided(org: Org, client: SalesforceClient) -> None:
    callbacks_due(3)
    org.arm(unread(count=1))
    push(client)
    assert not is_paused()
    assert Callback.objects.filter(status="pending", failures=0, isolation=1).count() == 3
    fall_due_again()
    push(client)
    assert len(keys_in(org)) == 3


def unread(*, count: int) -> dict[str, Any]:
    params = {"status": 400, "inner": True, "body": "json", "code": "QUERY_TOO_COMPLICATED"}
    return {"action": "status", "match": {"op": "query"}, "params": params, "count": count}


# --- the look


def test_a_look_is_one_call_and_stores_nothing(org: Org, client: SalesforceClient) -> None:
    client.identity()
    calls = calls_made(org)
    look(client)
    assert calls_made(org) - calls == 1
    assert org.records("Case") == []


def test_a_look_stores_nothing_even_if_the_org_mends_the_contact(
    org: Org, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = org.create("Contact", LastName="Lindner")
    monkeypatch.setattr("crm.canary.NO_CONTACT", contact["Id"])
    look(client)
    assert org.records("Case") == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (DOWN, "UNREADABLE_ANSWER"),
        (FULL, "STORAGE_LIMIT_EXCEEDED"),
        (
            {"action": "readonly_maintenance"},
            "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        ),
        ({"action": "api_disabled"}, "API_DISABLED_FOR_ORG"),
        ({"action": "limit_daily"}, "REQUEST_LIMIT_EXCEEDED"),
        ({"action": "object_hidden", "params": {"object": "Case"}}, "NOT_FOUND"),
        ({"action": "field_hidden", "params": {"field": REQUESTED_AT}}, "FIELD_MISSING"),
        (
            {"action": "field_hidden", "params": {"field": "Jtel_Callback_ID__c"}},
            "KEY_FIELD_MISSING",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value["action"],
)
def test_a_look_finds_what_is_wrong_with_the_org(
    org: Org, client: SalesforceClient, fault: dict[str, Any], code: str
) -> None:
    client.identity()
    org.arm(fault)
    assert code_of(lambda: look(client)) == code


@pytest.mark.parametrize("action", ["validation_rule", "row_lock", "batch_retries"])
def test_what_the_org_asks_of_single_cases_is_no_trouble_of_its_own(
    org: Org, client: SalesforceClient, action: str
) -> None:
    org.arm({"action": action})
    look(client)
