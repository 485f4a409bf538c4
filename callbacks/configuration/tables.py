"""A document as tables for a spreadsheet, and tables as a document.

Headings are read in every language that we speak; a column that is not there leaves what is there
as it is. A text that a spreadsheet would take for a formula gets an apostrophe in front, which is
taken off again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from callbacks.configuration.document import (
    LINES,
    NUMBERS,
    ROUTES,
    VERSION,
    Entry,
    document,
    fields_of,
    number_of,
)
from callbacks.configuration.planning import RefusedError, Unusable
from callbacks.models import FunctionRoute, ServiceNumber

MODELS: Mapping[str, type[models.Model]] = {NUMBERS: ServiceNumber, ROUTES: FunctionRoute}
TITLES = {NUMBERS: _("Service numbers"), ROUTES: _("Routes")}
LINE_HEADINGS = {"fields": _("Field: %(name)s"), "answer": _("Answer: %(name)s")}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
EMPTY_TEMPLATE = '""'  # keeps the field empty, where an empty cell has nothing to say of it
TRUE = {"true", "yes", "ja", "1", "x"}
FALSE = {"false", "no", "nein", "0"}
ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)

Cell = Any  # of a spreadsheet: text, number, truth, time or nothing
Column = tuple[str, str]  # a name of the entry, and the name of a line or ""


@dataclass(frozen=True)
class Table:
    title: str
    headings: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Read:
    """A document, and in which row of its table each entry was, by part and number."""

    document: object
    rows: Mapping[tuple[str, int], int] = field(default_factory=dict)


# --- writing


def table(part: str) -> Table:
    entries = document()[part]
    columns = [*_columns(part), *_line_columns(part, entries)]
    rows = [[_written(entry, column) for column in columns] for entry in entries]
    return Table(str(TITLES[part]), [heading(part, *column) for column in columns], rows)


def heading(part: str, name: str, line: str = "") -> str:
    """As people call it: Time budget in ms, Field: Subject."""
    if line:
        return str(LINE_HEADINGS[name]) % {"name": line}
    return str(capfirst(MODELS[part]._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def _columns(part: str) -> Iterator[Column]:
    names = [each.name for each in fields_of(MODELS[part])]
    if part == ROUTES:
        names.insert(1, "service_number")
    return ((name, "") for name in names)


def _line_columns(part: str, entries: Sequence[Entry]) -> list[Column]:
    if part != ROUTES:
        return []
    return [
        (lines, name)
        for lines in LINES
        for name in sorted({name for entry in entries for name in entry[lines]}, key=str.lower)
    ]


def _written(entry: Entry, column: Column) -> Cell:
    name, line = column
    if line:
        template = entry[name].get(line)
        return "" if template is None else _defused(template or EMPTY_TEMPLATE)
    value = entry[name]
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return value if isinstance(value, int) else _defused(value or "")


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


# --- reading


def read(tables: Sequence[Table]) -> Read:
    """RefusedError for a table whose headings cannot be understood."""
    there = document()
    found: dict[str, list[Entry]] = {NUMBERS: [], ROUTES: []}
    rows: dict[tuple[str, int], int] = {}
    for each in tables:
        part, columns = _understood(each)
        for row, cells in enumerate(each.rows, 2):
            if any(cell not in {None, ""} for cell in cells):
                found[part].append(_entry(part, dict(zip(columns, cells, strict=False)), there))
                rows[part, len(found[part])] = row
    return Read({"version": VERSION, **found}, rows)


def _understood(each: Table) -> tuple[str, list[Column | None]]:
    """Which part it is, and what its columns are; None for one that has neither head nor name."""
    headings = [str(cell).strip() if cell is not None else "" for cell in each.headings]
    words = [word.lower() for word in headings]
    parts = [part for part in MODELS if set(words) & _own_headings(part)]
    if len(parts) != 1:
        raise RefusedError(gettext("The first row has to name the columns, as an export does."))
    columns = [_column(parts[0], word) if word else None for word in headings]
    for word, column in zip(headings, columns, strict=True):
        if word and column is None:
            raise RefusedError(gettext("The column “%(name)s” is not known.") % {"name": word})
        if column and columns.count(column) > 1:
            raise RefusedError(gettext("The column “%(name)s” is there twice.") % {"name": word})
    return parts[0], columns


def _own_headings(part: str) -> set[str]:
    """By which one of the two tables is told from the other."""
    return _spoken(part, {NUMBERS: "number", ROUTES: "function"}[part])


@cache
def _spoken(part: str, name: str) -> set[str]:
    """A column's heading in every language, and the name that the document has for it."""
    said = {name}
    for language, _name in settings.LANGUAGES:
        with override(language):
            said.add(heading(part, name).lower())
    return said


