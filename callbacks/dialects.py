"""Foreign words in, facts out. Both dialects of the ACD, and whatever mixes them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

BASE = "base"
ACD_EVENT = "acd_event"

# For each fact the fields that may carry it; the first that is there wins.
CALLER = ("CallerID", "Caller")
CALLBACK_NUMBER = ("CallbackNumber",)
SERVICE_NUMBER = ("ServiceNumber", "ServiceNumbersNumber")
SERVICE_NAME = ("ServiceName", "ServiceNumbersName")
# The ACD-event dialect has no function; a group's foreign system id is made for routing.
FUNCTION = ("Function", "AcdGroupsForeignSystemID")
EVENT_ID = ("AcdEventsID",)
CALL_START = ("dtCallStart",)
CALL_END = ("dtCallEnd",)

PLAUSIBLE_YEARS = range(2000, 2100)


class NoCallerError(Exception):
    """No field of the request names a caller, under any name that an ACD uses."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a request says, as text, nothing interpreted yet."""

    dialect: str
    caller: str
    callback_number: str
    service_number: str
    service_name: str
    function: str
    event_id: str
    call_start: str
    call_end: str


def facts_of(fields: Mapping[str, Any]) -> Facts:
    if not any(name in fields for name in CALLER + CALLBACK_NUMBER):
        raise NoCallerError
    return Facts(
        dialect=BASE if "CallerID" in fields else ACD_EVENT,
        caller=_first(fields, CALLER),
        callback_number=_first(fields, CALLBACK_NUMBER),
        service_number=_first(fields, SERVICE_NUMBER),
        service_name=_first(fields, SERVICE_NAME),
        function=_first(fields, FUNCTION),
        event_id=_first(fields, EVENT_ID),
        call_start=_first(fields, CALL_START),
        call_end=_first(fields, CALL_END),
    )


def text_of(value: Any) -> str:
    """A JSON value as the text that a call flow would have sent: a number loses its quotes."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    return orjson.dumps(value).decode()


def to_utc(text: str, zone: ZoneInfo) -> tuple[datetime | None, str]:
    """A time of the ACD in UTC, and why not: "ambiguous", "missing", "unreadable" or "".

    Without an offset it is local time; in the hour that clocks repeat nobody can tell which.
    """
    if not text:
        return None, ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None, "unreadable"
    if moment.year not in PLAUSIBLE_YEARS:
        return None, "unreadable"
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
        change = _clock_change(moment)
        if change:
            return None, "ambiguous" if change > timedelta(0) else "missing"
    return moment.astimezone(UTC), ""


def _clock_change(moment: datetime) -> timedelta:
    """How far the clock goes back (forward: negative) in the hour of this local time."""
    before, after = moment.utcoffset(), moment.replace(fold=1).utcoffset()
    return (before or timedelta(0)) - (after or timedelta(0))


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        if name in fields and (text := text_of(fields[name])):
            return text
    return ""
