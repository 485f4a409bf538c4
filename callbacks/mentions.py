"""Whether a text mentions a telephone number, however it is written. Pure."""

import re
from collections.abc import Callable
from urllib.parse import unquote_plus

import phonenumbers

BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s()+/.\-\u2010-\u2015]+(?=\d)")


def finder(number: str) -> Callable[[str], bool]:
    """Says of a text whether the E.164 number is in it: international, or national with its 0."""
    parsed = phonenumbers.parse(f"+{number}")
    national = phonenumbers.national_significant_number(parsed)

    def is_in(text: str) -> bool:
        digits = BETWEEN_DIGITS.sub("", unquote_plus(text))
        return number in digits or f"0{national}" in digits

    return is_in
