"""Calls counted over a rolling day (D), per minute, in the store."""

from .clock import Clock
from .store import Store

MINUTES_OF_A_DAY = 24 * 60


class DailyCalls:
    """Counts the calls of the last 24 hours."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock

    @property
    def _minute(self) -> int:
        return int(self.clock.epoch() // 60)

    @property
    def used(self) -> int:
        """The calls of the last 24 hours."""
        sql = "SELECT COALESCE(SUM(calls), 0) FROM sim_calls WHERE minute > ?"
        return int(self.store.value(sql, (self._minute - MINUTES_OF_A_DAY,)))

    def become(self, calls: int) -> None:
        """Have seen so many calls, all of them in this minute."""
        with self.store.transaction():
            self.store.db.execute("DELETE FROM sim_calls")
            self.add(calls)

    def add(self, calls: int = 1) -> None:
        """Count calls."""
        self.store.db.execute(
            "INSERT INTO sim_calls VALUES (?, ?) ON CONFLICT (minute) "
            "DO UPDATE SET calls = calls + excluded.calls",
            (self._minute, calls),
        )
