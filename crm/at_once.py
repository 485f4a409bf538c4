"""The Case number while the caller listens: a request brings its own callback to the org.

A thread of its own sends and settles it as a worker does, and goes on when the caller's time is
up: no call is cut off, so none is left in doubt, and a process that dies leaves a lease that runs
out. The lease and the unique key see to it that there is never a second Case. Neither the request
nor the thread holds a database connection while the org is awaited.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from threading import Thread
from time import monotonic
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from callbacks.models import Batch, Callback
from crm import flow
from crm.bell import bell
from crm.bulkhead import live_calls
from crm.client import get_client
from crm.delivery import Delivery
from crm.errors import CrmError
from crm.live import reconnect
from crm.outcomes import Chance
from crm.settling import Started
from crm.timing import LEASE_SECONDS

log = structlog.get_logger()

# Threads outlast their requests while the org is slow; beyond so many there is no other one.
_places = threading.BoundedSemaphore(settings.LIVE_CALLS_AT_ONCE)


def bring(callback: Callback, *, ends: float, chance: Chance) -> bool:
    """Whether it was settled, well or not, before `ends` on the monotonic clock.

    If it was not, it is under way, or a worker was woken for it.
    """
    if settings.SALESFORCE_URL and flow.is_open():
        started = Started.now()
        batch = Callback.objects.lease(isolation=0, seconds=LEASE_SECONDS, only=callback.id)
        if batch.callbacks:
            return _brought(batch, started, ends=ends, chance=chance)
    bell.ring()
    return False


def _brought(batch: Batch, started: Started, *, ends: float, chance: Chance) -> bool:
    with live_calls.place() as got:
        if got and (is_over := _begun(batch, started, chance)):
            is_settled = is_over.wait(max(0.0, ends - monotonic()))
            reconnect()
            return is_settled
    Callback.objects.give_back(batch.callbacks, batch.isolation)
    bell.ring()
    return False


def _begun(batch: Batch, started: Started, chance: Chance) -> threading.Event | None:
    """Set once it is over; None if there is no room for it, or no thread."""
    if not _places.acquire(blocking=False):
        return None
    is_over = threading.Event()

    def run() -> None:
        try:
            _deliver(batch, started, chance)
        except (CrmError, DatabaseError):
            log.exception("not settled at once; the lease runs out")
        finally:
            connection.close()
            _places.release()
            is_over.set()

    try:
        Thread(target=run, name="at-once", daemon=True).start()
    except RuntimeError:  # as many threads as the system gives
        _places.release()
        return None
    return is_over


def _deliver(batch: Batch, started: Started, chance: Chance) -> None:
    delivery = Delivery(get_client(), batch, started, chance, before_search=connection.close)
    if delivery.pack():
        line = _Here()
        delivery.send(line)
        delivery.settle(line)


class _Here(Executor):
    """Makes the call in this thread, which lets go of its database connection first."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **options: Any) -> "Future[Any]":
        connection.close()
        future: Future[Any] = Future()
        try:
            future.set_result(call(*args, **options))
        except Exception as error:  # noqa: BLE001 - told to whoever asks the future
            future.set_exception(error)
        return future
