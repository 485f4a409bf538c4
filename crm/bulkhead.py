"""How many requests may wait for the org at once, so that the others go on being served."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections


class Bulkhead:
    """So many places in this process, for requests whose caller waits for the org's answer."""

    def __init__(self, places: int) -> None:
        self._free = threading.BoundedSemaphore(places)

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Say at once whether there is a place, and keep it for the length of the block.

        Who has one lets go of the database first: a connection that waits for the org does
        nothing, is one less for those that store, and may be cut off meanwhile.
        """
        got = self._free.acquire(blocking=False)
        try:
            if got:
                _let_go_of_databases()
            yield got
        finally:
            if got:
                self._free.release()


def _let_go_of_databases() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


live_calls = Bulkhead(settings.LIVE_CALLS_AT_ONCE)
