"""How people write numbers, and what they mean by it."""

import pytest

from crm.numbers import is_written, ways_of

MUNICH, AMERICAN, ROMAN = "4989555010", "14155550100", "390612345678"
STORED = [
    ("(089) 55 50 10", MUNICH),
    ("089-555010", MUNICH),
    ("089/555010 (office)", MUNICH),
    ("89555010", MUNICH),
    ("4989555010", MUNICH),
    ("+4989555010", MUNICH),
    ("+49 89 555010", MUNICH),
    ("+49 (0)89/555010", MUNICH),
    ("(+49) 89 555010", MUNICH),
    ("004989555010", MUNICH),
    ("0049 89 555010", MUNICH),
    ("+1 (415) 555-0100", AMERICAN),
    ("1-415-555-0100", AMERICAN),
    ("(415) 555-0100", AMERICAN),
    ("4155550100", AMERICAN),
    ("001 415 555 0100", AMERICAN),
    ("+39 06 12345678", ROMAN),
    ("+7 916 123-45-67", "79161234567"),
    ("8 (916) 123-45-67", "79161234567"),
    ("+36 (06) 1 234 5678", "3612345678"),
]


@pytest.mark.parametrize(("text", "number"), STORED)
def test_a_number_is_known_however_it_is_written(text: str, number: str) -> None:
    assert is_written(text, number, "DE")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+49 89 555011", MUNICH),
        ("089 55501", MUNICH),
        ("089 555010 12", MUNICH),
        ("+89 555010", MUNICH),
        ("+089 555010", MUNICH),
        ("0089 555010", MUNICH),
        ("+1 89 555010", MUNICH),
        ("0043 89 555010", MUNICH),
        ("+4155550100", AMERICAN),
        ("06 12345678", "39612345678"),
        ("", MUNICH),
        ("ask the front desk", MUNICH),
        ("٠٨٩٥٥٥٠١٠", MUNICH),
        (MUNICH, ""),
        ("anonymous", "anonymous"),
    ],
)
def test_another_number_is_not_taken_for_it(text: str, number: str) -> None:
    assert not is_written(text, number, "DE")


def test_a_number_without_country_means_the_country_of_who_wrote_it() -> None:
    austrian = "4389555010"
    assert not is_written("089 555010", austrian, "DE")
    assert is_written("089 555010", austrian, "AT")


@pytest.mark.parametrize(
    ("text", "number", "region"),
    [("06 12345678", ROMAN, "IT"), ("(06 1) 234 5678", "3612345678", "HU")],
)
def test_leading_digits_are_those_of_the_country(text: str, number: str, region: str) -> None:
    assert is_written(text, number, region)
    assert not is_written(text, number, "DE")


def test_what_is_no_number_at_home_may_be_one_abroad() -> None:
    assert is_written("01 23 45 67 89", "33123456789", "DE")


def test_what_reads_as_another_countrys_number_is_that() -> None:
    assert not is_written("4930123456", "14930123456", "DE")
    assert is_written("4930123456", "4930123456", "DE")


@pytest.mark.parametrize("text", ["", "anonymous", "0", "089555010", "+4989555010", "112", "٤٩٨٩"])
def test_what_is_no_international_number_is_not_searched(text: str) -> None:
    assert ways_of(text) is None


def test_at_most_five_terms_are_searched() -> None:
    munich, american, roman = ways_of(MUNICH), ways_of(AMERICAN), ways_of(ROMAN)
    assert munich is not None
    assert american is not None
    assert roman is not None
    assert set(munich.terms) == {
        *("4989555010", "49089555010", "89555010", "089555010", "004989555010"),
    }
    assert set(american.terms) == {"14155550100", "4155550100", "0014155550100"}
    assert set(roman.terms) == {"390612345678", "0612345678", "00390612345678"}
