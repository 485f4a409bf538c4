"""Finding a callback by what a clerk has at hand: a number in any shape, a Case, a name."""

import re
from uuid import UUID

import phonenumbers
from django.conf import settings
from django.db.models import Q

from callbacks.masking import sees_personal_data
from callbacks.phone import to_e164

PREFIX_DIGITS = 7  # as many, and a number is looked for from its beginning
SUFFIX_DIGITS = 3  # as few, and they are its last ones
NUMBER = re.compile(r"(?=.*\d)[+\d(][\d\s()/.\-]*")


def found_by_reader(text: str) -> Q:
    return matching(text) if sees_personal_data() else matching_in_full(text)


def matching(text: str) -> Q:
    text = text.strip()
    if key := _key(text):
        return Q(id=key)
    if NUMBER.fullmatch(text):
        return _by_digits(text)
    return _by_name(text)


def matching_in_full(text: str) -> Q:
    """Nothing that tells by its hits how a hidden number or name goes on."""
    text = text.strip()
    if key := _key(text):
        return Q(id=key)
    number = to_e164(text, settings.JTEL_DEFAULT_REGION)
    of_caller = Q(caller_number=number) | Q(callback_number=number) if number else Q()
    return of_caller | Q(case_number=text) | Q(service_name__istartswith=text)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _by_digits(text: str) -> Q:
    digits = re.sub(r"\D", "", text)
    if len(digits) < SUFFIX_DIGITS:
        return Q(case_number=digits)
    condition = Q(caller_number__endswith=digits) | Q(callback_number__endswith=digits)
    if len(digits) >= PREFIX_DIGITS:
        start = _international(text)
        condition |= Q(caller_number__startswith=start) | Q(callback_number__startswith=start)
    return condition | Q(case_number__endswith=digits)


def _international(text: str) -> str:
    """The beginning of the number in E.164, which may be incomplete: "089 555" is "4989555"."""
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    if text.startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    if digits.startswith("0"):
        country = phonenumbers.country_code_for_region(settings.JTEL_DEFAULT_REGION)
        return f"{country}{digits[1:]}"
    return digits


def _by_name(text: str) -> Q:
    return (
        Q(service_name__istartswith=text)
        | Q(function__istartswith=text)
        | Q(caller_text__istartswith=text)
    )
