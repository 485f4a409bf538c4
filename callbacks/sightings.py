"""Who used which client and which service number when: statistics, written off the request path."""

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from callbacks.models import AcdClient, ServiceNumber

log = structlog.get_logger()

MAX_NUMBER_LENGTH = 40  # of ServiceNumber.number

_lock = threading.Lock()
_clients: dict[int, datetime] = {}
_numbers: dict[str, datetime] = {}
_writer: threading.Thread | None = None


def note(client: AcdClient, service_number: str, now: datetime) -> None:
    """Remember in memory; a thread of its own writes it every SIGHTINGS_SECONDS."""
    with _lock:
        _clients[client.pk] = now
        if service_number and len(service_number) <= MAX_NUMBER_LENGTH:
            _numbers[service_number] = now
    if _writer is None and settings.SIGHTINGS_SECONDS:
        _start(_write_forever)


def flush() -> None:
    """Write what was noted. A service number that nobody configured is kept as only seen."""
    with _lock:
        clients, numbers = dict(_clients), dict(_numbers)
        _clients.clear()
        _numbers.clear()
    for pk, seen_at in clients.items():
        AcdClient.objects.filter(pk=pk).update(last_used_at=seen_at)
    for number, seen_at in numbers.items():
        if not ServiceNumber.objects.filter(number=number).update(seen_at=seen_at):
            ServiceNumber.objects.get_or_create(
                number=number, defaults={"adopted": False, "seen_at": seen_at}
            )


def _start(target: Callable[[], None]) -> None:
    global _writer  # noqa: PLW0603 - one thread a process
    with _lock:
        if _writer is None:
            _writer = threading.Thread(target=target, name="sightings", daemon=True)
            _writer.start()


def _write_forever() -> None:
    pause = threading.Event()
    while not pause.wait(settings.SIGHTINGS_SECONDS):
        try:
            flush()
        except DatabaseError:
            log.warning("sightings not written", exc_info=True)
        finally:
            connection.close()
