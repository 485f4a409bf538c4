"""Texts as the values that fields take, by their describe."""

from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.values import MisfitError, cleaned, clipped, is_id, is_same, reader_of
from crm.wire import FieldInfo
from tests.crm.objects import a_field, a_list, a_reference

BERLIN = ZoneInfo("Europe/Berlin")
ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=400)


def read(field: FieldInfo, text: str, zone: tzinfo = BERLIN) -> Any:
    return reader_of(field)(text, zone)


def why_not(field: FieldInfo, text: str) -> str:
    with pytest.raises(MisfitError) as caught:
        read(field, text)
    assert caught.value.field == field.name
    return caught.value.sentence


# --- texts


@pytest.mark.parametrize("kind", ["string", "phone", "email", "url", "combobox", "textarea"])
def test_a_text_is_cut_to_its_field(kind: str) -> None:
    field = a_field("F__c", kind, 10)
    assert read(field, "x" * 10) == "x" * 10
    assert read(field, "x" * 11) == "x" * 9 + "…"


def test_a_field_of_one_line_has_one_line() -> None:
    assert read(a_field("F__c"), " one\n  two\u00a0three ") == "one two three"


def test_a_field_of_many_lines_keeps_them() -> None:
    assert read(a_field("F__c", "textarea"), "one\r\n\r\ntwo ") == "one\n\ntwo"


@pytest.mark.parametrize(
    "kind", ["string", "textarea", "picklist", "multipicklist", "reference", "boolean", "double"]
)
def test_nothing_but_blanks_leaves_the_field_out(kind: str) -> None:
    assert read(a_field("F__c", kind), " \n\x00") is None


def test_a_field_without_a_length_is_not_cut() -> None:
    assert read(a_field("F__c", length=0), "x" * 1_000) == "x" * 1_000


# --- lists


def test_a_value_of_the_list_is_taken() -> None:
    assert read(a_list("Priority", "High", "Low"), " High ") == "High"


def test_a_value_that_the_list_lacks_is_told_with_the_list() -> None:
    sentence = why_not(a_list("Priority", "High", "Low"), "Hoch")
    assert sentence == "“Hoch” is not in the list of the field: High, Low."


def test_a_long_list_is_not_told_in_full() -> None:
    assert why_not(a_list("F__c", *map(str, range(100))), "x").endswith(" 18, 19, ….")


def test_a_list_that_nobody_tells_takes_everything() -> None:
    assert read(a_list("F__c"), "x") == "x"


def test_each_part_of_a_choice_of_several_is_checked() -> None:
    field = a_list("F__c", "A", "B", kind="multipicklist")
    assert read(field, "A; B;") == "A;B"
    assert why_not(field, "A;C").startswith("“C” is not in the list")


# --- references


@pytest.mark.parametrize("owner", ["005000000000001", "00G000000000001AAA"])
def test_an_id_of_the_right_kind_is_taken(owner: str) -> None:
    assert read(a_reference("OwnerId", "Group", "User"), f" {owner} ") == owner


def test_an_id_of_another_kind_is_refused() -> None:
    sentence = why_not(a_reference("OwnerId", "Group", "User"), "003000000000001AAA")
    assert sentence == "“003000000000001AAA” is not the id of: Group, User."


def test_what_has_no_known_prefix_is_left_to_the_org() -> None:
    assert read(a_reference("F__c", "Room__c"), "a01000000000001")


@pytest.mark.parametrize("text", ["Support", "00500000000001", "0050000000000 1", "\u0660" * 15])
def test_what_is_no_id_is_refused(text: str) -> None:
    assert not is_id(text)
    assert "is no id" in why_not(a_reference("OwnerId", "User"), text)


# --- numbers, truth, times


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("-007", -7), ("+1.50", 1.5), ("3,25", 3.25), ("0", 0), (".5", 0.5), ("5.0", 5)],
)
def test_a_number_becomes_one(text: str, value: float) -> None:
    assert read(a_field("F__c", "double", 0, precision=8, scale=2), text) == value


