"""SOSL, as far as numbers and names are searched: what is looked for, where, and what comes back."""

import re
from dataclasses import dataclass
from typing import Any

from .errors import ApiError

LONGEST_WITH_OPERATORS = 4_000
LONGEST = 10_000
MOST_ROWS = 2_000
STATEMENT = re.compile(
    r"\s*FIND\s*\{(?P<text>(?:[^{}\\]|\\.)*)\}"
    r"(?:\s+IN\s+(?P<where>ALL|NAME|PHONE|EMAIL)\s+FIELDS)?"
    r"(?:\s+RETURNING\s+(?P<returning>.*?))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
RETURNED = re.compile(
    r"(?P<name>\w+)(?:\s*\(\s*(?P<fields>[\w.,\s]*?)(?:\s*\bLIMIT\s+(?P<limit>\d+))?\s*\))?\s*(?:,|$)",
    re.IGNORECASE,
)
WORD = re.compile(r'"(?:[^"\\]|\\.)*"|(?:[^\s"\\]|\\.)+')
OPERATORS = {"OR", "AND"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One sObject to search, the fields to give, and how many at most."""

    name: str
    fields: tuple[str, ...] = ("Id",)
    limit: int = MOST_ROWS
    where: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """A whole search: alternatives, each a tuple of terms that must all be found."""

    alternatives: tuple[tuple[str, ...], ...]
    where: str
    wanted: tuple[Wanted, ...]
    limit: int = MOST_ROWS


def parse(statement: str) -> Search:
    """Read a statement, or refuse what is not understood."""
    found = STATEMENT.fullmatch(statement)
    if found is None:
        raise malformed(f"unexpected or unsupported in a search: {statement[:80]}")
    return Search(
        alternatives(found["text"]),
        (found["where"] or "ALL").upper(),
        returned(found["returning"] or ""),
        min(int(found["limit"] or MOST_ROWS), MOST_ROWS),
    )


def malformed(message: str) -> ApiError:
    """Refuse a search."""
    return ApiError(400, "MALFORMED_SEARCH", message)


def alternatives(text: str) -> tuple[tuple[str, ...], ...]:
    """Cut what is looked for at OR.

    Over 4,000 characters operators are dropped, so that all terms must be found;
    over 10,000 nothing is found (D).
    """
    if not text.strip():
        raise malformed("The search term must not be empty")
    if len(text) > LONGEST:
        return ()
    groups: list[list[str]] = [[]]
    for word in WORD.findall(text):
        if word == "OR" and len(text) <= LONGEST_WITH_OPERATORS:
            groups.append([])
        elif word not in OPERATORS:
            groups[-1].append(word)
    return tuple(tuple(g) for g in groups if g)


def returned(text: str) -> tuple[Wanted, ...]:
    """Read the list behind RETURNING."""
    wanted, position = [], 0
    while position < len(text.rstrip()):
        found = RETURNED.match(text, position)
        if found is None:
            raise malformed(f"unexpected or unsupported behind RETURNING: {text[position:][:80]}")
        fields = tuple(f.strip() for f in (found["fields"] or "Id").split(",") if f.strip())
        wanted.append(Wanted(found["name"], fields, int(found["limit"] or MOST_ROWS)))
        position = found.end()
        while position < len(text) and text[position].isspace():
            position += 1
    return tuple(wanted)


def parameterized(said: dict[str, Any]) -> Search:
    """Read the parameters of a parameterized search (D)."""
    default = int(said.get("defaultLimit", MOST_ROWS))
    fields = tuple(said.get("fields") or ("Id",))
    wanted = []
    for entry in said.get("sobjects") or []:
        own = tuple(entry.get("fields") or fields)
        most, where = int(entry.get("limit", default)), str(entry.get("where") or "")
        wanted.append(Wanted(str(entry.get("name")), own, most, where))
    return Search(
        alternatives(str(said.get("q", ""))),
        str(said.get("in", "ALL")).upper(),
        tuple(wanted),
        min(int(said.get("overallLimit", MOST_ROWS)), MOST_ROWS),
    )


RESERVED = re.compile(r"(?<!\\)[?&|!{}\[\]()^~:'+-]|^\*")


def plain(term: str) -> str | None:
    """Give the text of a term; None if a reserved character spoils it, such as a bare `+` (D).

    A `*` at its beginning is as bad: only beginnings of words are indexed (D).
    """
    if term.startswith('"'):
        term = term.strip('"')
    elif RESERVED.search(term):
        return None
    return re.sub(r"\\(.)", r"\1", term)
