"""Telephone numbers: E.164 digits without `+`, as the ACD writes them, or nothing."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

WRITTEN_NUMBER = re.compile(r"[\d\s()+/.\-\u2010-\u2015]*\d[\d\s()+/.\-\u2010-\u2015]*")
FIRST_DIGIT_OR_PLUS = re.compile(r"[+\d]")


NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MOST_CHARACTERS = 64  # no number is written longer; longer text is neither searched nor kept


def to_e164(text: str, region: str) -> str:
    """The digits of a number that is possible in full, else "".

    Digits without a leading 0 are international already, `+` and `00` likewise; a leading 0 is
    national in `region` (ISO 3166). *Possible*, not *valid*: real service ranges fail "valid".
    Never "local only": an extension such as 217 is nobody's full number.
    """
    return _to_e164(text, region) if len(text) <= MOST_CHARACTERS else ""


@lru_cache(maxsize=4096)
def _to_e164(text: str, region: str) -> str:
    if not WRITTEN_NUMBER.fullmatch(text):
        return ""
    try:
        number = phonenumbers.parse(_with_prefix(text), region)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")


def _with_prefix(text: str) -> str:
    """The number as written, with `+` in front where it is international already."""
    start = FIRST_DIGIT_OR_PLUS.search(text)
    number = text[start.start() :] if start else text
    digits = re.sub(r"\D", "", number)
    if number.startswith("+"):
        return number
    if digits.startswith("00"):
        return "+" + digits[2:]
    return text if digits.startswith("0") else "+" + number


def mask(number: str) -> str:
    """For logs: area and last three digits; a constant number of dots, so no length leaks."""
    return f"{number[:4]}•••{number[-3:]}" if len(number) >= 9 else "•••"  # noqa: PLR2004


def grouped(e164: str) -> str:
    """For people: international and grouped, and never broken over two lines."""
    try:
        number = phonenumbers.parse(f"+{e164}")
    except phonenumbers.NumberParseException:
        return e164
    written = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    return written.replace(" ", NO_BREAK_SPACE).replace("-", NO_BREAK_SPACE)
