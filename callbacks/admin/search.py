"""Finding a callback by what a clerk has at hand: a number in any shape, a Case, a name.

Each way to look has an index of its own on PostgreSQL (migration `ways_to_search`), and is written
so that it is used: a list of a million is searched in milliseconds.
"""

import re
from typing import NamedTuple
from uuid import UUID

import phonenumbers
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import F, Func, Q, TextField
from django.db.models.functions import Reverse
from django.db.models.lookups import IStartsWith, StartsWith

from callbacks.masking import sees_personal_data
from callbacks.models import Callback, FunctionRoute, ServiceNumber
from callbacks.phone import to_e164

PREFIX_DIGITS = 7  # as many, and a number is looked for from its beginning
SUFFIX_DIGITS = 3  # as few, and they are its last ones
NUMBER = re.compile(r"(?=.*\d)[+\d(][\d\s()/.\-]*")
RECENT = 2_000  # callbacks whose services and functions are known by name
SECONDS = 30  # for which they are remembered
LAST_WORD = Func(
    F("contact_name"),
    template="REVERSE(SPLIT_PART(REVERSE(%(expressions)s), ' ', 1))",
    output_field=TextField(),
)


class Spoken(NamedTuple):
    """What was asked for of late: functions, and services as pairs of number and name."""

    services: list[tuple[str, str]]
    functions: list[str]


def found_by_reader(text: str) -> Q:
    return matching(text) if sees_personal_data() else matching_in_full(text)


def matching(text: str) -> Q:
    text = text.strip()
    if key := _key(text):
        return Q(id=key)
    if NUMBER.fullmatch(text):
        return _by_digits(text)
    return _by_name(text) | _by_service(text) | Q(caller_number="", caller_text__istartswith=text)


def matching_in_full(text: str) -> Q:
    """Nothing that tells by its hits how a hidden number or name goes on."""
    text = text.strip()
    if key := _key(text):
        return Q(id=key)
    number = to_e164(text, settings.JTEL_DEFAULT_REGION)
    of_caller = Q(caller_number=number) | Q(callback_number=number) if number else Q()
    return of_caller | Q(case_number=text, case_number__gt="") | _by_service(text)


def spoken() -> Spoken:
    return cache.get_or_set("callbacks.spoken", _spoken, SECONDS) or Spoken([], [])


def _spoken() -> Spoken:
    newest = Callback.objects.order_by("-received_at", "-id")
    lately = list(newest.values_list("service_number", "service_name", "function")[:RECENT])
    functions = FunctionRoute.objects.values_list("function", flat=True)
    by_lower = {name.lower(): name for name in (*functions, *(row[2] for row in lately)) if name}
    return Spoken(
        services=sorted({(number, name) for number, name, _function in lately if name}),
        functions=[by_lower[name] for name in sorted(by_lower)],
    )


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _by_digits(text: str) -> Q:
    digits = re.sub(r"\D", "", text)
    if len(digits) < SUFFIX_DIGITS:
        return Q(case_number=digits, case_number__gt="")
    condition = _ends("caller_number", digits)
    condition |= _ends("callback_number", digits) & Q(callback_number__gt="")
    condition |= _ends("case_number", digits) & Q(case_number__gt="")
    if len(digits) >= PREFIX_DIGITS:
        start = _international(text)
        condition |= Q(caller_number__startswith=start)
        condition |= Q(callback_number__startswith=start, callback_number__gt="")
    return condition


def _ends(column: str, digits: str) -> Q:
    return Q(StartsWith(Reverse(column), digits[::-1]))


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
    """The whole name begins so, or its last word does: "maria w" and "web" find Maria Weber."""
    is_indexed = connection.vendor == "postgresql"
    surname = (
        Q(IStartsWith(LAST_WORD, text)) if is_indexed else Q(contact_name__icontains=f" {text}")
    )
    return Q(contact_name__gt="") & (Q(contact_name__istartswith=text) | surname)


def _by_service(text: str) -> Q:
    """What the number or the function is called, by staff or by requests of late."""
    start = text.lower()
    numbers = ServiceNumber.objects.filter(name__istartswith=text).values_list("number", flat=True)
    condition = Q(service_number__in=list(numbers))
    for number, name in spoken().services:
        if name.lower().startswith(start) and number not in numbers:
            condition |= Q(service_number=number, service_name=name)
    for function in spoken().functions:
        if function.lower().startswith(start):
            condition |= Q(function__iexact=function)
    return condition
