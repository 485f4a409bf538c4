"""What a parsed statement is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Path:
    """A field, or a parent's field: `Contact.Account.Name`."""

    parts: tuple[str, ...]
    position: int

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class FieldsOf:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`."""

    which: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: kind is text, number, boolean, null, datetime, date or period."""

    kind: str
    value: Any
    position: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field against one value or, for IN and NOT IN, several."""

    path: Path
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """All (AND) or any (OR) of several conditions."""

    word: str
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    inner: Condition


Condition = Comparison | Both | Not


@dataclass(frozen=True, slots=True)
class Order:
    """One key of the ordering."""

    path: Path
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole statement; counting is `SELECT COUNT()`."""

    statement: str
    fields: tuple[Path | FieldsOf, ...]
    counting: bool
    sobject: str
    sobject_position: int
    where: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int
