"""The connections themselves: cut them, slow them down, refuse new ones."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Address = tuple[str, int]
NO_LINGER = struct.pack("ii", 1, 0)


class Wires:
    """The open connections by the client's address."""

    def __init__(self) -> None:
        self.open: dict[Address, asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """Make a protocol that keeps track of its connections here."""
        wires = self

        class Tracked(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                self.peer: Address = transport.get_extra_info("peername")[:2]
                wires.open[self.peer] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                wires.open.pop(self.peer, None)
                super().connection_lost(exc)

        return Tracked

    def gone(self, request: Request) -> bool:
        """Whether the client has hung up."""
        return request.client is not None and tuple(request.client) not in self.open

    def cut(self, scope: Scope) -> None:
        """Reset the connection of a request."""
        transport = self.open.get(tuple(scope["client"]))
        if transport is None:
            return
        raw = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        transport.abort()


class Cut(Response):
    """No answer, or half of one, and a connection that breaks."""

    def __init__(self, wires: Wires, half_of: Response | None = None) -> None:
        super().__init__()
        self.wires, self.half_of = wires, half_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.half_of is not None:
            body = bytes(self.half_of.body)
            await send(start_of(self.half_of))
            await send({"type": "http.response.body", "body": body[: len(body) // 2],
                        "more_body": True})  # fmt: skip
            # Let the half body leave before the reset overtakes it.
            await asyncio.sleep(0.01)
        self.wires.cut(scope)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                while (await receive())["type"] != "http.disconnect":
                    pass


class Drip(Response):
    """An answer that comes a few bytes at a time."""

    def __init__(self, whole: Response, bytes_per_s: float) -> None:
        super().__init__(whole.body, whole.status_code)
        self.whole, self.bytes_per_s = whole, max(bytes_per_s, 1)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start_of(self.whole))
        step = max(int(self.bytes_per_s / 10), 1)
        body = bytes(self.whole.body)
        for begin in range(0, len(body), step):
            await send({"type": "http.response.body", "body": body[begin : begin + step],
                        "more_body": True})  # fmt: skip
            await asyncio.sleep(step / self.bytes_per_s)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def start_of(response: Response) -> MutableMapping[str, Any]:
    """Give the message that begins a response."""
    return {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": response.raw_headers,
    }
