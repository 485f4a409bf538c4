"""What came and what went back, the last of it, for people who look for a cause."""

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT = 1_000
LONGEST_BODY = 4_000


@dataclass(slots=True, kw_only=True)
class Entry:
    """One HTTP request with its answer and the faults that fired."""

    at: str
    method: str
    path: str
    query: str = ""
    status: int | None = None
    ms: float = 0
    faults: list[str] = field(default_factory=list)
    request: str = ""
    response: str = ""
    note: str = ""


class Journal:
    """A bounded list of entries."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=KEPT)

    def add(self, entry: Entry) -> None:
        """Keep an entry; the oldest one goes."""
        self.entries.append(entry)

    def clear(self) -> None:
        """Forget all."""
        self.entries.clear()

    def shown(self) -> list[dict[str, Any]]:
        """Give all entries, oldest first."""
        return [asdict(e) for e in self.entries]


def clipped(body: bytes) -> str:
    """Give the start of a body as text."""
    return body[:LONGEST_BODY].decode("utf-8", "replace")
