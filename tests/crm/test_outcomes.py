"""What a result of the org means for its row."""

from uuid import uuid4

import pytest

from callbacks.models import MAX_ISOLATION, Callback
from callbacks.models.queue import Failed, PutOff, Synced
from crm.backoff import ROW_BASE, ROW_CAP, for_org, full_jitter
from crm.draft import Draft, Target
from crm.exchange import Found, Missing, Refused, Result, Unknown, _not_found
from crm.outcomes import MAX_FAILURES, SLOW_FAILURES, Judge
from crm.suspicion import suspect_in

KEY = "Jtel_Callback_ID__c"


def judge(isolation: int = 0, chance: float = 1.0) -> Judge:
    found = Judge(isolation=isolation, chance=lambda: chance)
    found.record_url = "https://org/{}".format
    return found


def a_row(failures: int = 0) -> Callback:
    return Callback(id=uuid4(), lease_no=3, failures=failures)


def a_draft(failures: int = 0) -> Draft:
    return Draft(a_row(failures), Target("Case", KEY), {})


def test_a_key_that_is_found_is_synced() -> None:
    told = judge().told(a_draft(), Found("500x", "00001000", "New"))
    assert isinstance(told.outcome, Synced)
    assert (told.outcome.case_number, told.outcome.case_url) == ("00001000", "https://org/500x")


def test_a_status_longer_than_its_column_is_clipped() -> None:
    told = judge().told(a_draft(), Found("500x", "00001000", "W" * 255))
    assert isinstance(told.outcome, Synced)
    assert told.outcome.case_status == "W" * 40


def test_a_case_created_but_not_visible_is_synced_with_its_id() -> None:
    told = judge().told(a_draft(), Missing("500x"))
    assert isinstance(told.outcome, Synced)
    assert told.outcome.case_id == "500x"
    assert told.code == "INVISIBLE_CASE"


def test_a_clash_on_our_key_without_a_visible_case_waits_long_and_never_doubles() -> None:
    told = judge().told(a_draft(), Missing(""))
    assert isinstance(told.outcome, PutOff)
    assert told.outcome.delay_seconds == ROW_BASE * 2**SLOW_FAILURES


@pytest.mark.parametrize(
    ("row", "result"),
    [
        ({"success": True, "id": "500x", "errors": []}, Missing("500x")),
        (
            {
                "success": False,
                "errors": [
                    {
                        "statusCode": "DUPLICATE_VALUE",
                        "message": f"duplicate value found: {KEY} duplicates value on <unknown>",
                    }
                ],
            },
            Missing(""),
        ),
        (
            {
                "success": False,
                "errors": [{"statusCode": "DUPLICATE_VALUE", "message": "Other__c duplicates"}],
            },
            Refused("DUPLICATE_VALUE", "Other__c duplicates"),
        ),
        ({"success": False, "errors": []}, Refused("UNKNOWN", "")),
    ],
)
def test_a_row_that_the_query_did_not_find_is_told_by_what_it_says(
    row: dict[str, object], result: Result
) -> None:
    assert _not_found(row, a_draft()) == result


@pytest.mark.parametrize(("org_is_well", "isolation"), [(False, 1), (True, 2)])
def test_when_the_query_failed_nothing_is_concluded(org_is_well: bool, isolation: int) -> None:
    knows = judge(isolation=1)
    knows.org_is_well = org_is_well
    told = knows.told(a_draft(), Unknown("QUERY_TIMEOUT", "late"))
    assert told.outcome == PutOff(told.outcome.id, 3, 2.0, failures=0, isolation=isolation)


def test_a_refusal_that_needs_a_person_is_final() -> None:
    told = judge().told(a_draft(), Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", "No customer"))
    assert isinstance(told.outcome, Failed)
    assert told.outcome.detail == "No customer"


def test_a_lock_counts_against_the_row_and_makes_its_batch_smaller() -> None:
    told = judge(isolation=1).told(a_draft(failures=2), Refused("UNABLE_TO_LOCK_ROW", "busy"))
    assert isinstance(told.outcome, PutOff)
    assert (told.outcome.failures, told.outcome.isolation) == (1, 2)
    assert told.outcome.delay_seconds == ROW_BASE * 4


@pytest.mark.parametrize("code", ["UNABLE_TO_LOCK_ROW", "SOMETHING_NEW"])
def test_what_never_passes_ends_with_a_person(code: str) -> None:
    told = judge().told(a_draft(failures=MAX_FAILURES - 1), Refused(code, ""))
    assert isinstance(told.outcome, Failed)


def test_a_batch_in_doubt_is_divided_and_no_row_is_blamed() -> None:
    told = judge(isolation=0).in_doubt(a_row(), "NO_ANSWER", "")
    assert isinstance(told.outcome, PutOff)
    assert (told.outcome.failures, told.outcome.isolation) == (0, 1)


def test_a_row_in_doubt_alone_is_to_blame() -> None:
    told = judge(isolation=MAX_ISOLATION).in_doubt(a_row(), "NO_ANSWER", "")
    assert isinstance(told.outcome, PutOff)
    assert told.outcome.failures == 1


def test_what_may_speak_of_the_whole_org_is_suspected() -> None:
    full = Refused("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")
    hidden, rule = Refused("INVALID_FIELD", "No such column"), Refused("REQUIRED_FIELD_MISSING", "")
    unread, passed = Unknown("QUERY_TIMEOUT", ""), Found("500x", "1", "New")
    assert suspect_in({"a": rule, "b": full}) == full
    assert suspect_in({"a": full, "b": passed}) == full
    assert suspect_in({"a": rule, "b": unread}) == unread
    assert suspect_in({"a": hidden}) == hidden
    assert suspect_in({"a": hidden, "b": passed}) is None
    assert suspect_in({"a": rule, "b": passed}) is None


def test_waits_grow_to_a_cap_and_are_jittered() -> None:
    assert full_jitter(0, 1.0) == ROW_BASE
    assert full_jitter(99, 1.0) == ROW_CAP
    assert full_jitter(99, 0.25) == ROW_CAP / 4
    assert for_org(0, 0.0) == 0.5
    assert for_org(99, 1.0) == 60.0
