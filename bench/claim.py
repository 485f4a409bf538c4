"""What claiming 200 callbacks costs, with a long history behind them and with a longer one.

Both stores have the same backlog. They take turns, so that a noisy machine is unfair to neither.
"""

import json
import statistics
import tempfile
from itertools import chain
from pathlib import Path

from bench.rig.backlog import fill
from bench.rig.report import headline, last_line, quick, table
from tests.processes import Installation

SMALL, LARGE = (10_000, 100_000) if quick() else (100_000, 1_000_000)
TURNS = 2 if quick() else 5
CLAIMS = 8  # a turn; the first of a process pays for its connection and is left out
BATCH = 200
WAITING = TURNS * (CLAIMS + 1) * BATCH

# Of the history: what a year leaves behind. Behind it the backlog, some of it in bad company.
STATUS = f"""CASE WHEN i > {{size}} - {WAITING + 1000} THEN 'pending'
    WHEN i % 100 < 96 THEN 'synced' WHEN i % 100 < 98 THEN 'dismissed'
    WHEN i % 100 < 99 THEN 'failed' ELSE 'held' END"""
DUE_IN = f"CASE WHEN i > {{size}} - {WAITING} THEN -60 ELSE 600 END"
ISOLATION = f"CASE WHEN i > {{size}} - {WAITING} THEN 0 ELSE i % 4 END"

CLAIM = f"""
import json, time
seconds = []
for _ in range({CLAIMS + 1}):
    began = time.perf_counter()
    batch = Callback.objects.lease(isolation=0, seconds=600)
    seconds.append(time.perf_counter() - began)
    assert len(batch.callbacks) == {BATCH}
print(json.dumps(seconds[1:]))
"""


def claims_ms(installation: Installation) -> list[float]:
    return [1000 * seconds for seconds in json.loads(installation.python(CLAIM))]


def fill_both(small: Installation, large: Installation) -> None:
    for installation, size in ((small, SMALL), (large, LARGE)):
        named = {"status": STATUS, "due_in": DUE_IN, "isolation": ISOLATION}
        columns = {name: text.format(size=size) for name, text in named.items()}
        fill(installation, size, columns=columns)


def main() -> None:
    headline(f"Claiming {BATCH} of {WAITING} due callbacks, among {SMALL:,} and among {LARGE:,}")
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as other,
        Installation.running_on(Path(one), postgres=True) as small,
        Installation.running_on(Path(other), postgres=True) as large,
    ):
        fill_both(small, large)
        turns = [(claims_ms(small), claims_ms(large)) for _ in range(TURNS)]
    report(*(statistics.median(chain.from_iterable(took)) for took in zip(*turns, strict=True)))


def report(small_ms: float, large_ms: float) -> None:
    """The names are the contract's; a quick run measures a tenth of what they say."""
    figures = {
        "claim_ms_1e5": small_ms,
        "claim_ms_1e6": large_ms,
        "growth": large_ms / small_ms,
    }
    table(["figure", "value"], [[name, value] for name, value in figures.items()])
    last_line(figures)


if __name__ == "__main__":
    main()
