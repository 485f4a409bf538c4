"""The database goes away and comes back: what is not stored is not confirmed."""

import socket
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.processes import Installation, until

pytestmark = pytest.mark.postgres

WISH = {"CallerID": "4989555010", "ServiceNumber": "498946134180"}


def test_a_connection_that_the_database_ended_costs_no_callback(
    installation: Installation,
) -> None:
    installation.start_web(threads=1)
    assert installation.post(WISH).status_code == 200
    end_all_connections(installation)
    answer = installation.post(WISH | {"CallerID": "4989555011"})
    assert (answer.status_code, answer.json()["Duplicate"]) == (200, False)
    assert installation.counts() == {"pending": 2}


def end_all_connections(installation: Installation) -> None:
    with psycopg.connect(installation.database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_while_the_database_is_away_the_answer_is_503_and_afterwards_200(
    installation: Installation,
) -> None:
    with Line(installation.database_url) as line:
        installation.database_url = line.url
        installation.start_web()
        assert installation.post(WISH).status_code == 200
        line.cut()
        for _thread_with_and_without_a_connection in range(20):
            answer = installation.post(WISH)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.json()["Error"] == "not_stored"
            assert "Repeating it is safe" in answer.json()["Message"]
        line.mend()
        again = until(lambda: installation.post(WISH))
        assert (again.status_code, again.json()["Duplicate"]) == (200, True)


class Line:
    """A TCP line to the database that can be cut."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        if not parts.hostname:
            pytest.skip("the embedded PostgreSQL listens on a socket file only")
        self._target = (parts.hostname, parts.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        user = f"{parts.username}@" if parts.username else ""
        self.url = urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{self.port}"))
        self._open: list[socket.socket] = []
        self._whole = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        self._whole = False
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def mend(self) -> None:
        self._whole = True

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._whole:
                near.close()
                continue
            far = socket.create_connection(self._target)
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=carry, args=(source, sink), daemon=True).start()


def carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
