"""What PostgreSQL and SQLite say differently in the statements that the queue is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connections


@dataclass(frozen=True)
class Dialect:
    now: str
    later: str  # {} stands for a number of seconds
    skip_locked: str
    locked: str  # the rows of the table called {}
    table: str  # of a JSON text: {} stands for the columns
    column: str
    types: dict[str, str]

    def in_seconds(self, seconds: str) -> str:
        return self.later.format(seconds)


DIALECTS = {
    "postgresql": Dialect(
        now="STATEMENT_TIMESTAMP()",
        later="STATEMENT_TIMESTAMP() + {} * INTERVAL '1 second'",
        skip_locked="FOR UPDATE SKIP LOCKED",
        locked="FOR UPDATE OF {}",
        table="SELECT * FROM json_to_recordset(%s::json) AS rows ({})",
        column="{name} {type}",
        types={
            "uuid": "uuid",
            "int": "int",
            "float": "float",
            "text": "text",
            "time": "timestamptz",
            "json": "jsonb",
        },
    ),
    # One writer at a time: the statement as a whole is the lock.
    "sqlite": Dialect(
        now="STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')",
        later="STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW', {} || ' seconds')",
        skip_locked="",
        locked="",
        table="SELECT {} FROM json_each(%s)",
        column="json_extract(value, '$.{name}')",
        types={},
    ),
}


def dialect(using: str) -> Dialect:
    return DIALECTS[connections[using].vendor]


def values(
    columns: Mapping[str, str], rows: Sequence[Sequence[Any]], using: str
) -> tuple[str, str]:
    """`WITH v (columns) AS (…)` and its one parameter; columns are name → type.

    As one JSON text, because the statement is then the same for any number of rows: it is
    prepared once, and no thousand parameters are bound one by one.
    """
    words = dialect(using)
    typed = ", ".join(
        words.column.format(name=name, type=words.types.get(kind, ""))
        for name, kind in columns.items()
    )
    table = words.table.format(typed)
    text = orjson.dumps([dict(zip(columns, row, strict=True)) for row in rows]).decode()
    return f"WITH v ({', '.join(columns)}) AS ({table})", text
