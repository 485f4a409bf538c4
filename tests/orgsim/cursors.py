"""Results of queries that did not fit one page."""

import itertools
from collections import OrderedDict
from typing import Any

from . import ids
from .errors import ApiError
from .soql.translate import Statement

MOST_CURSORS = 10


class Cursors:
    """Results that did not fit a page; the oldest goes when there are too many (D)."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[Statement, list[tuple[Any, ...]]]] = OrderedDict()
        self._numbers = itertools.count(1)

    def keep(self, statement: Statement, rows: list[tuple[Any, ...]]) -> str:
        """Keep a result and give its locator."""
        locator = ids.make("01g", next(self._numbers))
        self._open[locator] = (statement, rows)
        while len(self._open) > MOST_CURSORS:
            self._open.popitem(last=False)
        return locator

    def find(self, locator: str) -> tuple[Statement, list[tuple[Any, ...]]]:
        """Give a kept result, or refuse."""
        if locator not in self._open:
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._open[locator]