def _column(part: str, word: str) -> Column | None:
    for column in _columns(part):
        if word.lower() in _spoken(part, column[0]):
            return column
    for lines in LINES if part == ROUTES else ():
        for begin in _beginnings(lines):
            if word.lower().startswith(begin) and (name := word[len(begin) :].strip()):
                return lines, name
    return None


@cache
def _beginnings(lines: str) -> list[str]:
    said = [f"{lines}."]
    for language, _name in settings.LANGUAGES:
        with override(language):
            said.append((str(LINE_HEADINGS[lines]) % {"name": ""}).strip().lower())
    return said


def _entry(part: str, cells: Mapping[Column | None, Cell], there: Entry) -> Entry:
    """What the row says, over what is there."""
    kinds = {each.name: each for each in fields_of(MODELS[part])}
    values = {
        column[0]: _value(kinds.get(column[0]), cell)
        for column, cell in cells.items()
        if column and not column[1]
    }
    said = {name: value for name, value in values.items() if value is not None}
    same = (each for each in there[part] if _key(part, each) == _key(part, said))
    before: Entry = next(same, {})
    if part == NUMBERS:
        return {**before, **said}
    lines = {name: _lines(name, cells, before.get(name, {})) for name in LINES}
    return {**before, **said, **lines}


def _key(part: str, entry: Entry) -> tuple[str, str]:
    name = "number" if part == NUMBERS else "service_number"
    return number_of(str(entry.get(name) or "")), str(entry.get("function", "")).lower()


def _lines(
    lines: str, cells: Mapping[Column | None, Cell], before: Mapping[str, str]
) -> dict[str, object]:
    found: dict[str, object] = dict(before)
    for column, cell in cells.items():
        if column and column[0] == lines and column[1]:
            found = {name: found[name] for name in found if name.lower() != column[1].lower()}
            if text := _text(cell):
                found[column[1]] = "" if text == EMPTY_TEMPLATE else text
    return found


def _value(kind: "models.Field[Any, Any] | None", cell: Cell) -> object:
    """As the document has it; None for a cell that leaves it open."""
    if isinstance(kind, models.BooleanField):
        return _truth(cell)
    if isinstance(kind, models.IntegerField):
        return _number(cell)
    return _text(cell)


def _text(cell: Cell) -> str | Unusable:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float | None):
        return Unusable(gettext("is no text; format the cells of the column as text."))
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = "" if cell is None else str(cell).strip()
    if ROUNDED.fullmatch(text):
        return Unusable(gettext("was rounded; format the cells of the column as text."))
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _truth(cell: Cell) -> bool | Unusable | None:
    word = str(cell if cell is not None else "").strip().lower()
    if not word:
        return None
    if word in TRUE | FALSE:
        return word in TRUE
    return Unusable(gettext("expected yes or no."))


def _number(cell: Cell) -> int | Unusable | None:
    text = _text(cell)
    if isinstance(text, str) and text.isascii() and (not text or text.isdecimal()):
        return int(text) if text else None
    return Unusable(gettext("expected a whole number."))
