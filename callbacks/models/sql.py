"""What PostgreSQL and SQLite say differently in the statements that the queue is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections


@dataclass(frozen=True)
class Dialect:
    now: str
    later: str  # {} stands for a number of seconds
    skip_locked: str
    casts: dict[str, str]

    def in_seconds(self, seconds: str) -> str:
        return self.later.format(seconds)


DIALECTS = {
    "postgresql": Dialect(
        now="STATEMENT_TIMESTAMP()",
        later="STATEMENT_TIMESTAMP() + {} * INTERVAL '1 second'",
        skip_locked="FOR UPDATE SKIP LOCKED",
        casts={
            "uuid": "::uuid",
            "int": "::int",
            "float": "::float",
            "text": "::text",
            "time": "::timestamptz",
            "json": "::jsonb",
        },
    ),
    # One writer at a time: the statement as a whole is the lock.
    "sqlite": Dialect(
        now="STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')",
        later="STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW', {} || ' seconds')",
        skip_locked="",
        casts=dict.fromkeys(("uuid", "int", "float", "text", "time", "json"), ""),
    ),
}


def dialect(using: str) -> Dialect:
    return DIALECTS[connections[using].vendor]


def values(
    columns: dict[str, str], rows: Sequence[Sequence[Any]], using: str
) -> tuple[str, list[Any]]:
    """`WITH v (columns) AS (VALUES …)` and its parameters; columns are name → type."""
    casts = dialect(using).casts
    first = ", ".join(f"%s{casts[kind]}" for kind in columns.values())
    others = ", ".join(["%s"] * len(columns))
    tuples = ", ".join([f"({first})"] + [f"({others})"] * (len(rows) - 1))
    parameters = [value for row in rows for value in row]
    return f"WITH v ({', '.join(columns)}) AS (VALUES {tuples})", parameters
