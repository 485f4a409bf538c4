"""How people write telephone numbers in Salesforce, and whether what they wrote is a given number.

Nothing there bridges a country code or a leading 0: a number is found only as it was written.
Pure. A number is E.164 without `+`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.phonenumberutil import country_code_for_region, ndd_prefix_for_region

from callbacks.phone import to_e164

NUMBER = re.compile(r"[1-9][0-9]{5,14}")
NO_DIGITS = re.compile(r"[^0-9]+")


@dataclass(frozen=True)
class Ways:
    """The digits of a number as it is written: behind a `+` or 00, and within its country.

    `terms` are what to search for. For its length without 0049 (0)89 555010.
    """

    country_code: str
    abroad: tuple[str, ...]
    at_home: tuple[str, ...]
    terms: tuple[str, ...]


@lru_cache(maxsize=4096)
def ways_of(number: str) -> Ways | None:
    """For 4989555010: 4989555010 and 49089555010, 89555010 and 089555010. None if it is none."""
    if not NUMBER.fullmatch(number):
        return None
    code = next((c for n in (1, 2, 3) if _is_country(c := number[:n])), None)
    if code is None:
        return None
    national = number[len(code) :]
    with_trunk = [trunk + national] if (trunk := _trunk_prefix(code)) else []
    abroad = (number, *(code + digits for digits in with_trunk))
    at_home = (national, *with_trunk)
    return Ways(code, abroad, at_home, (*abroad, *at_home, f"00{number}"))


def _is_country(code: str) -> bool:
    return int(code) in COUNTRY_CODE_TO_REGION_CODE


@lru_cache(maxsize=512)
def _trunk_prefix(code: str) -> str:
    """The 0 of 089 555010. Not what Americans dial first: written, it is the country code."""
    region = COUNTRY_CODE_TO_REGION_CODE[int(code)][0]
    prefix = ndd_prefix_for_region(region, strip_non_digits=True) or ""
    return "" if prefix == code else prefix


def digits_of(text: str) -> str:
    return NO_DIGITS.sub("", text)


def is_written(text: str, number: str, region: str) -> bool:
    """Whether the text is the number, digit by digit. `region` is where the writers are.

    What is written as within a country may be of the number's own, unless it is another number
    where the writers are: 089 555010 is Munich in a German org, whoever calls from Austria.
    """
    ways, digits = ways_of(number), digits_of(text)
    if ways is None:
        return False
    if "+" in text:
        return digits in ways.abroad
    if digits.startswith("00"):
        return digits[2:] in ways.abroad
    if digits in ways.abroad:
        return True
    return digits in ways.at_home and (
        ways.country_code == str(country_code_for_region(region))
        or _valid_number(digits, region) in {"", number}
    )


@lru_cache(maxsize=4096)
def _valid_number(digits: str, region: str) -> str:
    number = to_e164(digits, region)
    if number and phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}")):
        return number
    return ""
