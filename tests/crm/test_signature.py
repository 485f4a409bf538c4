"""Failures with one signature are mended by one correction."""

from typing import Any
from uuid import uuid4

import pytest

from callbacks.models import Callback
from callbacks.models.queue import Failed
from crm.draft import Draft, Target
from crm.exchange import Refused
from crm.outcomes import Judge
from crm.signature import LENGTH, signature_of

RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        (
            "STRING_TOO_LONG",
            "Subject: data value too large: Erika Mustermann wants (max length=255)",
            "Subject: data value too large: Max, again\nand again (max length=255)",
        ),
        (
            "UNKNOWN_EXCEPTION",
            "An unexpected error occurred. Please include this ErrorId: 123-456 (789)",
            "An unexpected error occurred. Please include this ErrorId: 98765-4 (-321)",
        ),
        (
            "UNABLE_TO_LOCK_ROW",
            "unable to obtain exclusive access to this record or 1 records: 5008d0000000001AAA",
            "unable to obtain exclusive access to this record or 3 records: 5008d000000A0B1",
        ),
        ("NUMBER_OUTSIDE_VALID_RANGE", "Floor: value outside: 42", "Floor: value outside: 1,234.5"),
        ("X", "The value 'Erika' is wrong", "The value 'Max' is wrong"),
        (RULE, "Customer 4711 is blocked", "Customer 4712 is blocked"),
    ],
)
def test_what_varies_makes_no_other_failure(code: str, one: str, other: str) -> None:
    assert signature_of(code, one) == signature_of(code, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((RULE, "Say why."), (RULE, "Say who.")),
        ((RULE, "Rule 1 refuses this."), (RULE, "Rule 2 refuses this.")),
        ((RULE, "Say why."), ("REQUIRED_FIELD_MISSING", "Say why.")),
    ],
)
def test_two_rules_make_two_failures(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert signature_of(*one) != signature_of(*other)


def test_the_fields_concerned_tell_failures_apart() -> None:
    message = "data value too large"
    by_field = {
        signature_of("STRING_TOO_LONG", message, fields=[name]) for name in ("A__c", "B__c")
    }
    assert by_field == {f"STRING_TOO_LONG {name} {message}" for name in ("A__c", "B__c")}


def test_the_order_in_which_fields_are_named_does_not_matter() -> None:
    assert signature_of("X", "", fields=["B", "A"]) == signature_of("X", "", fields=["A", "B"])


def test_a_field_whose_name_has_a_digit_keeps_it() -> None:
    assert signature_of("X", "Floor_12__c is wrong") == "X Floor_12__c is wrong"


def test_a_signature_fits_its_column() -> None:
    assert len(signature_of("X" * 80, "word " * 100, fields=["F" * 80] * 3)) <= LENGTH


@pytest.mark.parametrize(
    "message",
    [
        "Erika Mustermann, Hauptstraße, is not a customer",
        "call +49 89 555010 or 089/555010",
        "write to erika@example.org",
        "bad value for field: Mustermann",
    ],
)
def test_what_the_caller_said_is_not_in_it(message: str) -> None:
    signature = failure_of(
        Refused("X", message), UserData="Erika Mustermann, Hauptstraße", UserData2="Mustermann"
    ).signature
    for word in ("Erika", "Mustermann", "Hauptstraße", "555010", "erika@"):
        assert word not in signature


def test_a_field_that_only_the_words_name_is_found_in_them() -> None:
    refused = Refused("INVALID_FIELD", "No such column 'Wrong__c' on sobject of type Case")
    assert failure_of(refused).signature == (
        "INVALID_FIELD Wrong__c No such column … on sobject of type Case"
    )


def failure_of(refused: Refused, **payload: Any) -> Failed:
    row = Callback(id=uuid4(), lease_no=1, failures=9, payload=payload)
    draft = Draft(row, Target("Case", "K__c"), {"Wrong__c": "x", "Subject": "y"})
    outcome = Judge(isolation=3, chance=lambda: 1.0).told(draft, refused).outcome
    assert isinstance(outcome, Failed)
    return outcome
