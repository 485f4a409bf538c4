"""The Case number while the caller listens: a request brings its own callback to the org.

A thread of its own sends it as a worker does, and goes on when the caller's time is up: no call is
cut off, so none is left in doubt, and a process that dies leaves a lease that runs out. The lease
and the unique key see to it that there is never a second Case. What came of it is written by the
request, if that still waits, because it needs a database connection anyway, else by the thread.
Neither of them holds one while the org is awaited.
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
        if got and _places.acquire(blocking=False):
            delivery = Delivery(get_client(), batch, started, chance, before_search=_let_go)
            under_way = _UnderWay(delivery)
            if under_way.begin():
                return under_way.is_settled_by(ends)
    Callback.objects.give_back(batch.callbacks, batch.isolation)
    bell.ring()
    return False


def _let_go() -> None:
    """Of the database, by whichever thread this is."""
    connection.close()


class _UnderWay:
    """A delivery, and who is to settle it: of the request and the thread exactly one."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._lock = threading.Lock()
        self._is_awaited = True
        self._is_handed_over = False
        self._is_over = threading.Event()

    def begin(self) -> bool:
        """False if there is no thread for it."""
        try:
            Thread(target=self._run, name="at-once", daemon=True).start()
        except RuntimeError:  # as many threads as the system gives
            _places.release()
            return False
        return True

    def is_settled_by(self, ends: float) -> bool:
        is_over = self._is_over.wait(max(0.0, ends - monotonic()))
        with self._lock:
            self._is_awaited = False
            is_ours = self._is_handed_over
        reconnect()
        if is_ours:
            self._delivery.settle(_Here())
        return is_over or is_ours

    def _run(self) -> None:
        try:
            line = _Here()
            if self._delivery.pack():
                self._delivery.send(line)
                if not self._handed_over():
                    self._delivery.settle(line)
        except (CrmError, DatabaseError):
            log.exception("not settled at once; the lease runs out")
        finally:
            _let_go()
            _places.release()
            self._is_over.set()

    def _handed_over(self) -> bool:
        """To the request, if that waits, and if settling it means no further call."""
        is_simple = self._delivery.went_well()
        with self._lock:
            self._is_handed_over = self._is_awaited and is_simple
            return self._is_handed_over


class _Here(Executor):
    """Makes the call in this thread, which lets go of its database connection first."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **options: Any) -> "Future[Any]":
        _let_go()
        future: Future[Any] = Future()
        try:
            future.set_result(call(*args, **options))
        except Exception as error:  # noqa: BLE001 - told to whoever asks the future
            future.set_exception(error)
        return future
