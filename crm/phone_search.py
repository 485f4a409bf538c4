"""One search for many numbers: what is asked, and what the records that come back say. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from callbacks.parsers import storable
from crm.numbers import digits_of, is_written, ways_of

# Numbers of the person or company itself: not of an assistant, not of a fax machine.
PHONE_FIELDS = {
    "Contact": ("Phone", "MobilePhone", "HomePhone", "OtherPhone"),
    "Lead": ("Phone", "MobilePhone"),
    "Account": ("Phone",),
}
WANTED_FIELDS = {
    name: ("Id", "Name", *further, *PHONE_FIELDS[name])
    for name, further in (("Contact", ["AccountId"]), ("Lead", ["IsConverted"]), ("Account", []))
}

MOST_CHARACTERS = 4_000  # above that a search loses its operators
MOST_RECORDS = 600  # of an object; an org gives 2,000 of all objects together

OR = " OR "

Key = tuple[str, str]  # object, number


@dataclass(frozen=True)
class Match:
    object: str
    id: str
    name: str
    account_id: str


@dataclass(frozen=True)
class Finding:
    """Who has a number. Not complete: there are more than a search can bring."""

    matches: tuple[Match, ...] = ()
    is_complete: bool = True


def portions(numbers: Iterable[str]) -> Iterator[list[str]]:
    """As many numbers as fit into one search."""
    portion: list[str] = []
    length = 0
    for number in numbers:
        longer = len(_alternatives([number]) + OR)
        if portion and length + longer > MOST_CHARACTERS:
            yield portion
            portion, length = [], 0
        portion.append(number)
        length += longer
    if portion:
        yield portion


def halves(numbers: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    middle = len(numbers) // 2
    return numbers[:middle], numbers[middle:]


def _alternatives(numbers: Iterable[str]) -> str:
    """What to search for: digits and OR, nothing else, whatever came."""
    return OR.join(term for number in numbers if (ways := ways_of(number)) for term in ways.terms)


def parameters(numbers: Sequence[str], fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        "q": _alternatives(numbers),
        "in": "PHONE",
        "spellCorrection": False,
        "overallLimit": MOST_RECORDS * len(fields),
        "sobjects": [
            {"name": name, "fields": wanted, "limit": MOST_RECORDS}
            for name, wanted in fields.items()
        ],
    }


def findings(
    records: Iterable[Mapping[str, Any]], numbers: Sequence[str], names: Iterable[str]
) -> dict[Key, Finding]:
    """Who has each number; nothing of an object at its limit, unless the number is alone."""
    by_object: dict[str, list[Mapping[str, Any]]] = {name: [] for name in names}
    for record in records:
        by_object[record["attributes"]["type"]].append(record)
    meant_by = _numbers_by_digits(numbers)
    found: dict[Key, Finding] = {}
    for name, ours in by_object.items():
        is_complete = len(ours) < MOST_RECORDS
        if is_complete or len(numbers) == 1:
            matches = _matches(name, ours, meant_by)
            for number in numbers:
                found[name, number] = Finding(tuple(matches.get(number, ())), is_complete)
    return found


def _numbers_by_digits(numbers: Iterable[str]) -> dict[str, list[str]]:
    """Which numbers some digits can mean."""
    found: dict[str, list[str]] = {}
    for number in numbers:
        if ways := ways_of(number):
            for term in ways.terms:
                found.setdefault(term, []).append(number)
    return found


def _matches(
    name: str, records: Iterable[Mapping[str, Any]], meant_by: Mapping[str, Sequence[str]]
) -> dict[str, list[Match]]:
    """Who really has each number, by number. A converted lead is a contact now."""
    found: dict[str, list[Match]] = {}
    for record in records:
        if not record.get("IsConverted"):
            for number in _numbers_of(name, record, meant_by):
                found.setdefault(number, []).append(_match(name, record))
    return found


def _numbers_of(
    name: str, record: Mapping[str, Any], meant_by: Mapping[str, Sequence[str]]
) -> set[str]:
    region = settings.JTEL_DEFAULT_REGION
    return {
        number
        for field in PHONE_FIELDS[name]
        if (text := record.get(field))
        for number in meant_by.get(digits_of(text), ())
        if is_written(text, number, region)
    }


def _match(name: str, record: Mapping[str, Any]) -> Match:
    said = storable(f"{record.get('Name') or ''}")
    return Match(name, str(record["Id"]), said, str(record.get("AccountId") or ""))