@pytest.mark.parametrize("text", ["x", "1.234,5", "1e5", "0x1", "-", ".", "٣", "nan", "1 2"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert "is no number" in why_not(a_field("F__c", "currency", 0), text)


@pytest.mark.parametrize(
    ("kind", "text"), [("double", "1234567"), ("percent", "9" * 19), ("double", "0." + "1" * 19)]
)
def test_a_number_too_large_for_its_field_is_refused(kind: str, text: str) -> None:
    field = a_field("F__c", kind, 0, precision=8 if kind == "double" else 0, scale=2)
    assert "more digits" in why_not(field, text)


def test_a_whole_number_has_no_fraction() -> None:
    assert read(a_field("F__c", "int", 0), "3.0") == 3
    assert "no whole number" in why_not(a_field("F__c", "int", 0), "3.5")


@pytest.mark.parametrize(("text", "value"), [("True", True), ("ja", True), ("0", False)])
def test_truth_is_told_in_words(text: str, value: bool) -> None:
    assert read(a_field("F__c", "boolean", 0), text) is value


def test_what_is_neither_true_nor_false_is_refused() -> None:
    assert "neither" in why_not(a_field("F__c", "boolean", 0), "perhaps")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-23 09:41", "2026-11-23T08:41:00Z"),
        ("2026-07-01T09:41:03", "2026-07-01T07:41:03Z"),
        ("2026-11-23T08:41:03Z", "2026-11-23T08:41:03Z"),
        ("2026-11-23T08:41:03.5-05:00", "2026-11-23T13:41:03Z"),
    ],
)
def test_a_time_is_sent_in_utc(text: str, value: str) -> None:
    assert read(a_field("F__c", "datetime", 0), text) == value


@pytest.mark.parametrize("text", ["tomorrow", "23.11.2026", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    assert "is no time" in why_not(a_field("F__c", "datetime", 0), text)
    assert "is no time" in why_not(a_field("F__c", "date", 0), text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-23", "2026-11-23"),
        ("2026-11-23 23:41", "2026-11-23"),
        ("2026-11-23T23:41:00Z", "2026-11-24"),
    ],
)
def test_a_date_is_the_day_where_the_acd_stands(text: str, value: str) -> None:
    assert read(a_field("F__c", "date", 0), text) == value


# --- whatever comes


KINDS = ["string", "textarea", "picklist", "multipicklist", "reference", "boolean", "double"]


@given(st.sampled_from([*KINDS, "int", "date", "datetime", "time", "anyType"]), ANYTHING)
def test_any_text_becomes_a_value_that_can_be_sent_or_is_refused(kind: str, text: str) -> None:
    field = a_field("F__c", kind, 255, picklist_values=("A", "B"))
    try:
        value = reader_of(field)(text, BERLIN)
    except MisfitError as error:
        orjson.dumps(cleaned(error.sentence))  # it is shown and stored
        return
    orjson.dumps(value)
    assert value != ""


@given(ANYTHING, st.integers(1, 300))
def test_clipping_counts_utf_16_units_and_never_splits_a_character(text: str, length: int) -> None:
    text = cleaned(text)
    short = clipped(text, length)
    assert len(short.encode("utf-16-le")) <= 2 * length
    assert short == text or text.startswith(short[:-1])


@given(ANYTHING)
def test_a_cleaned_text_can_be_sent(text: str) -> None:
    text = cleaned(text)
    assert text.encode().decode() == text
    assert not any(character < " " and character not in "\n\t" for character in text)


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("High", "High", True),
        ("High", "Low", False),
        ("High", None, False),
        (True, True, True),
        (7, 7.0, True),
        ("2026-11-23T08:41:03Z", "2026-11-23T08:41:03.000+0000", True),
        ("2026-11-23T08:41:03Z", "2026-11-23T08:41:04.000+0000", False),
        ("005000000000001", "005000000000001AAA", True),
        ("005000000000001", "005000000000002AAA", False),
        ("one\ntwo", "one\r\ntwo", True),
        ("b;a", "a;b", True),
    ],
)
def test_a_value_is_known_again_as_the_org_writes_it(
    ours: object, theirs: object, same: bool
) -> None:
    assert is_same(ours, theirs) is same
