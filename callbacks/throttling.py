"""How much one sender may ask for. In memory: a shared counter would cost more than it protects."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import ceil
from typing import NamedTuple

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from callbacks.models import AcdClient


class Limit(NamedTuple):
    per_second: float
    burst: float


class Buckets:
    """Allowances that refill with time, one for each key, in this process.

    Bounded: the key that was not seen for longest is forgotten first, which fills its bucket.
    """

    def __init__(self, *, most: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # and since when

    def take(self, key: Hashable, limit: Limit) -> float:
        """Take one if there is one. Returns the seconds until there is, 0.0 if it was taken."""
        with self._lock:
            now = self._clock()
            level = self._level(key, limit, now)
            self._levels[key] = (level - 1 if level >= 1 else level, now)
            self._levels.move_to_end(key)
            if len(self._levels) > self._most:
                self._levels.popitem(last=False)
        return _seconds_to_one(level, limit)

    def wait(self, key: Hashable, limit: Limit) -> float:
        """As `take`, without taking."""
        with self._lock:
            return _seconds_to_one(self._level(key, limit, self._clock()), limit)

    def forget(self) -> None:
        self._levels.clear()

    def _level(self, key: Hashable, limit: Limit, now: float) -> float:
        level, then = self._levels.get(key, (limit.burst, now))
        return min(limit.burst, level + (now - then) * limit.per_second)


def _seconds_to_one(level: float, limit: Limit) -> float:
    return max(0.0, (1 - level) / limit.per_second)


class ClientThrottle(BaseThrottle):
    """At most ACD_REQUESTS_PER_SECOND of one client in one process."""

    _buckets = Buckets()
    _wait = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        client = request.user
        if not isinstance(client, AcdClient):
            return True
        rate = settings.ACD_REQUESTS_PER_SECOND
        self._wait = self._buckets.take(client.pk, Limit(rate, rate))
        return self._wait == 0

    @classmethod
    def forget(cls) -> None:
        cls._buckets.forget()

    def wait(self) -> float:
        """Whole seconds, because Retry-After knows no others."""
        return ceil(self._wait)
