"""One expectation: what is expected, who says so, and how it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .client import Client

MARKS = {
    "D": "documented by Salesforce",
    "R": "recorded from a real org",
    "T": "tried by us with a client library",
    "3": "told by a third party",
    "M": "remembered only: unverified until tried on a real org",
}


class DifferentError(AssertionError):
    """The org does something else."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A sentence about an org, with its source."""

    sentence: str
    mark: str
    source: str
    attempt: Callable[[Client], None]
    by_hand: bool = False


ALL: list[Expectation] = []


def expected(
    mark: str, source: str
) -> Callable[[Callable[[Client], None]], Callable[[Client], None]]:
    """Make an expectation of a function whose name is the sentence."""

    def noted(attempt: Callable[[Client], None]) -> Callable[[Client], None]:
        sentence = attempt.__name__.replace("_", " ")
        ALL.append(Expectation(sentence, mark, source, attempt))
        return attempt

    return noted


def same(found: Any, wanted: Any) -> None:
    """Compare, and say both when they differ."""
    if found != wanted:
        raise DifferentError(f"expected {wanted!r}, found {found!r}")


def holds(truth: object, found: Any) -> None:
    """Check a truth, and say what was found when it does not hold."""
    if not truth:
        raise DifferentError(f"found {found!r}")
