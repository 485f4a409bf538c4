import threading
import time
from math import ceil

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from callbacks.models import AcdClient


class ClientThrottle(BaseThrottle):
    """At most ACD_REQUESTS_PER_SECOND of one client in one process: a bucket that refills.

    In memory, because a shared counter would cost more than what it protects from.
    """

    _buckets: dict[int, tuple[float, float]] = {}  # by client: tokens left, and when that was
    _lock = threading.Lock()
    _wait = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        client = request.user
        if not isinstance(client, AcdClient):
            return True
        rate = settings.ACD_REQUESTS_PER_SECOND
        now = time.monotonic()
        with self._lock:
            tokens, then = self._buckets.get(client.pk, (float(rate), now))
            tokens = min(rate, tokens + (now - then) * rate)
            self._buckets[client.pk] = (tokens - 1 if tokens >= 1 else tokens, now)
        self._wait = (1 - tokens) / rate
        return tokens >= 1

    @classmethod
    def forget(cls) -> None:
        cls._buckets.clear()

    def wait(self) -> float:
        """Whole seconds, because Retry-After knows no others."""
        return ceil(self._wait)
