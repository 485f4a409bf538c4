"""What a callback says in a Case. Pure: nothing is asked of the database or the network.

A route's templates replace or add fields. What they may print, always text, empty if unknown:

=====================  ===========================================================================
variable               meaning
=====================  ===========================================================================
number_to_dial         the callback number, else the caller's: +4989555010; empty: not dialable
caller_number          the caller: +4989555010; empty if it is not a number that can be dialled
caller_text            the caller as the ACD sent it: 089 555010, anonymous
callback_number        the number on which the caller wants to be called, if one was given
callback_text          the same as the ACD sent it
service_number         the number that was called: +498946134180
service_name           its name: Service Hotline
function               which action is wanted, or the reference of the ACD group
user_data              UserData; also user_data2 and user_data3
subject, body, group   of the ACD event: its subject, its text, the name of the ACD group
kind                   callback or voicemail
asked_at               when the caller asked, local time: 2026-11-23 09:41
asked_at_utc           the same as Salesforce reads it: 2026-11-23T08:41:03Z
received_at            when the request came in, local time
callback_id            the key of the callback: the external id of the Case
fields.<Name>          any field of the request, by the name that was sent: fields.SkillsValue1
default.<Name>         what the field would hold without a template: default.Subject
=====================  ===========================================================================
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from django.conf import settings
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberFormat

from callbacks.dialects import text_of
from callbacks.models import Callback
from crm.templating import MappingError, check_template, rendered

__all__ = ["MappingError", "check_template", "fields_for", "fitted", "names_owner"]

REQUESTED_AT_FIELD = "Jtel_Requested_At__c"

# Of a Case, in characters (describe of Case, v48). A picklist's values have at most 40.
SINGLE_LINE = {
    "Subject": 255,
    "SuppliedName": 80,
    "SuppliedEmail": 80,
    "SuppliedPhone": 40,
    "SuppliedCompany": 80,
    "Type": 40,
    "Status": 40,
    "Reason": 40,
    "Origin": 40,
    "Priority": 40,
}
MULTI_LINE = {"Description": 32_000, "Comments": 4_000}
LENGTHS = SINGLE_LINE | MULTI_LINE
# A Text field has 255 at most. What is cut there shows an ellipsis and is whole in the
# Description; what is too long would be no Case at all.
UNKNOWN_LENGTH = 255
ELLIPSIS = "…"
E164_DIGITS = 15

NOTES_ON_TIME = {
    Callback.TimeFlag.AMBIGUOUS: (
        "The call was in the hour that clocks repeat in autumn; the time above may be inexact."
    ),
    Callback.TimeFlag.MISSING: (
        "The call's time is in the hour that clocks skip in spring; the time above may be inexact."
    ),
    Callback.TimeFlag.UNREADABLE: (
        "The call's time could not be read; the time above may be when the request came in."
    ),
}
NOTE_ON_REUSED_KEY = (
    "The telephone system used the key of an earlier request of another caller or service again."
)


def fields_for(
    callback: Callback,
    mappings: Mapping[str, str],
    *,
    key_field: str,
    zone: tzinfo | None = None,
    lengths: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Any]:
    """The fields of the Case, key included. MappingError if a template is broken.

    `mappings` is field → template. `zone` is the ACD's, `JTEL_TIMEZONE` without; `lengths` are a
    describe's, by field, where they are better known than here (0: no text, not clipped).
    """
    zone = zone or ZoneInfo(settings.JTEL_TIMEZONE)
    fields = _default_fields(callback, zone)
    if mappings:
        fields = _overridden(fields, mappings, _facts(callback, fields, zone), key_field)
    fitting = {name: fitted(name, text, lengths) for name, text in fields.items()}
    return {name: text for name, text in fitting.items() if text} | {key_field: str(callback.id)}


def names_owner(fields: Mapping[str, Any]) -> bool:
    """Assignment rules override an owner, so they have to be off for such a Case."""
    return any(name.lower() == "ownerid" for name in fields)


def fitted(name: str, text: str, lengths: Mapping[str, int] = MappingProxyType({})) -> str:
    """The text as the field can hold it."""
    text = cleaned(text)
    if name in SINGLE_LINE:
        text = " ".join(text.split())
    length = lengths.get(name, LENGTHS.get(name, UNKNOWN_LENGTH))
    return clipped(text, length) if length else text


_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def cleaned(text: str) -> str:
    """Without what no field, or no JSON, can hold: control characters, lone surrogates."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clipped(text: str, length: int) -> str:
    """At most so many UTF-16 units, the most that Salesforce can be counting."""
    if len(text) * 2 <= length or (len(text) <= length and text.isascii()):
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * length:
        return text
    return units[: 2 * (length - 1)].decode("utf-16-le", "ignore") + ELLIPSIS


# --- the Case without a template


def _default_fields(callback: Callback, zone: tzinfo) -> dict[str, str]:
    number = callback.number_to_dial
    return {
        "Subject": _subject(callback),
        "Description": "\n".join(_description(callback, zone)),
        "Origin": "Phone",
        "Priority": "Medium",
        "SuppliedPhone": f"+{number}" if number else _number_as_sent(callback),
        REQUESTED_AT_FIELD: _utc(callback.asked_at),
    }


