"""What the org told, kept for an hour and for the sign-in under which it was told."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from crm.client import SalesforceClient
from crm.errors import CrmError

T = TypeVar("T")
FRESH_SECONDS = 3_600.0


@dataclass(frozen=True)
class _Told(Generic[T]):
    value: T
    generation: int
    at: float


class Remembered(Generic[T]):
    """Answers by client and name; one thread asks, the others wait for its answer or failure."""

    def __init__(self, ask: Callable[[SalesforceClient, str], T]) -> None:
        self._ask = ask
        self._asking = threading.Lock()
        self._told: WeakKeyDictionary[SalesforceClient, dict[str, _Told[T]]] = WeakKeyDictionary()
        self._failure: tuple[CrmError, str, float] | None = None

    def get(self, client: SalesforceClient, name: str = "", *, max_age: float = FRESH_SECONDS) -> T:
        """The answer, at most so many seconds old. CrmError if it has to be asked and fails."""
        asked_at = time.monotonic()
        told = self._fresh(client, name, max_age)
        if told is None:
            with self._asking:
                told = self._fresh(client, name, max_age) or self._asked(client, name, asked_at)
        return told.value

    def forget(self) -> None:
        self._told.clear()

    def _fresh(self, client: SalesforceClient, name: str, max_age: float) -> _Told[T] | None:
        told = self._told.get(client, {}).get(name)
        if told is None or told.generation != client.generation:
            return None
        return told if time.monotonic() - told.at < max_age else None

    def _asked(self, client: SalesforceClient, name: str, asked_at: float) -> _Told[T]:
        if self._failure and self._failure[1] == name and self._failure[2] > asked_at:
            raise self._failure[0].again()
        try:
            client.identity()  # what is told counts for the sign-in that was before it
            generation, now = client.generation, time.monotonic()
            told = _Told(self._ask(client, name), generation, now)
        except CrmError as failure:
            self._failure = failure, name, time.monotonic()
            raise
        self._told.setdefault(client, {})[name] = told
        return told
