"""Serve the application on loopback."""

import asyncio
import socket
import sys
from collections.abc import Callable

import uvicorn

from .wire import Wires

Announce = Callable[[str], None]


class NotLoopbackError(ValueError):
    """The simulated org has no protection of its own and must not be reachable from outside."""


class Listener:
    """The listening socket, which a fault may close for a while."""

    def __init__(self, host: str, port: int) -> None:
        if host not in {"127.0.0.1", "::1", "localhost"}:
            raise NotLoopbackError(f"{host} is not a loopback address")
        self.host = host
        self.socket = self._bound(port)
        self.port: int = self.socket.getsockname()[1]
        self.server: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        """Where the org is reached."""
        return f"http://{self.host}:{self.port}"

    def _bound(self, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # Named TCP, so that asyncio switches Nagle's algorithm off for its connections.
        made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((self.host, port))
        made.set_inheritable(True)
        return made

    async def refuse_for(self, seconds: float) -> None:
        """Refuse new connections for some seconds."""
        server = self.server
        if server is None:
            return
        for listening in server.servers:
            listening.close()
        server.servers.clear()
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, lambda: loop.create_task(self.listen_again()))

    async def listen_again(self) -> None:
        """Take new connections again."""
        server = self.server
        if server is None or server.servers:
            return
        config, state = server.config, server.server_state

        def protocol() -> asyncio.Protocol:
            return config.http_protocol_class(  # type: ignore[operator,no-any-return]
                config=config, server_state=state, app_state=server.lifespan.state
            )

        loop = asyncio.get_running_loop()
        server.servers.append(await loop.create_server(protocol, sock=self._bound(self.port)))


async def serve(
    app: object, listener: Listener, wires: Wires, announce: Announce, *, with_stdin: bool
) -> None:
    """Serve until asked to stop, or until stdin closes when that is wanted."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=wires.protocol(),
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        backlog=512,
    )
    server = uvicorn.Server(config)
    listener.server = server
    serving = asyncio.create_task(server.serve(sockets=[listener.socket]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.001)
    announce(listener.url)
    if with_stdin:
        watch_stdin(server)
    await serving


def watch_stdin(server: uvicorn.Server) -> None:
    """End when whoever started this process is gone."""
    loop = asyncio.get_running_loop()

    def readable() -> None:
        if not sys.stdin.buffer.raw.read(1024):  # type: ignore[attr-defined]
            loop.remove_reader(sys.stdin)
            server.should_exit = True

    loop.add_reader(sys.stdin, readable)
