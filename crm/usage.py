"""How many calls we make and what for: counted in memory, written by a thread of its own.

What a crash takes with it is the count of the last seconds, and no call.
"""

import atexit
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from crm.models import ApiCalls, Org

log = structlog.get_logger()

_purpose: ContextVar[str] = ContextVar("purpose", default="")
_lock = threading.Lock()
_counts: Counter[tuple[date, str]] = Counter()
_heard: tuple[int, int] | None = None  # used and allowed, as the org said last
_writer_of = 0  # process id: a fork inherits no threads


@contextmanager
def purpose(name: str) -> Iterator[None]:
    """What the calls of this thread are for; without it they tell by their address."""
    outer = _purpose.set(name)
    try:
        yield
    finally:
        _purpose.reset(outer)


def note(url: str) -> None:
    """Count a call that leaves now."""
    name = _purpose_of(urlsplit(url).path)
    if not name:
        return
    with _lock:
        _counts[datetime.now(UTC).date(), name] += 1
    if _writer_of != os.getpid() and settings.SIGHTINGS_SECONDS:
        _start()


def hear(*, used: int, maximum: int) -> None:
    """What the org says of the calls of everybody."""
    global _heard  # noqa: PLW0603 - one org a process
    _heard = used, maximum


def _purpose_of(path: str) -> str:
    if path.endswith("/oauth2/token"):
        return "sign_in"
    if path == "/services/data/":
        return ""  # the list of versions is no API call
    return _purpose.get() or _by_address(path)


def _by_address(path: str) -> str:
    if path.endswith("/describe"):
        return "describe"
    if path.endswith("/parameterizedSearch/"):
        return "search"
    return "sync" if path.endswith("/composite") else "other"


def flush() -> None:
    """Write what was counted, in one statement, and what the org said last."""
    global _heard  # noqa: PLW0603 - as above
    with _lock:
        counts, heard = dict(_counts), _heard
        _counts.clear()
        _heard = None
    try:
        ApiCalls.objects.add(counts)
        if heard:
            Org.note_usage(used=heard[0], maximum=heard[1])
    except DatabaseError:
        with _lock:
            _counts.update(counts)
        raise


def _start() -> None:
    global _writer_of  # noqa: PLW0603 - one thread a process
    with _lock:
        if _writer_of != os.getpid():
            threading.Thread(target=_write_forever, name="usage", daemon=True).start()
            atexit.register(_flush_quietly)
            _writer_of = os.getpid()


def _write_forever() -> None:
    pause = threading.Event()
    while not pause.wait(settings.SIGHTINGS_SECONDS):
        _flush_quietly()


def _flush_quietly() -> None:
    try:
        flush()
    except DatabaseError:
        log.warning("calls not counted yet", exc_info=True)
    finally:
        connection.close()
