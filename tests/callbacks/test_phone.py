import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.phone import mask, to_e164


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("49199123456789", "DE", "49199123456789"),
        ("14155550100", "DE", "14155550100"),
        ("+4989555016", "DE", "4989555016"),
        ("004989555017", "DE", "4989555017"),
        ("004989555017", "US", "4989555017"),
        ("+49 (0)89 / 555-018", "DE", "4989555018"),
        ("49 (0)89 555018", "DE", "4989555018"),
        ("089 555018", "DE", "4989555018"),
        ("(089) 555 018", "DE", "4989555018"),
        ("01 234 5678", "AT", "4312345678"),
        ("+390612345678", "DE", "390612345678"),
        ("498006464", "DE", "498006464"),
    ],
)
def test_a_full_number_becomes_e164_digits(text: str, region: str, number: str) -> None:
    assert to_e164(text, region) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "anonymous",
        "217",
        "4711",
        "+",
        "00",
        "sip:anna@example.org",
        "12345678901234567890123",
        "\u0661",
        "1" * 1_000_000 + "x",
    ],
)
def test_what_is_no_full_number_is_not_dialable(text: str) -> None:
    assert to_e164(text, "DE") == ""


@given(st.text())
def test_any_text_gives_digits_or_nothing(text: str) -> None:
    number = to_e164(text, "DE")
    assert number == "" or (number.isascii() and number.isdigit() and len(number) <= 17)


def test_a_masked_number_tells_neither_its_middle_nor_its_length() -> None:
    assert mask("4989555018") == "4989•••018"
    assert mask("4989") == "•••"
