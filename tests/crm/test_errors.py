"""What refusals mean: to the program (whose trouble) and to staff (what to do)."""

import pickle
import re

import pytest

from crm.errors import (
    CrmError,
    CrmLimitReached,
    CrmMisconfigured,
    CrmRejected,
    CrmUnavailable,
    Limit,
    Trouble,
    for_log,
    from_response,
    meaning_of,
)
from crm.meanings import MEANINGS, NO_MEANING, Meaning


@pytest.mark.parametrize(
    ("code", "message", "trouble"),
    [
        ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", Trouble.ROW_PASSES),
        ("TOO_MANY_APEX_REQUESTS", "", Trouble.ROW_PASSES),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say why.", Trouble.ROW_NEEDS_PERSON),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create", Trouble.ROW_NEEDS_PERSON),
        ("CANNOT_EXECUTE_FLOW_TRIGGER", "A flow is broken", Trouble.ROW_NEEDS_PERSON),
        ("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", Trouble.ORG),
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", Trouble.ORG),
        ("INVALID_SESSION_ID", "Session expired or invalid", Trouble.ORG),
        ("invalid_grant", "no client credentials user enabled", Trouble.ORG),
        ("UNKNOWN_EXCEPTION", "An unexpected error occurred.", Trouble.ROW_PASSES),
        ("DUPLICATE_VALUE", "duplicate value found", Trouble.ROW_NEEDS_PERSON),
        ("SOMETHING_NEW", "", Trouble.UNKNOWN),
    ],
)
def test_a_code_says_whose_trouble_it_is(code: str, message: str, trouble: Trouble) -> None:
    assert meaning_of(code, message).trouble is trouble


@pytest.mark.parametrize(
    "code", ["CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER"]
)
@pytest.mark.parametrize(
    "cause", ["System.DmlException: UNABLE_TO_LOCK_ROW, unable", "Record Currently Unavailable: x"]
)
def test_a_lock_that_an_automation_wraps_passes(code: str, cause: str) -> None:
    assert meaning_of(code, f"CaseTrigger: execution of AfterInsert {cause}").trouble == (
        Trouble.ROW_PASSES
    )


def test_the_same_words_under_another_code_wrap_nothing() -> None:
    message = "Do not write UNABLE_TO_LOCK_ROW into the subject."
    meaning = meaning_of("FIELD_CUSTOM_VALIDATION_EXCEPTION", message)
    assert meaning.trouble is Trouble.ROW_NEEDS_PERSON


def test_too_many_batch_retries_pass_in_a_smaller_batch() -> None:
    message = "Too many batch retries in the presence of Apex triggers and partial failures."
    assert meaning_of("SOMETHING", message).trouble is Trouble.ROW_PASSES


@pytest.mark.parametrize("meaning", [*MEANINGS.values(), NO_MEANING])
def test_staff_reads_sentences_without_codes(meaning: Meaning) -> None:
    for sentence in (meaning.reason, meaning.next_step):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert not re.search(r"\b[A-Z]+_[A-Z_]+\b|HTTP|\d", meaning.reason)


def test_a_rest_refusal_keeps_the_orgs_words() -> None:
    error = from_response(400, [{"errorCode": "MALFORMED_ID", "message": "bad id 5"}])
    assert isinstance(error, CrmRejected)
    assert (error.code, error.detail) == ("MALFORMED_ID", "bad id 5")


def test_a_refused_sign_in_has_no_list_and_sometimes_no_words() -> None:
    error = from_response(400, {"error": "invalid_grant"})
    assert isinstance(error, CrmMisconfigured)
    assert (error.code, error.detail) == ("invalid_grant", "")


@pytest.mark.parametrize("body", [None, "", "<html>", [], {}, [5], {"message": "no code"}])
def test_an_answer_without_a_code_is_classed_by_its_status(body: object) -> None:
    assert isinstance(from_response(503, body), CrmUnavailable)
    assert isinstance(from_response(400, body), CrmUnavailable)
    assert isinstance(from_response(401, body), CrmMisconfigured)


def test_both_limits_have_one_code_and_are_told_apart() -> None:
    daily = CrmLimitReached("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    concurrent = CrmLimitReached(
        "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."
    )
    assert (daily.limit, concurrent.limit) == (Limit.DAILY, Limit.CONCURRENT)


def test_an_errors_text_is_our_sentence_and_never_the_orgs() -> None:
    error = CrmRejected("STRING_TOO_LONG", "data value too large: Erika Mustermann (max length=5)")
    assert str(error) == "STRING_TOO_LONG: A text is longer than its field in Salesforce."
    assert "Erika" not in f"{error!r}{error.args}"


def test_a_token_never_gets_into_an_error() -> None:
    error = CrmUnavailable("X", "Bearer 00D8d0000000001!AQEAQabc.def_123 was refused")
    assert error.detail == "Bearer [token] was refused"


def test_an_endless_code_is_cut_to_what_the_store_holds() -> None:
    assert len(from_response(400, [{"errorCode": "X" * 500}]).code) == 80


def test_an_error_survives_the_way_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(CrmRejected("CODE", "words")))
    assert (type(error), error.code, error.detail) == (CrmRejected, "CODE", "words")


@pytest.mark.parametrize(
    ("words", "logged"),
    [
        (
            "Subject: data value too large: Mustermann (again)\n0171 (max length=255)",
            "Subject: data value too large: […] (max length=255)",
        ),
        (
            "duplicate value found: Key__c duplicates value on record with id: 5008d0000000001AAA",
            "duplicate value found: Key__c duplicates value on record with id: [id]",
        ),
        ("Duplicate external id specified: abc", "Duplicate external id specified: […]"),
        (
            "bad value for restricted picklist field: 'Erika'",
            "bad value for restricted picklist field: […]",
        ),
        ("call erika@example.org or +49 89 555010", "call […] or […]"),
        ("Required fields are missing: [Status]", "Required fields are missing: [Status]"),
    ],
)
def test_a_log_line_holds_nothing_that_the_org_echoes(words: str, logged: str) -> None:
    assert for_log(words) == logged


def test_there_are_four_kinds_of_errors() -> None:
    kinds = {CrmUnavailable, CrmLimitReached, CrmRejected, CrmMisconfigured}
    assert set(CrmError.__subclasses__()) == kinds
