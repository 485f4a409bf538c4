"""A query with places for what an ACD sends: `:Param1` … `:Param4`. Pure.

A place stands for a text. `:Param1:number` and `:Param1:date` stand for a number and a date, and in
`LIKE :Param1%` the per cent sign of the query is a wildcard, those of the text are not. What is sent
fills a place and nothing else: it never becomes a word of the query.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from django.utils.translation import gettext as _

from crm.soql import literal, pattern

NAMES = ("Param1", "Param2", "Param3", "Param4")
MOST = 2  # records: enough to tell one from several
MOST_CHARACTERS = 1_300  # of a value; no field that can be filtered holds more
MOST_BYTES = 12_000  # of a query, percent-encoded, so that it fits into a URL

_QUOTED = r"'(?:[^'\\]|\\.)*'"
_PLACE = re.compile(
    rf"(?P<quoted>{_QUOTED})"
    r"|(?P<like>\b(?i:LIKE)\s+)?(?P<before>%)?:(?P<name>Param[1-4])\b"
    r"(?::(?P<kind>number|date)\b)?(?P<after>%)?",
    re.DOTALL,
)
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_FORBIDDEN = re.compile(r"\b(?:LIMIT|OFFSET|FOR|UPDATE|ALL\s+ROWS)\b|[;%]", re.IGNORECASE)
_LEFT_OVER = re.compile(r":\s*[A-Za-z_]\w*")


class UnfitError(Exception):
    """What was sent fits no place; the text says which and why, in a plain sentence."""


def trouble_with(soql: str) -> str:
    """Why a query cannot be used, as a sentence for staff; "" if it can."""
    for place in _PLACE.finditer(soql):
        if place["quoted"] and re.search(r":Param[1-4]", place["quoted"]):
            return _("A parameter stands without quotes: Name = :Param1.")
        if not place["quoted"] and not _is_sound(place):
            return _("A per cent sign stands with LIKE alone, and a kind of value without LIKE.")
    rest = _PLACE.sub(" ", soql)
    if not re.match(r"\s*SELECT\s", soql, re.IGNORECASE) or "'" in rest:
        return _("A query begins with SELECT, and each quote has its counterpart.")
    if unwanted := _FORBIDDEN.search(rest):
        return _("“%(word)s” cannot be used here; the limit is set by itself.") % {
            "word": unwanted[0]
        }
    if unknown := _LEFT_OVER.search(rest):
        return _("“%(word)s” is no parameter; Param1 to Param4 are.") % {"word": unknown[0]}
    return ""


def bind(soql: str, values: Mapping[str, str]) -> str:
    """The query with the values in their places, limited. UnfitError if one does not fit."""

    def filled(place: re.Match[str]) -> str:
        if place["quoted"]:
            return place[0]
        value = _sound(place["name"], values.get(place["name"], ""))
        if place["like"]:
            return place["like"] + pattern(
                value, before=place["before"] or "", after=place["after"] or ""
            )
        return _typed(place["name"], value, place["kind"])

    bound = f"{_PLACE.sub(filled, soql).strip()} LIMIT {MOST}"
    if len(quote(bound)) > MOST_BYTES:
        raise UnfitError("The parameters are longer than anything that could be found.")
    return bound


def _is_sound(place: re.Match[str]) -> bool:
    if place["like"]:
        return not place["kind"]
    return not (place["before"] or place["after"])


def _sound(name: str, value: str) -> str:
    """Not of nothing: in a query, equal to an empty text is every record without a value."""
    if not value:
        raise UnfitError(f"{name} is empty.")
    if len(value) > MOST_CHARACTERS:
        raise UnfitError(f"{name} is longer than anything that could be found.")
    return value


def _typed(name: str, value: str, kind: str | None) -> str:
    if kind == "number":
        if not _NUMBER.fullmatch(value):
            raise UnfitError(f"{name} is no number.")
        return value
    if kind == "date":
        return _date(name, value)
    return literal(value)


def _date(name: str, value: str) -> str:
    """As SOQL writes it, without quotes; a time needs its offset."""
    try:
        moment = datetime.fromisoformat(value)
        if len(value) == len("2026-11-23"):
            return moment.date().isoformat()
        if moment.tzinfo is None:
            raise UnfitError(f"{name} is a time without offset.")
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        raise UnfitError(f"{name} is no date; 2026-11-23 is one.") from None
