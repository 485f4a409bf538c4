"""A closed loop: each connection sends its next request when the answer to the last is there.

Runs as a process of its own, on bare sockets, so that it costs little beside what it measures:
`python -m bench.rig.load --port 8000 …` prints one line of JSON.
"""

import argparse
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from bench.rig.report import percentile

PATH = "/api/v1/callbacks"
MARK = b"0000000000"
BODY = (
    b'{"CallerID": "49199123456789", "ServiceNumber": "498946134180",'
    b' "ServiceName": "Service Hotline", "Function": "callback",'
    b' "UserData": "request ' + MARK + b'", "UserData2": "Question about an invoice"}'
)
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Result:
    answers: int
    refused: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def rps(self) -> float:
        return self.answers / self.seconds


class Connection:
    def __init__(self, port: int, head: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = head
        self.received = b""
        self.sent_at = 0.0

    def send(self, number: int) -> None:
        body = BODY.replace(MARK, b"%010d" % number)
        self.sent_at = time.perf_counter()
        self.socket.sendall(self.head + body)

    def answer(self) -> int | None:
        """The status, once the whole answer is there."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end or len(body) < length_of(head):
            return None
        self.received = b""
        return int(head[9:12])


def length_of(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0])


def head_of(authorization: str) -> bytes:
    length = len(BODY)
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


class Loop:
    """Until enough seconds have passed or requests were sent, whichever is first."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.latencies: list[float] = []
        self.refused = self.sent = 0
        # Numbers that no earlier run used, because equal requests would count as one.
        self.first = (os.getpid() % 4000) * 2_000_000 + int(time.time()) % 1000 * 1000
        self.started = time.perf_counter()

    def run(self) -> Result:
        head = head_of(self.options.authorization)
        with selectors.EpollSelector() as selector:
            for _ in range(min(self.options.connections, self.options.requests)):
                connection = Connection(self.options.port, head)
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                self.send(connection)
            while len(self.latencies) + self.refused < self.sent:
                for key, _ in selector.select(PATIENCE_SECONDS):
                    self.hear(key.data)
        seconds = time.perf_counter() - self.started
        p50, p99 = (percentile(self.latencies, share) * 1000 for share in (0.50, 0.99))
        return Result(len(self.latencies), self.refused, seconds, p50, p99)

    def send(self, connection: Connection) -> None:
        connection.send(self.first + self.sent)
        self.sent += 1

    def hear(self, connection: Connection) -> None:
        status = connection.answer()
        if status is None:
            return
        now = time.perf_counter()
        if status == 200:
            self.latencies.append(now - connection.sent_at)
        else:
            self.refused += 1
        if now - self.started < self.options.seconds and self.sent < self.options.requests:
            self.send(connection)


def load(
    port: int,
    authorization: str,
    *,
    connections: int = 16,
    seconds: float = 3600,
    requests: int = 10**9,
) -> Result:
    """Run the loop in a process of its own; every answer has to be a 200."""
    given = {
        "port": port,
        "authorization": authorization,
        "connections": connections,
        "seconds": seconds,
        "requests": requests,
    }
    arguments = [f"--{name}={value}" for name, value in given.items()]
    output = subprocess.check_output([sys.executable, "-m", "bench.rig.load", *arguments])
    result = Result(**json.loads(output))
    if result.refused:
        raise SystemExit(f"{result.refused} of {result.refused + result.answers} were refused")
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--authorization", required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--requests", type=int, required=True)
    print(json.dumps(asdict(Loop(parser.parse_args()).run())))


if __name__ == "__main__":
    main()
