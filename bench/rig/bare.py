"""The yardstick: a WSGI application that does one INSERT, on a connection for each thread.

The row is as wide as a callback and its table has the same indexes and constraints, so that what
is compared is everything around the INSERT, not the row.
"""

import os
import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

SENT = ("id", "received_at", "raw_body", "idempotency_key")  # by each request; the rest is constant
_here = threading.local()


def prepare(database_url: str) -> str:
    """Make the table, after the callbacks' own; the statement comes from a row that is there."""
    with psycopg.connect(database_url, autocommit=True) as database:
        database.execute("CREATE TABLE bare (LIKE callbacks_callback INCLUDING ALL)")
        cursor = database.execute("SELECT * FROM callbacks_callback LIMIT 1")
        names = [column.name for column in cursor.description or []]
        row = dict(zip(names, cursor.fetchone() or (), strict=True))
        statement = sql.SQL("INSERT INTO bare ({}) VALUES ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(
                sql.Placeholder(name) if name in SENT else sql.Literal(literal(value))
                for name, value in row.items()
            ),
        )
        return statement.as_string(database)


def literal(value: object) -> object:
    return Jsonb(value) if isinstance(value, dict) else value


def connection() -> "psycopg.Connection[Any]":
    if not hasattr(_here, "connection"):
        _here.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    return _here.connection  # type: ignore[no-any-return]


def application(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    key = uuid.uuid4()
    values = {
        "id": key,
        "received_at": datetime.now(UTC),
        "raw_body": body,
        "idempotency_key": str(key),
    }
    connection().execute(os.environ["BARE_INSERT"].encode(), values)
    answer = orjson.dumps({"CallbackID": str(key)})
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    start_response("200 OK", headers)
    return [answer]
