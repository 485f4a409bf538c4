import threading
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Any


class Recent:
    """What was found out a moment ago, by what was asked. Forgets the oldest beyond so many."""

    def __init__(
        self, *, seconds: float, most: int, clock: Callable[[], float] = monotonic
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable) -> Any:
        """What was kept for the key, or None."""
        with self._lock:
            kept_at, value = self._known.get(key, (0.0, None))
            if value is None or self._clock() - kept_at > self._seconds:
                return None
            return value

    def keep(self, key: Hashable, value: Any) -> None:
        with self._lock:
            self._known.pop(key, None)  # the oldest come first
            self._known[key] = (self._clock(), value)
            while len(self._known) > self._most:
                del self._known[next(iter(self._known))]

    def forget(self) -> None:
        with self._lock:
            self._known.clear()
