"""Turn a parsed statement into SQL over the store's tables.

SOQL knows two truth values only, SQL three: NOT asks for a definite answer first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .. import clock, ids  # noqa: TID252 - one package
from ..schema import NUMERIC, Field, Schema  # noqa: TID252 - one package
from .binder import Binder, Column
from .errors import MalformedQueryError, pointing_at
from .periods import span
from .tree import Both, Comparison, Condition, FieldsOf, Literal, Not, Path, Query

MOST_ROWS_OF_ALL_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its values, and what its columns are.

    First come the selected fields, each a path of names, then the ids of the parents
    that they belong to, then the record's own id.
    """

    sql: str
    counting_sql: str
    values: tuple[Any, ...]
    columns: tuple[tuple[tuple[str, ...], Column], ...]
    parents: tuple[tuple[str, ...], ...]
    sobject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which records a statement may see: the recycle bin too, or of some sObjects only own ones."""

    deleted: bool = False
    own_only: frozenset[str] = frozenset()
    user_id: str = ""


EVERYTHING = Scope()


def translate(query: Query, schema: Schema, now: datetime, scope: Scope = EVERYTHING) -> Statement:
    """Translate a statement."""
    return Translation(Binder(query, schema), now).statement(scope)


class Translation:
    """Translates one statement."""

    def __init__(self, binder: Binder, now: datetime) -> None:
        self.binder, self.query, self.now = binder, binder.query, now
        self.values: list[Any] = []

    def statement(self, scope: Scope) -> Statement:
        """Put the clauses together."""
        columns = self.selected()
        parents = self.parents(columns)
        ids_of_parents = [self.binder.id_of(p) for p in parents]
        selected = ", ".join([*(c.sql for _, c in columns), *ids_of_parents, "t0.Id"])
        conditions = [] if scope.deleted else ["t0.IsDeleted = 0"]
        if self.binder.sobject.name in scope.own_only:
            conditions.append("t0.OwnerId = ?")
            self.values.append(scope.user_id)
        if self.query.where is not None:
            conditions.append(self.condition(self.query.where))
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        order = ", ".join([*self.order(), "t0.Id"])
        tables = f' FROM "{self.binder.sobject.name}" t0{"".join(self.binder.joins)}{where}'
        limit = -1 if self.query.limit is None else self.query.limit
        page = f" LIMIT {limit} OFFSET {self.query.offset}"
        return Statement(
            f"SELECT {selected}{tables} ORDER BY {order}{page}",
            f"SELECT COUNT(*) FROM (SELECT 1{tables}{page})",
            tuple(self.values),
            tuple(columns),
            tuple(parents),
            self.binder.sobject.name,
        )

    def selected(self) -> list[tuple[tuple[str, ...], Column]]:
        """Find the selected columns, each once."""
        found: dict[tuple[str, ...], Column] = {}
        for entry in self.query.fields:
            paths = self.all_fields(entry) if isinstance(entry, FieldsOf) else [entry]
            for path in paths:
                column = self.binder.column(path)
                found[self.written(path, column)] = column
        return list(found.items())

    def parents(self, columns: list[tuple[tuple[str, ...], Column]]) -> list[tuple[str, ...]]:
        """List the relationships on the way to the selected fields, outer ones first."""
        ways = {path[:end]: None for path, _ in columns for end in range(1, len(path))}
        return sorted(ways, key=len)

    def written(self, path: Path, column: Column) -> tuple[str, ...]:
        """Give a path in the letter case of the schema, as answers show it (D)."""
        names, sobject = [], self.binder.sobject
        for part in path.parts[:-1]:
            reference = sobject.by_relationship[part.lower()]
            names.append(str(reference.relationship))
            sobject = self.binder.schema.find(reference.refers_to[0]) or column.sobject
        return (*names, column.field.name)

    def all_fields(self, entry: FieldsOf) -> list[Path]:
        """Expand FIELDS(); all but the standard ones need a LIMIT of 200 at most (D)."""
        limit = self.query.limit
        if entry.which != "STANDARD" and (limit is None or limit > MOST_ROWS_OF_ALL_FIELDS):
            raise MalformedQueryError("The SOQL FIELDS function must have a LIMIT of at most 200")
        wanted = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}.get(entry.which)
        if wanted is None:
            raise MalformedQueryError(f"unexpected token: '{entry.which}'")
        fields = self.binder.sobject.fields
        return [Path((f.name,), 0) for f in fields if f.custom in wanted]

    def order(self) -> list[str]:
        """Translate ORDER BY."""
        keys = []
        for key in self.query.order:
            direction = "DESC" if key.descending else "ASC"
            nulls = "FIRST" if key.nulls_first else "LAST"
            keys.append(f"{self.binder.column(key.path).sql} {direction} NULLS {nulls}")
        return keys

    def condition(self, node: Condition) -> str:
        """Translate a condition."""
        if isinstance(node, Not):
            return f"NOT COALESCE({self.condition(node.inner)}, 0)"
        if isinstance(node, Both):
            return "(" + f" {node.word} ".join(self.condition(p) for p in node.parts) + ")"
        return self.comparison(node)

    def comparison(self, node: Comparison) -> str:
        """Translate a comparison."""
        column = self.binder.column(node.path)
        if not column.field.filterable:
            reason = f"field '{column.field.name}' can not be filtered in a query call"
            raise self.wrong_field(node.path.position, reason)
        if node.values[0].kind == "period":
            return self.in_period(column, node)
        values = [self.value(column.field, v, node.operator) for v in node.values]
        if node.operator in {"IN", "NOT IN"}:
            return self.among(column, values, negated=node.operator == "NOT IN")
        self.values.append(values[0])
        if node.operator == "LIKE":
            return f"{column.sql} LIKE ? ESCAPE '\\'"
        sign = {"=": "IS", "!=": "IS NOT"}.get(node.operator, node.operator)
        return f"{column.sql} {sign} ?"

    def among(self, column: Column, values: list[Any], *, negated: bool) -> str:
        """Translate IN and NOT IN; null in the list matches empty fields (D)."""
        given = [v for v in values if v is not None]
        self.values.extend(given)
        test = f"{column.sql} IN ({', '.join('?' * len(given))})"
        if len(given) < len(values):
            test = f"({test} OR {column.sql} IS NULL)"
        return f"NOT COALESCE({test}, 0)" if negated else test

    def in_period(self, column: Column, node: Comparison) -> str:
        """Translate a comparison with a period such as TODAY."""
        if column.field.type not in {"datetime", "date"}:
            raise self.wrong_value(column.field, node.values[0])
        form = clock.written if column.field.type == "datetime" else _as_day
        start, end = (form(edge) for edge in span(node.values[0].value, self.now))
        edges = {"<": ("<", start), ">=": (">=", start), ">": (">=", end), "<=": ("<", end)}
        if node.operator in edges:
            sign, edge = edges[node.operator]
            self.values.append(edge)
            return f"{column.sql} {sign} ?"
        self.values += [start, end]
        test = f"({column.sql} >= ? AND {column.sql} < ?)"
        return f"NOT COALESCE({test}, 0)" if node.operator == "!=" else test

    def value(self, field: Field, literal: Literal, operator: str) -> Any:
        """Give a literal as the store holds it, refusing one of another type (D)."""
        if literal.kind == "null":
            return None
        if literal.kind != kind_of(field):
            raise self.wrong_value(field, literal)
        if field.is_id:
            return self.id_value(literal, operator)
        if literal.kind == "datetime":
            return clock.written(datetime.fromisoformat(literal.value))
        return int(literal.value) if literal.kind == "boolean" else literal.value

    def id_value(self, literal: Literal, operator: str) -> str:
        """Give an id in its long form; a malformed one is an error, as in an org (D)."""
        long_id = ids.lengthen(literal.value)
        if long_id is None and operator != "LIKE":
            reason = f"invalid ID field: {literal.value}"
            message = pointing_at(self.query.statement, literal.position, reason)
            raise MalformedQueryError(message, code="INVALID_QUERY_FILTER_OPERATOR")
        return long_id or str(literal.value)

    def wrong_value(self, field: Field, literal: Literal) -> MalformedQueryError:
        """Refuse a literal of another type than the field's (R for the wording)."""
        reason = (
            f"value of filter criterion for field '{field.name}' must be of type "
            f"{field.type if field.type in {'boolean', 'date', 'double', 'int'} else _soap(field)}"
            " and should "
            f"{'not be' if literal.kind == 'text' and not field.textual else 'be'}"
            " enclosed in quotes"
        )
        return self.wrong_field(literal.position, reason)

    def wrong_field(self, position: int, reason: str) -> MalformedQueryError:
        """Refuse the use of a field."""
        message = pointing_at(self.query.statement, position, reason)
        return MalformedQueryError(message, code="INVALID_FIELD")


def kind_of(field: Field) -> str:
    """Name the kind of literal that a field is compared with."""
    if field.type in NUMERIC:
        return "number"
    return field.type if field.type in {"boolean", "date", "datetime"} else "text"


def _as_day(moment: datetime) -> str:
    return moment.date().isoformat()


def _soap(field: Field) -> str:
    return "dateTime" if field.type == "datetime" else "string"
