"""What accepting a callback costs, beside a bare application that does one INSERT.

Both run under the same server command, on the same PostgreSQL, with the same body, in turns. The
requests to ours carry an access token, as those of an ACD do.
"""

import statistics
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from bench.rig.bare import prepare
from bench.rig.load import Result, load
from bench.rig.readings import cpu_seconds
from bench.rig.report import headline, last_line, quick, table
from tests.acd import Acd
from tests.processes import Installation, Running, free_port, until

CONNECTIONS = 16
PAIRS, SECONDS = (3, 2.0) if quick() else (9, 8.0)
WARM_UP_SECONDS = 2.0
STATISTICS_SECONDS = 11.0  # idle processes of PostgreSQL report after ten


@dataclass(frozen=True)
class Round:
    load: Result
    cpu_us: float


class Subject:
    """A server under load."""

    def __init__(self, server: Running, port: int, authorization: str) -> None:
        self.server, self.port, self.authorization = server, port, authorization
        self.rounds: list[Round] = []
        load(port, authorization, connections=CONNECTIONS, seconds=WARM_UP_SECONDS)

    def measure(self) -> None:
        pid = self.server.process.pid
        before = cpu_seconds(pid)
        result = load(self.port, self.authorization, connections=CONNECTIONS, seconds=SECONDS)
        cpu_us = (cpu_seconds(pid) - before) / result.answers * 1e6
        self.rounds.append(Round(result, cpu_us))

    def median(self, figure: Callable[[Round], float]) -> float:
        return statistics.median(figure(one) for one in self.rounds)


def start_bare(installation: Installation) -> tuple[Running, int]:
    """The yardstick in the same database, started as the web server is."""
    web = installation.running[-1]
    port = free_port()
    others = {
        str(installation.port): str(port),
        "jtelbridge.wsgi:application": "bench.rig.bare:application",
    }
    command = [others.get(word, word) for word in web.command]
    environment = web.environment | {"BARE_INSERT": prepare(installation.database_url)}
    bare = Running(command, environment, installation.folder / "bare.log")
    installation.running.append(bare)
    until(lambda: answers(port))
    return bare, port


def answers(port: int) -> bool:
    try:
        return requests.post(f"http://127.0.0.1:{port}/", data=b"{}", timeout=5).ok
    except requests.ConnectionError:
        return False


def statements(installation: Installation, authorization: str, requests_to_send: int) -> float:
    """SQL statements per accepted callback: without transactions each counts as one commit."""
    load(installation.port, authorization, requests=requests_to_send)
    before = commits(installation)
    load(installation.port, authorization, requests=requests_to_send)
    return (commits(installation) - before) / requests_to_send


def commits(installation: Installation) -> int:
    """Commits in the database so far, once the servers have reported theirs."""
    name = urlsplit(installation.database_url).path[1:]
    threading.Event().wait(STATISTICS_SECONDS)
    query = f"SELECT xact_commit FROM pg_stat_database WHERE datname = '{name}'"
    return int(installation.query(query)[0][0])


def main() -> None:
    headline(f"Accepting callbacks: {PAIRS} pairs of {SECONDS:g} s, {CONNECTIONS} connections")
    with (
        tempfile.TemporaryDirectory() as folder,
        Installation.running_on(
            Path(folder), postgres=True, ACD_REQUESTS_PER_SECOND="100000"
        ) as installation,
    ):
        web = installation.start_web()
        acd = Acd(installation.url, *installation.client)
        acd.sign_in()
        ours = Subject(web, installation.port, acd.authorization)
        bare = Subject(*start_bare(installation), acd.authorization)
        for pair in range(PAIRS):
            for subject in (ours, bare) if pair % 2 else (bare, ours):
                subject.measure()
        sql_statements = statements(installation, ours.authorization, 200 if quick() else 2000)
        report(ours, bare, sql_statements)


def report(ours: Subject, bare: Subject, sql_statements: float) -> None:
    pairs = list(zip(ours.rounds, bare.rounds, strict=True))
    table(
        ["pair", "ours 1/s", "bare 1/s", "ratio", "ours CPU µs", "bare CPU µs"],
        [
            [number, us.load.rps, it.load.rps, us.load.rps / it.load.rps, us.cpu_us, it.cpu_us]
            for number, (us, it) in enumerate(pairs, start=1)
        ],
    )
    last_line(
        {
            "ratio_to_bare": statistics.median(us.load.rps / it.load.rps for us, it in pairs),
            "cpu_us": ours.median(lambda one: one.cpu_us),
            "cpu_us_bare": bare.median(lambda one: one.cpu_us),
            "p50_ms": ours.median(lambda one: one.load.p50_ms),
            "p99_ms": ours.median(lambda one: one.load.p99_ms),
            "rps": ours.median(lambda one: one.load.rps),
            "sql_statements": sql_statements,
        }
    )


if __name__ == "__main__":
    main()
