"""A mail server and a web server of the test's own, on loopback, that keep what they get."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@dataclass
class MailServer:
    """Takes every mail but those to `refused`; with `is_broken` it hangs up after the greeting."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    refused: set[str] = field(default_factory=set)
    is_broken: bool = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def mails_to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


class _Smtp(socketserver.StreamRequestHandler):
    @property
    def sink(self) -> MailServer:
        return cast("Any", self.server).sink  # type: ignore[no-any-return]

    def handle(self) -> None:
        self.sink.connections += 1
        self._say("220 ready")
        while not self.sink.is_broken and (line := self.rfile.readline().decode().strip()):
            verb = line[:4].upper()
            if verb == "DATA":
                self._take()
            elif verb == "RCPT" and any(address in line for address in self.sink.refused):
                self._say("550 no such mailbox")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.sink.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with _Server(("127.0.0.1", 0), _Smtp) as server:
        sink = MailServer(port=server.server_address[1])
        server.sink = sink  # type: ignore[attr-defined]
        with _running(server):
            yield sink


@dataclass
class Posted:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Hook:
    """Answers `status` to every POST; with `dripping` set, one byte at a time until that is set."""

    port: int = 0
    status: int = 204
    location: str = ""
    dripping: threading.Event | None = None
    posts: list[Posted] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


class _Http(BaseHTTPRequestHandler):
    @property
    def sink(self) -> Hook:
        return cast("Any", self.server).sink  # type: ignore[no-any-return]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.sink.posts.append(Posted(self.path, dict(self.headers), body))
        if enough := self.sink.dripping:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not enough.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()
            return
        self.send_response(self.sink.status)
        if self.sink.location:
            self.send_header("Location", self.sink.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def hook() -> Iterator[Hook]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Http) as server:
        sink = Hook(port=server.server_port)
        cast("Any", server).sink = sink
        with _running(server):
            yield sink
