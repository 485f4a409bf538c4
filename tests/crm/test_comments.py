"""A wish of a caller whose Case is open becomes a comment on it, once; else a Case of its own."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from callbacks.models import Callback
from crm.client import SalesforceClient
from crm.models import Org as OrgRow
from crm.models import SentComment
from crm.pull import pull_cases
from tests.crm.asking import EVA, Acd, a_route, an_acd, enter_case, enter_contact, forget_all
from tests.crm.pushing import KEY, fall_due_again, keys_in, push, push_until_none_waits
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@pytest.fixture
def acd(org: Org) -> Acd:
    OrgRow.objects.current()
    a_route("comment")
    return an_acd()


def comments_in(org: Org) -> list[dict[str, Any]]:
    return org.records("CaseComment")


def wishes(acd: Acd, client: SalesforceClient, **fields: str) -> Callback:
    key = acd.posts(CallerID=EVA, **fields).json()["CallbackID"]
    push(client)
    return Callback.objects.get(id=key)


def test_the_open_case_of_the_contact_gets_a_comment(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    case = enter_case(org, ContactId=enter_contact(org))
    callback = wishes(acd, client, UserData="Still cold")
    [comment] = comments_in(org)
    assert comment["ParentId"] == case["Id"]
    assert "UserData: Still cold" in comment["CommentBody"]
    assert comment["CommentBody"].endswith(f"Callback {callback.id}")
    assert (callback.status, callback.case_id) == ("synced", case["Id"])
    assert (callback.case_number, callback.case_status) == (case["CaseNumber"], "New")
    assert len(org.records("Case")) == 1


def test_a_case_that_is_named_gets_it_whoever_calls(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    enter_case(org, ContactId=enter_contact(org))
    named = enter_case(org, "Somebody else's")
    callback = wishes(acd, client, UserData=str(int(named["CaseNumber"])))
    assert callback.case_id == named["Id"]
    assert [comment["ParentId"] for comment in comments_in(org)] == [named["Id"]]


def test_our_own_case_of_the_same_number_gets_it(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    first = wishes(acd, client, UserData="cold")
    second = wishes(acd, client, UserData="still cold")
    assert second.case_id == first.case_id
    assert keys_in(org) == [str(first.id)]
    assert str(second.id) in comments_in(org)[0]["CommentBody"]


@pytest.mark.parametrize("user_data", ["", "00000815"], ids=["no open Case", "no such Case"])
def test_without_an_open_case_one_is_made(
    acd: Acd, org: Org, client: SalesforceClient, user_data: str
) -> None:
    enter_case(org, ContactId=enter_contact(org), Status="Closed")
    callback = wishes(acd, client, UserData=user_data)
    assert keys_in_ours(org) == [str(callback.id)]
    assert comments_in(org) == []


def keys_in_ours(org: Org) -> list[str]:
    return [case[KEY] for case in org.records("Case") if case[KEY]]


def test_of_several_none_is_guessed_and_all_are_named(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    contact = enter_contact(org)
    cases = [enter_case(org, ContactId=contact) for _ in range(2)]
    callback = wishes(acd, client)
    [made] = [case for case in org.records("Case") if case[KEY]]
    numbers = ", ".join(case["CaseNumber"] for case in reversed(cases))
    assert made[KEY] == str(callback.id)
    assert f"Open Cases that could be meant: {numbers}" in made["Description"]


def test_each_callback_of_a_batch_finds_its_own(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    cases = {}
    for number in range(25):
        phone = f"+4989555{number:04}"
        cases[phone[1:]] = enter_case(org, SuppliedPhone=phone)["Id"]
        acd.posts(CallerID=phone[1:])
    push(client)
    told = Callback.objects.filter(status="synced").values_list("caller_number", "case_id")
    assert dict(told) == cases
    assert Counter(c["ParentId"] for c in comments_in(org)) == Counter(cases.values())


@pytest.fixture
def open_case(org: Org) -> dict[str, Any]:
    return enter_case(org, ContactId=enter_contact(org))


def written_long_ago() -> None:
    SentComment.objects.update(sent_at=timezone.now() - timedelta(hours=1))


def test_a_comment_whose_answer_was_lost_is_found_and_not_written_again(
    acd: Acd, org: Org, client: SalesforceClient, open_case: dict[str, Any]
) -> None:
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    callback = wishes(acd, client)
    assert callback.status == "pending"
    assert len(comments_in(org)) == 1
    fall_due_again()
    push(client)
    callback.refresh_from_db()
    assert (callback.status, callback.case_id) == ("synced", open_case["Id"])
    assert len(comments_in(org)) == 1


def test_it_is_found_where_it_was_sent_though_that_case_was_closed(
    acd: Acd, org: Org, client: SalesforceClient, open_case: dict[str, Any]
) -> None:
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    callback = wishes(acd, client)
    org.edit(open_case["Id"], Status="Closed")
    fall_due_again()
    push(client)
    callback.refresh_from_db()
    assert (callback.status, callback.case_status) == ("synced", "Closed")
    assert len(org.records("Case")) == 1


def test_a_comment_without_words_beside_it_is_no_obstacle(
    acd: Acd, org: Org, client: SalesforceClient, open_case: dict[str, Any]
) -> None:
    org.create("CaseComment", ParentId=open_case["Id"])
    callback = wishes(acd, client)
    assert (callback.status, callback.case_number) == ("synced", open_case["CaseNumber"])
    assert len(comments_in(org)) == 2


def test_what_may_still_come_is_not_written_before_ten_minutes_are_over(
    acd: Acd, org: Org, client: SalesforceClient, open_case: dict[str, Any]
) -> None:
    org.arm({"action": "drop_before", "match": {"op": "create"}, "count": 1})
    callback = wishes(acd, client)
    for _ in range(3):
        fall_due_again()
        push(client)
    assert comments_in(org) == []
    assert Callback.objects.get().status == "pending"
    written_long_ago()
    fall_due_again()
    push(client)
    [comment] = comments_in(org)
    assert (comment["ParentId"], str(callback.id)) == (
        open_case["Id"],
        comment["CommentBody"][-36:],
    )


def test_waiting_for_what_may_still_come_is_nobodys_failure(
    acd: Acd, org: Org, client: SalesforceClient, open_case: dict[str, Any]
) -> None:
    org.arm({"action": "drop_before", "match": {"op": "create"}, "count": 1})
    callback = wishes(acd, client)
    for _ in range(15):
        fall_due_again()
        push(client, chance=0.0)
    callback.refresh_from_db()
    assert (callback.status, callback.failures) == ("pending", 0)
    assert callback.due_at > timezone.now() + timedelta(seconds=60)  # and the org is left alone


def test_what_the_org_would_not_take_is_written_as_soon_as_it_does(
    acd: Acd, org: Org, client: SalesforceClient, open_case: dict[str, Any]
) -> None:
    org.arm({"action": "limit_daily", "match": {"op": "create"}, "count": 1})
    callback = wishes(acd, client)
    assert callback.status == "pending"
    assert not SentComment.objects.exists()
    fall_due_again()
    push(client)
    assert len(comments_in(org)) == 1


def test_a_case_whose_answer_was_lost_is_not_commented_on(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    callback = wishes(acd, client)
    fall_due_again()
    push(client)
    assert keys_in(org) == [str(callback.id)]
    assert comments_in(org) == []


def test_under_lost_answers_no_comment_is_doubled(
    acd: Acd, org: Org, client: SalesforceClient
) -> None:
    enter_case(org, ContactId=enter_contact(org))
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "rate": 0.2, "seed": 7})
    for number in range(60):
        acd.posts(CallerID=EVA, UserData=f"wish {number}")
        push(client)
    org.clear()
    push_until_none_waits(client)
    keys = [str(key) for key in Callback.objects.values_list("id", flat=True)]
    assert sorted(comment["CommentBody"][-36:] for comment in comments_in(org)) == sorted(keys)
    assert len(org.records("Case")) == 1


def test_a_refusal_is_told_as_one(
    acd: Acd, org: Org, client: SalesforceClient, open_case: dict[str, Any]
) -> None:
    rule = {"field": "CommentBody", "regex": "Still", "message": "Not like this."}
    org.arm({"action": "validation_rule", "match": {"object": "CaseComment"}, "params": rule})
    callback = wishes(acd, client, UserData="Still cold")
    assert (callback.status, callback.failure_code) == (
        "failed",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    )
    assert not SentComment.objects.exists()


def test_who_was_added_to_a_case_waits_as_long_as_that_is_open(
    acd: Acd, org: Org, client: SalesforceClient, open_case: dict[str, Any]
) -> None:
    callback = wishes(acd, client)
    assert Callback.objects.unserved().count() == 1
    org.edit(open_case["Id"], Status="Closed")
    pull_cases(client, until=float("inf"), chance=lambda: 1.0)
    callback.refresh_from_db()
    assert (callback.case_status, callback.is_unserved) == ("Closed", False)


def test_the_answer_names_the_case_that_is_commented_on(
    acd: Acd, org: Org, open_case: dict[str, Any]
) -> None:
    a_route("comment", wait_ms=10_000)
    said = acd.posts(CallerID=EVA).json()
    assert (said["Status"], said["CaseNumber"]) == ("synced", open_case["CaseNumber"])
