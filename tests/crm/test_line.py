"""One batch is under way while the next is leased and drafted: none of them may suffer for it."""

from typing import Any

import pytest

from callbacks.models import Callback, FunctionRoute, SyncAttempt
from crm import delivery
from crm.client import SalesforceClient
from crm.drafting import drafts_of
from crm.models import Org as OrgState
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.pushing import calls_made, fall_due_again, keys_in, push
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)

DOWN: dict[str, Any] = {"action": "status", "params": {"status": 503}}
BATCH = 200


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


def unharmed() -> int:
    return Callback.objects.due().filter(isolation=0, failures=0).count()


def test_a_backlog_goes_out_in_full_batches(org: Org, client: SalesforceClient) -> None:
    callbacks_due(2 * BATCH + 7)
    a_callback(isolation=3)
    push(client)
    calls = calls_made(org)
    assert Callback.objects.filter(status="synced", lease_no=2).count() == 2 * BATCH + 8
    assert len(keys_in(org)) == 2 * BATCH + 8
    callbacks_due(2 * BATCH + 7)
    push(client)
    assert calls_made(org) - calls == 3


def test_what_was_drafted_is_given_back_when_the_org_turns_out_to_be_away(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(2 * BATCH + 50)
    client.identity()
    org.arm(DOWN | {"match": {"op": "create"}, "after_n": 1})
    before = calls_made(org)
    push(client, chance=0.0)
    assert len(keys_in(org)) == BATCH
    assert unharmed() == BATCH + 50
    assert SyncAttempt.objects.exclude(outcome="synced").count() == BATCH
    refused = [entry for entry in org.log() if entry["status"] == 503]
    assert len(refused) == 2  # the second batch and the look; the third never left
    assert OrgState.objects.get().trouble_since
    assert calls_made(org) > before


def test_what_was_drafted_is_given_back_at_the_quotas_reserve(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(2 * BATCH)
    org.settings(daily_limit=100)
    org.used_calls(90)
    push(client)
    assert len(keys_in(org)) == BATCH
    assert unharmed() == BATCH
    assert OrgState.objects.get().trouble_code == "QUOTA_RESERVE"


def test_a_lost_answer_in_the_middle_divides_its_own_batch_alone(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(3 * BATCH)
    client.identity()
    lost = {"action": "commit_then_drop", "match": {"op": "create"}, "after_n": 1, "count": 1}
    org.arm(lost)
    push(client)
    assert Callback.objects.filter(status="synced", failures=0).count() == 2 * BATCH
    fall_due_again()
    push(client)
    assert Callback.objects.filter(status="synced", failures=0).count() == 3 * BATCH
    assert len(keys_in(org)) == len(set(keys_in(org))) == 3 * BATCH


def test_what_goes_wrong_in_our_own_code_hurts_neither_neighbour(
    org: Org, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    callbacks_due(3 * BATCH)
    drafted = []

    def drafts_or_not(*given: Any, **options: Any) -> Any:
        drafted.append(given)
        if len(drafted) == 2:
            raise ZeroDivisionError
        return drafts_of(*given, **options)

    monkeypatch.setattr(delivery, "drafts_of", drafts_or_not)
    push(client)
    assert len(keys_in(org)) == 2 * BATCH
    assert Callback.objects.filter(status="pending", failures=0, isolation=1).count() == BATCH


def test_a_session_that_ends_in_the_middle_costs_no_batch_an_attempt(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(3 * BATCH)
    client.identity()
    org.arm({"action": "token_expired", "match": {"op": "create"}, "after_n": 1, "count": 1})
    push(client)
    assert len(keys_in(org)) == 3 * BATCH
    assert SyncAttempt.objects.count() == 3 * BATCH


def test_a_poison_row_among_two_hundred_costs_the_others_nothing(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(BATCH - 1)
    poison = a_callback(service_name="FORBIDDEN")
    org.arm(
        {
            "action": "validation_rule",
            "match": {"object": "Case"},
            "params": {"field": "Subject", "regex": "FORBIDDEN", "message": "Not this one"},
        }
    )
    push(client)
    assert Callback.objects.filter(status="synced", lease_no=2).count() == BATCH - 1
    poison.refresh_from_db()
    assert poison.status == "failed"


def test_a_poison_row_that_spoils_its_list_is_found_and_the_others_go(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(BATCH - 1)
    poison = a_callback()
    params = {"status": 400, "inner": True, "body": "json", "code": "JSON_PARSER_ERROR"}
    match = {"op": "create", "key_regex": str(poison.id)}
    org.arm({"action": "status", "match": match, "params": params})
    for _ in range(4):  # 200, 50, 10, 1
        push(client)
        fall_due_again()
    push(client)
    assert len(keys_in(org)) == BATCH - 1
    poison.refresh_from_db()
    assert (poison.status, poison.failure_code) == ("failed", "JSON_PARSER_ERROR")
