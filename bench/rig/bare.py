"""The yardstick: a WSGI application that does one INSERT, on a connection for each thread."""

import os
import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg

TABLE = """CREATE TABLE bare (
    id uuid PRIMARY KEY, received_at timestamptz NOT NULL, body bytea NOT NULL
)"""
INSERT = "INSERT INTO bare (id, received_at, body) VALUES (%s, %s, %s)"
_here = threading.local()


def connection() -> "psycopg.Connection[Any]":
    if not hasattr(_here, "connection"):
        _here.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    return _here.connection  # type: ignore[no-any-return]


def application(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    key = uuid.uuid4()
    connection().execute(INSERT, (key, datetime.now(UTC), body))
    answer = orjson.dumps({"CallbackID": str(key)})
    start_response(
        "200 OK",
        [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))],
    )
    return [answer]
