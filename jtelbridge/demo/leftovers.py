"""An earlier demo of the same folder, be it orphaned by a kill -9: found and ended.

Its processes are known by the mark in their environment, so that nothing foreign is ever touched.
"""

import fcntl
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

PROC = Path("/proc")
PATIENCE_SECONDS = 8.0


def marked(mark: str) -> list[int]:
    """Process ids of all that carry the mark, but our own."""
    found = []
    for file in PROC.glob("[0-9]*/environ"):
        with suppress(OSError):  # gone meanwhile, or another user's
            if mark.encode() in file.read_bytes().split(b"\0"):
                found.append(int(file.parent.name))
    return [pid for pid in found if pid != os.getpid()]


def end(mark: str) -> int:
    """End what carries the mark, kindly and then for sure. Returns how many there were."""
    first = marked(mark)
    send(signal.SIGTERM, first)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while running := marked(mark):
        if time.monotonic() > deadline:
            send(signal.SIGKILL, running)
        time.sleep(0.05)
    return len(first)


def send(number: signal.Signals, pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def hold(lock: Path) -> IO[str]:
    """Be the one demo of this folder for as long as the returned file is open.

    A POSIX lock: the kernel frees it however we end, and children do not inherit it.
    """
    file = lock.open("a", encoding="utf-8")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > deadline:
                sys.exit(f"demo: an earlier one does not stop; see who holds {lock}")
            time.sleep(0.05)
        else:
            return file


def refuse_taken_port(name: str, port: int) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(f"demo: port {port} is not free ({error.strerror}); choose with {name}=…")
