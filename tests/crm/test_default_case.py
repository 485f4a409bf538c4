"""What a Case says where its route says nothing."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.models import Callback
from crm.default_case import spoken
from tests.crm.mapped import callback, case, fields_of
from tests.crm.objects import KEY


def test_the_default_case_says_who_wants_what() -> None:
    wish = callback(function="TICKET", payload={"UserData": "contract 17"})
    assert fields_of(wish) == {
        "Subject": "Callback for Service Hotline: +49 89 555010",
        "Description": (
            "Asked at: 2026-11-23 09:41 (Europe/Berlin)\n"
            "Number to dial: +49 89 555010\n"
            "Caller: +49 89 555010\n"
            "Service: Service Hotline (+49 89 46134180)\n"
            "Function: TICKET\n"
            "UserData: contract 17"
        ),
        "Origin": "Phone",
        "Priority": "Medium",
        "SuppliedPhone": "+4989555010",
        "Jtel_Requested_At__c": "2026-11-23T08:41:03Z",
        KEY: str(wish.id),
    }


def test_an_events_subject_and_body_are_in_the_description() -> None:
    sent = {"Subject": "Wants help", "Body": "Line 1\r\nLine 2", "AcdGroupsName": "Support"}
    description = case(payload=sent)["Description"]
    assert "Group: Support\nSubject: Wants help\n\nLine 1\nLine 2" in description


def test_the_callback_number_is_the_one_to_dial() -> None:
    fields = case(callback_text="0171 1234567", callback_number="491711234567")
    assert fields["SuppliedPhone"] == "+491711234567"
    assert fields["Subject"].endswith(": +49 171 1234567")
    assert "Caller: +49 89 555010" in fields["Description"]


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"kind": "voicemail"}, "Voice mail for Service Hotline: +49 89 555010"),
        ({"service_name": ""}, "Callback for +49 89 46134180: +49 89 555010"),
        ({"service_name": "", "service_number": ""}, "Callback: +49 89 555010"),
        ({"service_name": "", "service_number": "Hotline"}, "Callback for Hotline: +49 89 555010"),
        ({"service_name": "Two\nlines"}, "Callback for Two lines: +49 89 555010"),
        (
            {"caller_number": "", "caller_text": "anonymous"},
            "Callback for Service Hotline: anonymous",
        ),
        ({"caller_number": "", "caller_text": ""}, "Callback for Service Hotline: number unknown"),
    ],
)
def test_a_subject_is_sensible_whatever_is_missing(changes: dict[str, Any], subject: str) -> None:
    assert case(**changes)["Subject"] == subject


def test_a_number_that_cannot_be_dialled_is_kept_as_it_came() -> None:
    fields = case(caller_number="", caller_text="anonymous")
    assert fields["SuppliedPhone"] == "anonymous"
    assert "Number to dial: none" in fields["Description"]
    assert "Note: The number cannot be dialled: “anonymous”." in fields["Description"]


def test_a_callback_without_any_number_has_no_phone_field() -> None:
    fields = case(caller_number="", caller_text="")
    assert "SuppliedPhone" not in fields
    assert "Note: No number came with it." in fields["Description"]


def test_a_callback_number_that_cannot_be_dialled_gives_way_to_the_caller() -> None:
    fields = case(callback_text="extension 17")
    assert fields["SuppliedPhone"] == "+4989555010"
    assert "Note: The callback number cannot be dialled: “extension 17”." in fields["Description"]


@pytest.mark.parametrize("flag", [flag for flag in Callback.TimeFlag if flag])
def test_a_doubtful_time_is_noted(flag: Callback.TimeFlag) -> None:
    assert "\nNote: The call" in case(time_flag=flag)["Description"]


def test_a_reused_key_is_noted() -> None:
    assert "\nNote: The telephone system" in case(key_reused=True)["Description"]


def test_the_time_is_the_end_of_the_call_where_the_acd_stands() -> None:
    wish = callback(call_ended_at=datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
    fields = fields_of(wish, zone=ZoneInfo("America/New_York"))
    assert fields["Jtel_Requested_At__c"] == "2026-07-01T12:00:00Z"
    assert fields["Description"].startswith("Asked at: 2026-07-01 08:00 (America/New_York)")


def test_numbers_of_all_regions_are_grouped_as_the_library_does() -> None:
    examples = [phonenumbers.example_number(region) for region in phonenumbers.SUPPORTED_REGIONS]
    for number in filter(None, examples):
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        parsed = phonenumbers.parse(written)
        expected = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        assert spoken(written[1:]) == expected


@given(
    st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    st.from_regex(r"\A0{0,2}[1-9][0-9]{2,11}\Z"),
)
def test_any_number_is_grouped_as_the_library_does(code: int, national: str) -> None:
    zeros = len(national) - len(national.lstrip("0"))
    number = phonenumbers.PhoneNumber(
        country_code=code,
        national_number=int(national),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )
    international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    expected = phonenumbers.format_number(number, international)
    written = f"{code}{national}"
    assert spoken(written) == (expected if len(written) <= 15 else written)


@pytest.mark.parametrize(
    ("number", "said"), [("", ""), ("999", "+999"), ("49", "+49"), ("anna", "anna"), ("٤٩", "٤٩")]
)
def test_what_is_no_number_is_said_as_it_is(number: str, said: str) -> None:
    assert spoken(number) == said
