"""Deaths that a seed decides: who, and when."""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Mortal(Protocol):
    def kill(self) -> None: ...
    def start(self) -> None: ...


@dataclass(frozen=True)
class Kill:
    second: float
    victim: str


def planned(seed: int, victims: Sequence[str], *, kills: int, seconds: float) -> list[Kill]:
    """So many kills within so many seconds, spread evenly over the victims in any order."""
    chance = random.Random(seed)
    named = [victims[number % len(victims)] for number in range(kills)]
    chance.shuffle(named)
    moments = sorted(chance.uniform(0, seconds) for _ in named)
    return [Kill(moment, victim) for moment, victim in zip(moments, named, strict=True)]


def carried_out(plan: Sequence[Kill], deaths: Mapping[str, Callable[[], None]]) -> None:
    """Each death at its moment, or as soon as the one before it is over."""
    began, pause = time.monotonic(), threading.Event()
    for kill in plan:
        pause.wait(max(0.0, began + kill.second - time.monotonic()))
        deaths[kill.victim]()


def reborn(mortal: Mortal) -> Callable[[], None]:
    """A death that is followed by a start at once."""

    def die() -> None:
        mortal.kill()
        mortal.start()

    return die
