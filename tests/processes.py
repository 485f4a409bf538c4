"""The real program as processes: an installation with its own folder, database, broker, ports.

For tests and benches. Only what was started here is ended here, by process id.
"""

import atexit
import base64
import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psycopg
import requests

from tests.orgsim.process import Org
from tests.postgres import scratch_database

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CELERY = str(BIN / "celery")
SECRET_KEY = "only-for-installations-under-test-" + "x" * 20
STOP_SECONDS = 15


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


T = TypeVar("T")


def until(condition: Callable[[], T], *, seconds: float = 30, every: float = 0.05) -> T:
    """The first true value of the condition; AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        pause.wait(every)


@dataclass
class Running:
    """A process and its log. It leads a session of its own, so that its children end with it."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Also again, after its end; the log goes on."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def pause(self) -> None:
        """As a machine that stalls: it may go on at any time."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """As a crash would: no goodbye, children included."""
        self._signal(signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


@dataclass
class Installation:
    folder: Path
    database_url: str
    broker_url: str = "filesystem://localhost"
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    running: list[Running] = field(default_factory=list)
    client: tuple[str, str] = ("", "")

    @classmethod
    @contextlib.contextmanager
    def running_on(
        cls, folder: Path, *, postgres: bool, **settings: str
    ) -> Iterator["Installation"]:
        """A migrated installation with one ACD client; its processes end with the block."""
        pattern = _pattern(postgres=postgres)
        with contextlib.ExitStack() as stack:
            if postgres:
                url = stack.enter_context(scratch_database(copy_of=pattern.database))
            else:
                url = f"sqlite:///{shutil.copy(pattern.database, folder / 'store.sqlite3')}"
            installation = cls(folder, url, settings=settings, client=pattern.client)
            stack.callback(installation.stop)
            yield installation

    def prepare(self) -> None:
        """Make an empty database ours, with one ACD client."""
        self.manage("migrate", "-v0")
        self.client = self.new_client("ACD under test")

    @property
    def database(self) -> str:
        """Its name; with SQLite, its file."""
        return urlsplit(self.database_url).path[1:]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
        return inherited | {
            "PYTHONUNBUFFERED": "1",
            "VAR_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "CELERY_BROKER_URL": self.broker_url,
            "SECRET_KEY": SECRET_KEY,
            **self.settings,
        }

    def manage(self, *arguments: str) -> str:
        """Output of a management command; CalledProcessError if it fails."""
        return self.run([sys.executable, "manage.py", *arguments])

    def run(self, command: Sequence[str]) -> str:
        """Output of any command in these surroundings; CalledProcessError if it fails."""
        return subprocess.run(
            command,
            env=self.environment,
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout

    def talk_to(self, org: Org) -> None:
        """Bring callbacks to this org, from the processes that start afterwards."""
        self.settings |= {
            "SALESFORCE_URL": org.url,
            "SALESFORCE_CLIENT_ID": org.client_id,
            "SALESFORCE_CLIENT_SECRET": org.client_secret,
        }

    def new_client(self, name: str) -> tuple[str, str]:
        output = self.manage("create_acd_client", name)
        client_id, secret = re.findall(r": +(\S+)", output)
        return client_id, secret

    def start_web(self, *, workers: int = 2, threads: int = 2) -> Running:
        web = self.start(
            "web",
            [
                *(sys.executable, "-m", "jtelbridge.web", "--interface", "wsgi", "--no-access-log"),
                *("--host", "127.0.0.1", "--port", str(self.port), "--log-level", "warning"),
                *("--workers", str(workers), "--blocking-threads", str(threads)),
                "jtelbridge.wsgi:application",
            ],
        )
        until(self._answers)
        return web

    def start_worker(self, *, threads: int = 2, program: Sequence[str] = (CELERY,)) -> Running:
        """A worker that is ready; a program of the caller's takes the place of `celery`."""
        command = [*program, "-A", "jtelbridge", "worker", "-P", "threads"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO"]
        worker = self.start("worker", [*command, "-c", str(threads), *quiet])
        until(lambda: "ready." in worker.log.read_text(errors="replace"))
        return worker

    def start_beat(self) -> Running:
        return self.start("beat", [CELERY, "-A", "jtelbridge", "beat", "-l", "INFO"])

    def stop(self) -> None:
        for running in reversed(self.running):
            if running.process.poll() is None:
                running.stop()

    def post(self, fields: dict[str, Any], **options: Any) -> requests.Response:
        """POST a callback request as the ACD does, with HTTP Basic."""
        url = f"{self.url}/api/v1/callbacks"
        return requests.post(url, json=fields, auth=self.client, timeout=30, **options)

    def get(self, key: str) -> dict[str, Any]:
        """The record as it stands now."""
        url = f"{self.url}/api/v1/callbacks/{key}"
        return dict(requests.get(url, auth=self.client, timeout=30).json())

    def python(self, statement: str) -> str:
        """Output of a statement with Callback at hand, run as the program's own user would."""
        return self.manage("shell", "-v0", "-c", statement)

    def expire_leases(self) -> None:
        """Let what waits fall due, so that a test need not wait a lease out."""
        self.execute("UPDATE callbacks_callback SET due_at = received_at WHERE status = 'pending'")

    @property
    def authorization(self) -> str:
        return "Basic " + base64.b64encode(":".join(self.client).encode()).decode()

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows straight from the database, past the program."""
        with self._cursor(statement) as cursor:
            return list(cursor.fetchall())

    def execute(self, statement: str) -> None:
        with self._cursor(statement):
            pass

    @contextlib.contextmanager
    def _cursor(self, statement: str) -> Iterator[Any]:
        if self.database_url.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as file, file:
                yield file.execute(statement)
        else:
            with psycopg.connect(self.database_url, autocommit=True) as server:
                yield server.execute(statement.encode())

    def counts(self) -> dict[str, int]:
        """How many callbacks are in each state."""
        rows = self.query("SELECT status, COUNT(*) FROM callbacks_callback GROUP BY status")
        return {str(status): int(count) for status, count in rows}

    def start(self, name: str, command: list[str]) -> Running:
        """Any other process in these surroundings; ends with the installation."""
        log = self.folder / f"{name}-{len(self.running)}.log"
        running = Running(command, self.environment, log)
        self.running.append(running)
        return running

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.ConnectionError:
            return False


@cache
def _pattern(*, postgres: bool) -> Installation:
    """What every installation here starts as: migrating takes seconds, copying none."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jtelbridge-")))
        url = f"sqlite:///{folder / 'store.sqlite3'}"
        if postgres:
            url = stack.enter_context(scratch_database())
        pattern = Installation(folder, url)
        pattern.prepare()
        atexit.register(stack.pop_all().close)
        return pattern
