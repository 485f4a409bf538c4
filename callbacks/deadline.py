"""HTTP connections on which a timeout is the time for everything, first byte to last.

urllib3's timeouts are per socket operation: an answer that drips one byte a second never ends.
Here a connection's timeout is what is left of the whole request: connecting to whichever address
answers, TLS, sending, and each piece of the answer. Only the name server keeps its own timeouts.
"""

import io
import socket
from collections.abc import Mapping
from http.client import HTTPResponse
from time import monotonic
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

CONNECT_SECONDS = 5.0
_AT_ONCE = 0.001  # a socket's timeout of zero would mean "do not block"


class _TimedReader(io.RawIOBase):
    """Reads a socket until it ends or the time is up."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._ends = monotonic() + (sock.gettimeout() or 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends - monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_TimedReader(raw, sock))


class _TimedConnection(HTTPConnection):
    response_class = _TimedResponse
    _ends: float | None = None

    @property
    def timeout(self) -> float | None:
        """Seconds that are left; never zero."""
        return None if self._ends is None else max(self._ends - monotonic(), _AT_ONCE)

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        self._ends = None if seconds is None else monotonic() + seconds

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self.timeout)
        super().send(data)

    def _new_conn(self) -> socket.socket:
        try:
            connected = _connect(self._dns_host, self.port, self.timeout or CONNECT_SECONDS)
        except OSError as error:
            raise NewConnectionError(self, f"cannot connect ({error.strerror})") from error
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.settimeout(self.timeout)
        return connected


def _connect(host: str, port: int, seconds: float) -> socket.socket:
    """Try one address after the other, each with its share of the time."""
    ends = monotonic() + min(seconds, CONNECT_SECONDS)
    addresses = [found[-1] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    while True:
        share = (ends - monotonic()) / len(addresses)
        address = addresses.pop(0)
        try:
            return socket.create_connection((str(address[0]), port), max(share, _AT_ONCE))
        except OSError:
            if not addresses:
                raise


class _TimedHTTPSConnection(_TimedConnection, HTTPSConnection):
    pass


class _TimedPool(HTTPConnectionPool):
    ConnectionCls = _TimedConnection


class _TimedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPSConnection


# For `PoolManager.pool_classes_by_scheme`.
TIMED_POOLS: Mapping[str, type[HTTPConnectionPool]] = {
    "http": _TimedPool,
    "https": _TimedHTTPSPool,
}
