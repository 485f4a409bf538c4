"""Serve the application on loopback."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from .wire import Wires


class NotLoopbackError(ValueError):
    """The simulated org has no protection of its own and must not be reachable from outside."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of a certificate and its private key, PEM."""

    certificate: Path
    key: Path


class Listener:
    """The listening socket, which a fault may close for a while."""

    def __init__(self, host: str, port: int, wires: Wires, tls: Tls | None = None) -> None:
        if host not in {"127.0.0.1", "::1", "localhost"}:
            raise NotLoopbackError(f"{host} is not a loopback address")
        self.host, self.tls = host, tls
        self.protocol = wires.protocol()
        self.socket = self._bound(port)
        self.port: int = self.socket.getsockname()[1]
        self.server: uvicorn.Server | None = None
        self.started_after_cpu_s = 0.0

    @property
    def url(self) -> str:
        """Where the org is reached."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def _bound(self, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # Named TCP, so that asyncio switches Nagle's algorithm off for its connections.
        made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((self.host, port))
        return made

    async def refuse_for(self, seconds: float) -> None:
        """Refuse new connections for some seconds."""
        if self.server is None:
            return
        for listening in self.server.servers:
            listening.close()
        self.server.servers.clear()
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, lambda: loop.create_task(self.listen_again()))

    async def listen_again(self) -> None:
        """Take new connections again."""
        server = self.server
        if server is None or server.servers:
            return

        def protocol() -> H11Protocol:
            return self.protocol(server.config, server.server_state, server.lifespan.state)

        loop = asyncio.get_running_loop()
        again = await loop.create_server(
            protocol, sock=self._bound(self.port), ssl=server.config.ssl
        )
        server.servers.append(again)


class Server(uvicorn.Server):
    """A server that says when it listens, and ends with its parent if that is wished."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self.announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self.announce()

    def end_with_stdin(self) -> None:
        """Stop when whoever holds the other end of stdin is gone."""
        loop = asyncio.get_running_loop()

        def readable() -> None:
            if not os.read(sys.stdin.fileno(), 1024):
                loop.remove_reader(sys.stdin)
                self.should_exit = True

        loop.add_reader(sys.stdin, readable)


async def serve(
    app: Callable[..., Any],
    listener: Listener,
    announce: Callable[[str], None],
    *,
    with_stdin: bool,
) -> None:
    """Serve until asked to stop, or until stdin closes when that is wished."""
    config = uvicorn.Config(
        app,
        http=listener.protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        backlog=512,
        ssl_certfile=listener.tls.certificate if listener.tls else None,
        ssl_keyfile=listener.tls.key if listener.tls else None,
    )

    def started() -> None:
        listener.started_after_cpu_s = time.process_time()
        announce(listener.url)

    server = Server(config, started)
    listener.server = server
    if with_stdin:
        server.end_with_stdin()
    await server.serve(sockets=[listener.socket])
