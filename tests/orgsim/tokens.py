"""Access tokens: opaque, for one user, dead after a while (D)."""

import secrets
import string
from collections import deque

from . import ids
from .clock import Clock
from .store import Store

HOUR_S = 3_600
ALPHABET = string.ascii_letters + string.digits + "._"


class Tokens:
    """Issues and checks tokens; they survive a restart."""

    def __init__(self, store: Store, clock: Clock, org_id: str) -> None:
        self.store, self.clock, self.org_id = store, clock, org_id
        self._issued_at: deque[float] = deque()

    def issued_last_hour(self) -> int:
        """Count the sign-ins of the last hour."""
        since = self.clock.epoch() - HOUR_S
        while self._issued_at and self._issued_at[0] <= since:
            self._issued_at.popleft()
        return len(self._issued_at)

    def issue(self, user_id: str, ttl_s: float) -> str:
        """Make a token of about 112 characters (D)."""
        secret = "".join(secrets.choice(ALPHABET) for _ in range(88))
        self._issued_at.append(self.clock.epoch())
        token = f"{ids.shorten(self.org_id)}!AQEAQ{secret}"
        self.store.db.execute(
            "INSERT INTO sim_token (token, user_id, expires_at) VALUES (?, ?, ?)",
            (token, user_id, self.clock.epoch() + ttl_s),
        )
        return token

    def holder(self, token: str) -> str | None:
        """Give the user of a living token."""
        sql = "SELECT user_id FROM sim_token WHERE token = ? AND NOT revoked AND expires_at > ?"
        found: str | None = self.store.value(sql, (token, self.clock.epoch()))
        return found

    def expires_at(self, token: str) -> float | None:
        """Tell when a living token dies."""
        if self.holder(token) is None:
            return None
        sql = "SELECT expires_at FROM sim_token WHERE token = ?"
        return float(self.store.value(sql, (token,)))

    def revoke(self, token: str) -> bool:
        """Kill one token; False if there is none."""
        cursor = self.store.db.execute(
            "UPDATE sim_token SET revoked = 1 WHERE token = ? AND NOT revoked", (token,)
        )
        return cursor.rowcount > 0

    def revoke_all(self) -> int:
        """Kill all tokens; give how many lived."""
        return self.store.db.execute("UPDATE sim_token SET revoked = 1 WHERE NOT revoked").rowcount
