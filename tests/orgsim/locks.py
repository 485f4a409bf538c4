"""Locks on records: a save locks what it changes and that record's parents (D)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager


class RowLocks:
    """Who holds which records, for as long as a transaction lasts."""

    def __init__(self) -> None:
        self._held: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def held(self, wanted: Iterable[str], wait_s: float) -> AsyncIterator[frozenset[str]]:
        """Lock records in order; give those that were not to be had in time."""
        got: list[asyncio.Lock] = []
        refused: set[str] = set()
        for record_id in sorted(set(wanted)):
            lock = self._held.setdefault(record_id, asyncio.Lock())
            try:
                async with asyncio.timeout(wait_s):
                    await lock.acquire()
            except TimeoutError:
                refused.add(record_id)
            else:
                got.append(lock)
        try:
            yield frozenset(refused)
        finally:
            for lock in got:
                lock.release()
