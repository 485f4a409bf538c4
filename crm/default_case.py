"""What a Case says where its route says nothing. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberFormat

from callbacks.dialects import text_of
from callbacks.models import Callback
from callbacks.models.queue import NOBODY, Caller

REQUESTED_AT_FIELD = "Jtel_Requested_At__c"
E164_DIGITS = 15
MOST_CHARACTERS = 32_000  # of a text that came with the request: what a Description can hold

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
NOTE_ON_UNCERTAIN_CALLER = "It could not be found out in Salesforce who called."


def subject(callback: Callback) -> str:
    what = "Voice mail" if callback.kind == Callback.Kind.VOICEMAIL else "Callback"
    service = callback.service_name or spoken(callback.service_number)
    number = spoken(callback.number_to_dial) or number_as_sent(callback) or "number unknown"
    return f"{what} for {service}: {number}" if service else f"{what}: {number}"


def description(
    callback: Callback, zone: tzinfo, caller: Caller = NOBODY, open_cases: str = ""
) -> str:
    return "\n".join(_lines(callback, zone, caller, open_cases))


def phone(callback: Callback) -> str:
    number = callback.number_to_dial
    return f"+{number}" if number else number_as_sent(callback)


def _lines(callback: Callback, zone: tzinfo, caller: Caller, open_cases: str) -> Iterator[str]:
    yield f"Asked at: {local(callback.asked_at, zone)} ({zone})"
    yield f"Number to dial: {spoken(callback.number_to_dial) or 'none'}"
    for label, text in _particulars(callback):
        if text:
            yield f"{label}: {text}"
    if caller.candidates:
        yield f"Possible callers:\n{candidates(caller)}"
    if open_cases:
        yield f"Open Cases that could be meant: {open_cases}"
    if body := sent(callback, "Body"):
        yield ""
        yield body
    notes = list(_notes(callback, caller))
    if notes:
        yield ""
        yield from (f"Note: {note}" for note in notes)


def candidates(caller: Caller) -> str:
    """One line for each who could have called."""
    return "\n".join(f"{one['name']} ({one['object']} {one['id']})" for one in caller.candidates)


def _particulars(callback: Callback) -> Iterator[tuple[str, str]]:
    yield "Caller", spoken(callback.caller_number) or callback.caller_text
    yield "Service", _service(callback)
    yield "Function", callback.function
    yield "Group", sent(callback, "AcdGroupsName")
    for name in ("UserData", "UserData2", "UserData3", "Subject"):
        yield name, sent(callback, name)


def _notes(callback: Callback, caller: Caller) -> Iterator[str]:
    if not callback.number_to_dial:
        text = number_as_sent(callback)
        yield f"The number cannot be dialled: “{text}”." if text else "No number came with it."
    elif callback.callback_text and not callback.callback_number:
        yield f"The callback number cannot be dialled: “{callback.callback_text}”."
    if callback.time_flag:
        yield NOTES_ON_TIME[Callback.TimeFlag(callback.time_flag)]
    if callback.key_reused:
        yield NOTE_ON_REUSED_KEY
    if caller.is_uncertain:
        yield NOTE_ON_UNCERTAIN_CALLER


def _service(callback: Callback) -> str:
    number = spoken(callback.service_number)
    if callback.service_name and number:
        return f"{callback.service_name} ({number})"
    return callback.service_name or number


def number_as_sent(callback: Callback) -> str:
    return callback.callback_text or callback.caller_text


# --- numbers, times and fields as text


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


def international(number: str) -> str:
    return f"+{number}" if _is_international(number) else number


def _is_international(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) <= E164_DIGITS


def local(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat(" ", "minutes")[:16]


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def sent(callback: Callback, name: str) -> str:
    """A field of the request as text; what is nested too deep to be written is left out."""
    try:
        return text_of(callback.payload.get(name))[:MOST_CHARACTERS]
    except TypeError:
        return ""
