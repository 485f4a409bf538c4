"""What a Case says where its route says nothing. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from re import Pattern

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

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
SAID = ("UserData", "UserData2", "UserData3", "Subject")
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
    lines = [
        f"Asked at: {local(callback.asked_at, zone)} ({zone})",
        f"Number to dial: {spoken(callback.number_to_dial) or 'none'}",
        *[f"{label}: {text}" for label, text in _particulars(callback) if text],
    ]
    if caller.candidates:
        lines.append(f"Possible callers:\n{candidates(caller)}")
    if open_cases:
        lines.append(f"Open Cases that could be meant: {open_cases}")
    if body := sent(callback, "Body"):
        lines += ["", body]
    if notes := list(_notes(callback, caller)):
        lines += ["", *[f"Note: {note}" for note in notes]]
    return "\n".join(lines)


def phone(callback: Callback) -> str:
    number = callback.number_to_dial
    return f"+{number}" if number else number_as_sent(callback)


def candidates(caller: Caller) -> str:
    """One line for each who could have called."""
    return "\n".join(f"{one['name']} ({one['object']} {one['id']})" for one in caller.candidates)


def _particulars(callback: Callback) -> list[tuple[str, str]]:
    return [
        ("Caller", spoken(callback.caller_number) or callback.caller_text),
        ("Service", _service(callback)),
        ("Function", callback.function),
        ("Group", sent(callback, "AcdGroupsName")),
        *[(name, sent(callback, name)) for name in SAID if name in callback.payload],
    ]


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
    if callback.asked_again:
        yield f"The caller asked {callback.asked_again + 1} times."
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
    """Grouped for reading: +49 89 555010 for 4989555010. Other texts as they are.

    As `phonenumbers.format_number` does, at a third of its cost: every callback comes through.
    """
    if not _is_international(number):
        return number
    split = next((n for n in (1, 2, 3) if int(number[:n]) in COUNTRY_CODE_TO_REGION_CODE), 0)
    code, national = number[:split], number[split:]
    if not code or not national:
        return f"+{number}"
    for leading, pattern, grouped in _groupings(int(code)):
        if (leading is None or leading.match(national)) and pattern.fullmatch(national):
            return f"+{code} {pattern.sub(grouped, national)}"
    return f"+{code} {national}"


@lru_cache(maxsize=256)
def _groupings(code: int) -> list[tuple[Pattern[str] | None, Pattern[str], str]]:
    """Which numbers of the country are grouped how: their first digits, all, the groups."""
    region = COUNTRY_CODE_TO_REGION_CODE[code][0]
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    formats = (metadata.intl_number_format or metadata.number_format) if metadata else []
    return [
        (
            re.compile(form.leading_digits_pattern[-1]) if form.leading_digits_pattern else None,
            re.compile(form.pattern or ""),
            form.format or "",
        )
        for form in formats
    ]


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
    value = callback.payload.get(name)
    if value is None:
        return ""
    try:
        return text_of(value)[:MOST_CHARACTERS]
    except TypeError:
        return ""