def _subject(callback: Callback) -> str:
    what = "Voice mail" if callback.kind == Callback.Kind.VOICEMAIL else "Callback"
    service = callback.service_name or spoken(callback.service_number)
    number = spoken(callback.number_to_dial) or _number_as_sent(callback) or "number unknown"
    return f"{what} for {service}: {number}" if service else f"{what}: {number}"


def _description(callback: Callback, zone: tzinfo) -> Iterator[str]:
    yield f"Asked at: {_local(callback.asked_at, zone)} ({zone})"
    yield f"Number to dial: {spoken(callback.number_to_dial) or 'none'}"
    for label, text in _particulars(callback):
        if text:
            yield f"{label}: {text}"
    if body := _sent(callback, "Body"):
        yield ""
        yield body
    notes = list(_notes(callback))
    if notes:
        yield ""
        yield from (f"Note: {note}" for note in notes)


def _particulars(callback: Callback) -> Iterator[tuple[str, str]]:
    yield "Caller", spoken(callback.caller_number) or callback.caller_text
    yield "Service", _service(callback)
    yield "Function", callback.function
    yield "Group", _sent(callback, "AcdGroupsName")
    for name in ("UserData", "UserData2", "UserData3", "Subject"):
        yield name, _sent(callback, name)


def _notes(callback: Callback) -> Iterator[str]:
    if not callback.number_to_dial:
        text = _number_as_sent(callback)
        yield f"The number cannot be dialled: “{text}”." if text else "No number came with it."
    elif callback.callback_text and not callback.callback_number:
        yield f"The callback number cannot be dialled: “{callback.callback_text}”."
    if callback.time_flag:
        yield NOTES_ON_TIME[Callback.TimeFlag(callback.time_flag)]
    if callback.key_reused:
        yield NOTE_ON_REUSED_KEY


def _service(callback: Callback) -> str:
    number = spoken(callback.service_number)
    if callback.service_name and number:
        return f"{callback.service_name} ({number})"
    return callback.service_name or number


def _number_as_sent(callback: Callback) -> str:
    return callback.callback_text or callback.caller_text


@lru_cache(maxsize=256)
def spoken(number: str) -> str:
    """Grouped for reading: +49 89 555010 for 4989555010. Other texts as they are."""
    if not _is_international(number):
        return number
    parsed = _parsed(number)
    if parsed is None:
        return f"+{number}"
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def _parsed(number: str) -> PhoneNumber | None:
    """What `phonenumbers.parse` finds, at a third of its cost: every callback comes through."""
    split = next((n for n in (1, 2, 3) if int(number[:n]) in COUNTRY_CODE_TO_REGION_CODE), None)
    national = number[split:]
    if split is None or not national:
        return None
    zeros = len(national) - len(national.lstrip("0"))  # they belong to the number, as in Italy
    return PhoneNumber(
        country_code=int(number[:split]),
        national_number=int(national),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def _is_international(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) <= E164_DIGITS


def _local(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


# --- a route's templates


def _overridden(
    fields: dict[str, str], mappings: Mapping[str, str], facts: dict[str, Any], key_field: str
) -> dict[str, str]:
    """Salesforce takes field names in any case, and refuses the same field twice."""
    refused = {key_field.lower(), "attributes", "id"}
    named = {field.lower() for field in mappings}
    if forbidden := next((field for field in mappings if field.lower() in refused), None):
        raise MappingError(forbidden, "This field cannot be filled by a template.")
    names = {name.lower(): name for name in LENGTHS | fields}
    kept = {name: text for name, text in fields.items() if name.lower() not in named}
    return kept | {
        names.get(field.lower(), field): rendered(field, template, facts)
        for field, template in mappings.items()
    }


def _facts(callback: Callback, default: Mapping[str, str], zone: tzinfo) -> dict[str, Any]:
    return {
        "number_to_dial": _international(callback.number_to_dial),
        "caller_number": _international(callback.caller_number),
        "caller_text": callback.caller_text,
        "callback_number": _international(callback.callback_number),
        "callback_text": callback.callback_text,
        "service_number": _international(callback.service_number),
        "service_name": callback.service_name,
        "function": callback.function,
        "user_data": _sent(callback, "UserData"),
        "user_data2": _sent(callback, "UserData2"),
        "user_data3": _sent(callback, "UserData3"),
        "subject": _sent(callback, "Subject"),
        "body": _sent(callback, "Body"),
        "group": _sent(callback, "AcdGroupsName"),
        "kind": str(callback.kind),
        "asked_at": _local(callback.asked_at, zone),
        "asked_at_utc": _utc(callback.asked_at),
        "received_at": _local(callback.received_at, zone),
        "callback_id": str(callback.id),
        "fields": {str(name): _sent(callback, name) for name in callback.payload},
        "default": dict(default),
    }


def _international(number: str) -> str:
    return f"+{number}" if _is_international(number) else number


def _sent(callback: Callback, name: str) -> str:
    """A field of the request as text; what is nested too deep to be written is left out."""
    try:
        return text_of(callback.payload.get(name))
    except TypeError:
        return ""
