from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog
from django.db import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
log = structlog.get_logger()


class Snapshot(Generic[T]):
    """A small table in memory, read again from the database once it is `max_age` seconds old.

    One thread reloads while the others go on with the old one. If the database is away, the old
    one serves on: the request then fails where it stores, with an answer that says so.
    """

    def __init__(self, load: Callable[[], T], *, max_age: float) -> None:
        self._load = load
        self._max_age = max_age
        self._loading = threading.Lock()
        self._value: T | None = None
        self._loaded_at = float("-inf")

    def get(self, *, max_age: float | None = None) -> T:
        value = self._value
        if value is None:
            with self._loading:
                return self._value or self._reload()
        age = time.monotonic() - self._loaded_at
        if age > (self._max_age if max_age is None else max_age) and self._loading.acquire(
            blocking=False
        ):
            try:
                return self._reload()
            except DatabaseError:
                log.warning("table not read again, the old one serves on", exc_info=True)
            finally:
                self._loading.release()
        return value

    def expire(self) -> None:
        """Forget the table: this process changed what it is made from."""
        self._value = None
        self._loaded_at = float("-inf")

    def _reload(self) -> T:
        self._value = value = self._load()
        self._loaded_at = time.monotonic()
        return value
