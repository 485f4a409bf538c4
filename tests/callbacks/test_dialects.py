from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from callbacks.dialects import ACD_EVENT, BASE, NoCallerError, facts_of, to_utc

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_base_dialect_is_told_by_its_caller_field() -> None:
    facts = facts_of({"CallerID": "4989555010", "ServiceNumber": "498946134180", "Function": "F"})
    assert (facts.dialect, facts.caller, facts.service_number, facts.function) == (
        BASE,
        "4989555010",
        "498946134180",
        "F",
    )


def test_an_acd_event_names_the_same_facts_otherwise() -> None:
    facts = facts_of(
        {
            "Caller": "4989555010",
            "CallbackNumber": "4989555011",
            "ServiceNumbersNumber": "498946134180",
            "ServiceNumbersName": "Hotline",
            "AcdEventsID": 17,
            "AcdGroupsForeignSystemID": "SERVICE_B2B",
        }
    )
    assert facts.dialect == ACD_EVENT
    assert facts.callback_number == "4989555011"
    assert facts.service_name == "Hotline"
    assert facts.event_id == "17"
    assert facts.function == "SERVICE_B2B"


@pytest.mark.parametrize(
    ("value", "text"),
    [(4989555010, "4989555010"), (None, ""), (True, "true"), ([1, "a"], '[1,"a"]'), (" x ", "x")],
)
def test_a_value_of_any_type_becomes_the_text_it_would_have_been(value: object, text: str) -> None:
    assert facts_of({"CallerID": value}).caller == text


def test_a_request_that_names_no_caller_is_refused() -> None:
    with pytest.raises(NoCallerError):
        facts_of({"ServiceNumber": "498946134180"})


@pytest.mark.parametrize(
    ("text", "moment", "flag"),
    [
        ("2026-11-20T09:14:03", datetime(2026, 11, 20, 8, 14, 3, tzinfo=UTC), ""),
        ("2026-07-20T09:14:03.250", datetime(2026, 7, 20, 7, 14, 3, 250_000, tzinfo=UTC), ""),
        ("2026-10-25T02:30:00", None, "ambiguous"),
        ("2026-10-25T02:30:00+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), ""),
        ("2026-03-29T02:30:00", None, "missing"),
        ("0001-01-01T00:00:00", None, "unreadable"),
        ("9999-12-31T23:59:59-12:00", None, "unreadable"),
        ("yesterday", None, "unreadable"),
        ("", None, ""),
    ],
)
def test_a_local_time_becomes_utc_or_says_why_not(
    text: str, moment: datetime | None, flag: str
) -> None:
    assert to_utc(text, BERLIN) == (moment, flag)
