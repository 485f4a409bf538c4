"""A listener that answers like no org should: signs everybody in, then does what the test says."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

ORG_ID, USER_ID = "00D8d0000000001EAA", "0058d0000000001AAA"
DAY = 86_400
TLS_HELLO = b"\x16"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


Answer = Callable[["HostileOrg", socket.socket, Request], None]


def http(status: int, body: Any = "", **headers: str) -> bytes:
    """A whole answer; what is not text is sent as JSON."""
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def says(status: int, body: Any = "", **headers: str) -> Answer:
    return lambda _org, connection, _request: connection.sendall(http(status, body, **headers))


def raw(content: bytes) -> Answer:
    """These bytes and no more: the connection ends."""

    def answer(_org: "HostileOrg", connection: socket.socket, _request: Request) -> None:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_RDWR)

    return answer


def drips(start: bytes, piece: bytes) -> Answer:
    """The start, then the piece ten times a second, for ever."""

    def answer(org: "HostileOrg", connection: socket.socket, _request: Request) -> None:
        connection.sendall(start)
        while not org.over.wait(0.1):
            connection.sendall(piece)

    return answer


def never(org: "HostileOrg", _connection: socket.socket, _request: Request) -> None:
    org.over.wait(DAY)


@dataclass
class HostileOrg:
    answer: Answer
    sign_in: Answer | None = None
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def sign_ins(self) -> list[Request]:
        return [request for request in self.requests if request.path.endswith("/token")]

    @property
    def calls(self) -> list[Request]:
        return [request for request in self.requests if not request.path.endswith("/token")]

    def wait_until_hung_up(self) -> None:
        """For answers after which this side ends the connection."""
        for thread in self._threads[1:]:
            thread.join(5)

    def close(self) -> None:
        self.over.set()
        for endpoint in (self._listener, *self._connections):
            with suppress(OSError):
                endpoint.shutdown(socket.SHUT_RDWR)
            endpoint.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                if self.tls:
                    connection = self.tls.wrap_socket(connection, server_side=True)
                self._connections.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection.makefile("rb") as incoming:
            if incoming.peek(1).startswith(TLS_HELLO):
                raw(http(400))(self, connection, Request("", "", {}, b""))
            while first := incoming.readline().decode():
                request = _read(first, incoming)
                self.requests.append(request)
                is_sign_in = request.path.endswith("/token")
                answer = (self.sign_in or _signs_in) if is_sign_in else self.answer
                answer(self, connection, request)


def _read(first: str, incoming: Any) -> Request:
    method, path, _ = first.split()
    lines = iter(lambda: incoming.readline().decode("latin-1").strip(), "")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    return Request(method, path, headers, incoming.read(int(headers.get("content-length", 0))))


def _signs_in(org: HostileOrg, connection: socket.socket, _request: Request) -> None:
    """Tokens are counted: the first sign-in's is "token-1"."""
    connection.sendall(http(200, token_answer(org.url, f"token-{len(org.sign_ins)}")))


def token_answer(url: str, token: str) -> dict[str, str]:
    return {
        "access_token": token,
        "instance_url": url,
        "id": f"{url}/id/{ORG_ID}/{USER_ID}",
        "token_type": "Bearer",
        "issued_at": "1700000000000",
    }


@contextmanager
def hostile(
    answer: Answer, *, sign_in: Answer | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[HostileOrg]:
    org = HostileOrg(answer, sign_in, tls)
    try:
        yield org
    finally:
        org.close()
