"""What of callers a page shows: to whoever may see it, numbers and names; to all others, dots.

It depends on the reader of the page under way and on nothing that threads share. Where nobody
reads, in e-mail and tasks, callers are masked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol


class Reader(Protocol):
    def has_perm(self, perm: str, obj: Any = None) -> bool: ...


PERMISSION = "callbacks.see_personal_data"
DOTS = "\N{BULLET}" * 5  # always as many, so that no length is told

_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


@contextmanager
def read_by(user: Reader) -> Iterator[None]:
    token = _reader.set(user)
    try:
        yield
    finally:
        _reader.reset(token)


def sees_personal_data() -> bool:
    reader = _reader.get()
    return reader is not None and reader.has_perm(PERMISSION)


def personal(text: str) -> str:
    """What a caller said or is called, or others said of them, if the reader may see that."""
    return text if not text or sees_personal_data() else DOTS
