"""A text as the value that a field of the org takes, by its describe. Pure."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from django.utils.translation import gettext

from crm.templating import MappingError
from crm.wire import FieldInfo

Reader = Callable[[str, tzinfo], Any]  # of a text that is not empty, and the ACD's zone

ELLIPSIS = "…"
MOST_DIGITS = 18  # of any number of Salesforce; more is no JSON that it could read
MOST_CHOICES_TOLD = 20
TRUE = frozenset({"true", "yes", "1", "on", "ja"})
FALSE = frozenset({"false", "no", "0", "off", "nein"})
# The first three characters of an id say what it is of, in every org alike.
KEY_PREFIXES = {
    "Account": "001",
    "Asset": "02i",
    "Campaign": "701",
    "Case": "500",
    "Contact": "003",
    "Group": "00G",
    "Lead": "00Q",
    "Opportunity": "006",
    "RecordType": "012",
    "User": "005",
}
_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
_NUMBER = re.compile(r"([+-]?)0*([0-9]*)(?:[.,]([0-9]*))?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-]\d\d:?\d\d)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class MisfitError(MappingError):
    """The value cannot be used for its field."""

    code = "MAPPING_VALUE"


def reader_of(field: FieldInfo) -> Reader:
    """What turns a text into the field's value: None to leave it out, MisfitError if it cannot."""
    reader = _READERS.get(field.type, _single_line)
    return lambda text, zone: reader(field, text, zone)


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def is_same(ours: Any, theirs: Any) -> bool:
    """Whether the org holds what we sent, in its own way of writing that."""
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours == theirs or _written_alike(ours) == _written_alike(theirs)
    return bool(ours == theirs)


def _written_alike(text: str) -> str | list[str]:
    """Of ids, times, texts of several lines and of several choices, one way of the possible."""
    if is_id(text):
        return text[:15]
    if _TIME.fullmatch(text):
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")
    return sorted(cleaned(text).split(";"))


def cleaned(text: str) -> str:
    """Without what no field, or no JSON, can hold: control characters, lone surrogates."""
    if text.replace("\n", "").isprintable():  # most are, and this is told at once
        return text.strip()
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clipped(text: str, length: int) -> str:
    """At most so many UTF-16 units, the most that Salesforce can be counting."""
    if len(text) * 2 <= length or (len(text) <= length and text.isascii()):
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * length:
        return text
    return units[: 2 * (length - 1)].decode("utf-16-le", "ignore") + ELLIPSIS


def units(text: str) -> int:
    """How long it is as Salesforce may be counting."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def room_in(field: FieldInfo) -> int:
    """How long a text may be before it is cut; 0 where nothing is cut."""
    cuts = _READERS.get(field.type, _single_line) in {_single_line, _multi_line}
    return field.length if cuts else 0


def on_one_line(text: str) -> str:
    text = cleaned(text)
    return text if text.isprintable() and "  " not in text else " ".join(text.split())


# --- by type of field


def _multi_line(field: FieldInfo, text: str, _zone: tzinfo) -> str | None:
    text = cleaned(text)
    return (clipped(text, field.length) if field.length else text) or None


def _single_line(field: FieldInfo, text: str, _zone: tzinfo) -> str | None:
    text = on_one_line(text)
    return (clipped(text, field.length) if field.length else text) or None


def _choice(field: FieldInfo, text: str, _zone: tzinfo) -> str | None:
    text = on_one_line(text)
    if text:
        _check_choice(field, text)
    return text or None


def _choices(field: FieldInfo, text: str, _zone: tzinfo) -> str | None:
    parts = [part for part in map(str.strip, on_one_line(text).split(";")) if part]
    for part in parts:
        _check_choice(field, part)
    return ";".join(parts) or None


def _check_choice(field: FieldInfo, text: str) -> None:
    """Salesforce stores unknown values without a word unless the list is restricted."""
    allowed = field.picklist_values
    if not allowed or text in allowed:
        return
    told = ", ".join(allowed[:MOST_CHOICES_TOLD]) + (
        f", {ELLIPSIS}" if len(allowed) > MOST_CHOICES_TOLD else ""
    )
    raise _misfit(
        field, gettext("“%(value)s” is not in the list of the field: %(allowed)s."), text, told
    )


def _reference(field: FieldInfo, text: str, _zone: tzinfo) -> str | None:
    text = cleaned(text)
    if not text:
        return None
    if not is_id(text):
        raise _misfit(field, gettext("“%(value)s” is no id: it needs 15 or 18 characters."), text)
    prefixes = [KEY_PREFIXES.get(name) for name in field.reference_to]
    if prefixes and None not in prefixes and text[:3] not in prefixes:
        kinds = ", ".join(field.reference_to)
        raise _misfit(field, gettext("“%(value)s” is not the id of: %(allowed)s."), text, kinds)
    return text


def _boolean(field: FieldInfo, text: str, _zone: tzinfo) -> bool | None:
    word = cleaned(text).lower()
    if word in TRUE | FALSE:
        return word in TRUE
    if not word:
        return None
    raise _misfit(field, gettext("“%(value)s” is neither true nor false."), text)


def _number(field: FieldInfo, text: str, _zone: tzinfo) -> int | float | None:
    text = cleaned(text)
    if not text:
        return None
    found = _NUMBER.fullmatch(text)
    if found is None or not (found[2] or found[3] or "0" in text):
        raise _misfit(field, gettext("“%(value)s” is no number."), text)
    sign, whole, fraction = found[1], found[2] or "0", (found[3] or "").rstrip("0")
    _check_size(field, text, whole, fraction)
    return float(f"{sign}{whole}.{fraction}") if fraction else int(sign + whole)


def _check_size(field: FieldInfo, text: str, whole: str, fraction: str) -> None:
    """Digits behind the point are rounded by the org; those before it are not."""
    if fraction and field.type == "int":
        raise _misfit(field, gettext("“%(value)s” is no whole number."), text)
    room = (field.precision or MOST_DIGITS) - field.scale
    if len(whole.lstrip("0")) > room or len(fraction) > MOST_DIGITS:
        raise _misfit(field, gettext("“%(value)s” has more digits than the field."), text)


def _date(field: FieldInfo, text: str, zone: tzinfo) -> str | None:
    text = cleaned(text)
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return _moment(field, text, zone).astimezone(zone).date().isoformat()


def _datetime(field: FieldInfo, text: str, zone: tzinfo) -> str | None:
    text = cleaned(text)
    if not text:
        return None
    return _moment(field, text, zone).isoformat(timespec="seconds")[:19] + "Z"


def _moment(field: FieldInfo, text: str, zone: tzinfo) -> datetime:
    """In UTC. Without an offset it is local time of the ACD."""
    try:
        moment = datetime.fromisoformat(text)
        local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return local.astimezone(UTC)
    except (OverflowError, ValueError):
        why = gettext("“%(value)s” is no time: write it as 2026-11-23 09:41.")
        raise _misfit(field, why, text) from None


def _misfit(field: FieldInfo, sentence: str, value: str, allowed: str = "") -> MisfitError:
    return MisfitError(field.name, sentence % {"value": clipped(value, 80), "allowed": allowed})


_READERS: dict[str, Callable[[FieldInfo, str, tzinfo], Any]] = {
    "textarea": _multi_line,
    "picklist": _choice,
    "multipicklist": _choices,
    "reference": _reference,
    "boolean": _boolean,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "int": _number,
    "date": _date,
    "datetime": _datetime,
}
