"""The conversation against a simulated org, over a socket."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import CapturingLogger

from callbacks.models import Callback, FieldMapping, FunctionRoute, SyncAttempt
from crm import delivery, drafting
from crm.client import SalesforceClient
from crm.delivery import Delivery
from crm.drafting import drafts_of
from crm.exchange import Found, create_and_read_back
from crm.models import Org as OrgState
from crm.preconditions import preconditions
from crm.settling import Started
from crm.timing import LEASE_SECONDS
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.pushing import fall_due_again, keys_in, push
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


def deliver(client: SalesforceClient, started: Started, *, chance: float = 0.0) -> bool:
    """One batch and no more; what comes of it is due at another time."""
    batch = Callback.objects.lease(isolation=0, seconds=LEASE_SECONDS)
    sent = Delivery(client, batch, started, lambda: chance)
    assert sent.pack()
    with ThreadPoolExecutor(1) as line:
        sent.send(line)
        return sent.settle(line)


def test_what_is_due_becomes_cases_in_one_call(org: Org, client: SalesforceClient) -> None:
    callbacks_due(200)
    client.identity()
    calls = org.state()["api_calls"]
    assert push(client) == 200
    assert org.state()["api_calls"] - calls == 3  # describe, once a sign-in; the search; the call
    assert keys_in(org) == sorted(str(c.id) for c in Callback.objects.filter(status="synced"))


def test_the_case_is_on_the_record_with_its_number(org: Org, client: SalesforceClient) -> None:
    a_callback()
    push(client)
    row = Callback.objects.get()
    [case] = org.records("Case")
    assert (row.case_id, row.case_number) == (case["Id"], case["CaseNumber"])
    assert (row.case_status, row.status) == ("New", "synced")
    assert row.case_url.endswith(f"/lightning/r/Case/{case['Id']}/view")
    attempt = SyncAttempt.objects.get()
    assert (attempt.outcome, attempt.lease_no, attempt.callback) == ("synced", 1, row)


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "commit_then_drop", "match": {"op": "create"}, "count": 1},
        {"action": "drop_before", "match": {"op": "create"}, "count": 1},
        {"action": "status", "match": {"op": "create"}, "params": {"status": 503}, "count": 1},
    ],
    ids=lambda fault: fault["action"],
)
def test_a_lost_answer_makes_no_second_case(
    org: Org, client: SalesforceClient, fault: dict[str, Any]
) -> None:
    callbacks_due(5)
    client.identity()
    org.arm(fault)
    push(client)
    assert not Callback.objects.filter(status="synced").exists()
    fall_due_again()
    push(client)
    assert Callback.objects.filter(status="synced", failures=0).count() == 5
    assert len(keys_in(org)) == 5
    assert org.audit()["duplicate_keys"] == []


def test_a_worker_that_died_after_sending_makes_no_second_case(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(3)
    batch = Callback.objects.lease(isolation=0, seconds=60)
    drafts = drafts_of(client, batch.callbacks).drafts
    create_and_read_back(client, drafts, generation=preconditions.assure(client), deadline=30)
    fall_due_again()
    push(client)
    assert Callback.objects.filter(status="synced").count() == 3
    assert len(keys_in(org)) == 3


def test_one_refused_row_does_not_hold_the_others(org: Org, client: SalesforceClient) -> None:
    callbacks_due(9)
    poison = a_callback(service_name="FORBIDDEN")
    org.arm(
        {
            "action": "validation_rule",
            "match": {"object": "Case"},
            "params": {"field": "Subject", "regex": "FORBIDDEN", "message": "Not this one"},
        }
    )
    push(client)
    poison.refresh_from_db()
    assert Callback.objects.filter(status="synced").count() == 9
    assert poison.status == "failed"
    assert poison.failure_code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert poison.failure_detail == "Not this one"
    assert poison.failure_reason
    assert poison.failure_next_step


def test_a_locked_row_comes_again_later_in_a_smaller_batch(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(2)
    org.arm({"action": "row_lock", "match": {"op": "create"}, "count": 1, "params": {"rows": 1.0}})
    assert deliver(client, Started.now(), chance=1.0) is True
    rows = Callback.objects.filter(status="pending", failures=1, isolation=1)
    assert rows.count() == 2
    assert not Callback.objects.due().exists()
    fall_due_again()
    push(client)
    assert Callback.objects.filter(status="synced").count() == 2


def test_a_session_that_ended_is_renewed_once(org: Org, client: SalesforceClient) -> None:
    a_callback()
    client.identity()
    org.arm({"action": "token_expired", "match": {"op": "create"}, "count": 1})
    push(client)
    assert Callback.objects.get().status == "synced"
    assert client.generation == 2


def test_without_a_unique_key_field_nothing_is_sent(
    org: Org, client: SalesforceClient, settings: Settings
) -> None:
    settings.SALESFORCE_KEY_FIELD = "SuppliedName"
    a_callback()
    push(client)
    assert org.records("Case") == []
    assert OrgState.objects.get().trouble_code == "KEY_FIELD_NOT_UNIQUE"
    assert Callback.objects.get().failures == 0


def test_another_org_pauses_until_a_person_confirms(org: Org, client: SalesforceClient) -> None:
    OrgState.objects.create(org_id="00D000000000000AAA")
    a_callback()
    push(client)
    assert org.records("Case") == []
    assert OrgState.objects.get().trouble_code == "ANOTHER_ORG"


def test_a_route_that_names_an_owner_sends_without_assignment_rules(
    org: Org, client: SalesforceClient
) -> None:
    owner = org.records("Group")[0]["Id"]
    owned = FunctionRoute.objects.create(name="Owned", function="OWNED")
    FieldMapping.objects.create(route=owned, field="OwnerId", template=owner)
    a_callback(function="OWNED")
    a_callback()
    push(client)
    assert Callback.objects.filter(status="synced").count() == 2
    body = next(entry for entry in org.log() if "composite" in entry["path"])
    assert '"FALSE"' in str(body).replace("'", '"')


def test_a_template_that_cannot_be_used_fails_its_row_alone(
    org: Org, client: SalesforceClient
) -> None:
    broken = FunctionRoute.objects.create(name="Broken", function="BROKEN")
    FieldMapping.objects.create(route=broken, field="Subject", template="{% nonsense %}")
    a_callback(function="BROKEN")
    a_callback()
    push(client)
    assert Callback.objects.get(function="BROKEN").failure_code == "MAPPING"
    assert Callback.objects.get(function="").status == "synced"


def test_a_callback_whose_route_is_gone_is_held(
    client: SalesforceClient, route: FunctionRoute
) -> None:
    route.delete()
    a_callback()
    push(client)
    row = Callback.objects.get()
    assert (row.status, row.lease_no) == ("held", 2)


def test_in_a_passing_trouble_the_batch_goes_out_in_the_same_round(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(5)
    client.identity()
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    push(client, chance=0.0)
    assert Callback.objects.filter(status="synced").count() == len(keys_in(org)) == 5


def test_a_batch_whose_lease_is_nearly_over_is_not_sent(org: Org, client: SalesforceClient) -> None:
    a_callback()
    deliver(client, Started(timezone.now(), time.monotonic() - LEASE_SECONDS + 1))
    assert org.records("Case") == []
    assert Callback.objects.due().filter(isolation=0, failures=0).count() == 1


def test_a_case_that_our_user_cannot_see_is_synced_with_its_id(
    org: Org, client: SalesforceClient
) -> None:
    a_callback()
    org.arm({"action": "private_sharing"})
    push(client)
    row = Callback.objects.get()
    assert (row.status, row.case_number) == ("synced", "")
    assert [case["Id"] for case in org.records("Case")] == [row.case_id]
    assert SyncAttempt.objects.get().code == "INVISIBLE_CASE"


def test_a_lost_answer_about_a_case_that_we_cannot_see_makes_no_second(
    org: Org, client: SalesforceClient
) -> None:
    a_callback()
    client.identity()
    org.arm({"action": "private_sharing"})
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    for _ in range(3):
        push(client)
        fall_due_again()
    row = Callback.objects.get()
    assert row.status == "pending"
    assert row.failures > 0
    assert len(org.records("Case")) == 1


def test_after_a_new_sign_in_nothing_goes_to_an_org_nobody_looked_at(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(1)
    preconditions.assure(client)
    OrgState.objects.update(org_id="00D000000000000AAA")  # as if the sign-in led elsewhere now
    org.arm({"action": "token_expired", "match": {"op": "create"}, "count": 1})
    push(client)
    assert org.records("Case") == []
    assert OrgState.objects.get().trouble_code == "ANOTHER_ORG"


def test_a_list_refused_for_one_record_is_divided(org: Org, client: SalesforceClient) -> None:
    callbacks_due(3)
    org.arm(
        {
            "action": "status",
            "match": {"op": "create"},
            "params": {"status": 400, "inner": True, "body": "json", "code": "JSON_PARSER_ERROR"},
            "count": 1,
        }
    )
    push(client)
    assert Callback.objects.filter(status="pending", isolation=1, failures=0).count() == 3
    fall_due_again()
    push(client)
    assert Callback.objects.filter(status="synced").count() == 3


def test_what_goes_wrong_in_our_own_code_ends_with_a_person(
    client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(drafting, "recipe_of", fail)
    a_callback(isolation=3, failures=9)
    push(client)
    row = Callback.objects.get()
    assert (row.status, row.failure_code, row.failure_detail) == (
        "failed",
        "INTERNAL",
        "ZeroDivisionError",
    )


def test_what_the_database_refuses_ends_with_a_person_and_quotes_nobody(
    client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = str(a_callback(isolation=3, failures=9).id)

    def find_without_id(*_: object, **__: object) -> dict[str, Found]:
        return {key: Found("", "", "")}

    log = CapturingLogger()
    monkeypatch.setattr(delivery, "log", log)
    monkeypatch.setattr(delivery, "send_and_read_back", find_without_id)
    push(client)
    row = Callback.objects.get()
    assert (row.status, row.failure_code) == ("failed", "INTERNAL")
    [told] = [call for call in log.calls if call.args == ("batch not settled",)]
    assert told.method_name == "error"  # not `exception`, which would quote the row
    assert told.kwargs["error"] == "IntegrityError"
