"""Look-ups while the caller waits: an org 150 ms away, kept answers, and a silent org.

Each look-up of the first kind is of another number; those of the second ask the same again. With
the org silent, 50 ask at once, and what counts is the slowest answer, over the route's budget.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import requests

from bench.rig.org import installation_with_org
from bench.rig.report import headline, last_line, percentile, quick, table
from tests.orgsim.process import Org
from tests.processes import Installation

LOOK_UPS = 60 if quick() else 400
KNOWN = 20
LATENCY_MS = 150
BUDGET_MS = 1_500  # the default of a route
PARALLEL = 50
ROUNDS = 2 if quick() else 5
SILENT = {"action": "latency", "match": {"op": "search"}, "params": {"ms": 600_000}}


def number(n: int) -> str:
    return f"49895551{n:04}"


class Caller:
    """One ACD, its connection kept open."""

    def __init__(self, installation: Installation) -> None:
        self._session = requests.Session()
        self._session.auth = installation.client
        self._url = f"{installation.url}/api/v1/callers"

    def asks(self, n: int) -> float:
        """Milliseconds to the answer, which has to be one."""
        began = time.monotonic()
        answer = self._session.get(self._url, params={"CallerID": number(n)}, timeout=60)
        took = (time.monotonic() - began) * 1000
        if answer.status_code not in {200, 404} or "Count" not in answer.json():
            raise SystemExit(f"{answer.status_code}: {answer.text}")
        return took


def again(caller: Caller) -> list[float]:
    """The same few callers, whose answers were asked for a moment ago."""
    for n in range(KNOWN):
        caller.asks(n)
    return [caller.asks(n % KNOWN) for n in range(LOOK_UPS)]


def at_once(installation: Installation, first: int) -> list[float]:
    callers = [Caller(installation) for _ in range(PARALLEL)]
    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(Caller.asks, callers, range(first, first + PARALLEL)))


def silent(installation: Installation, org: Org) -> list[float]:
    org.clear()
    org.arm(SILENT)
    rounds = (at_once(installation, LOOK_UPS + PARALLEL * n) for n in range(1, ROUNDS + 1))
    return [took for answers in rounds for took in answers]


def main() -> None:
    headline(
        f"{LOOK_UPS} look-ups with the org {LATENCY_MS} ms away, the same again, and {ROUNDS} times"
        f" {PARALLEL} at once with the org silent"
    )
    with installation_with_org() as (installation, org):
        for n in range(KNOWN):
            org.create("Contact", LastName=f"Caller {n}", Phone=f"+{number(n)}")
        org.arm({"action": "latency", "params": {"ms": LATENCY_MS}})
        installation.start_web(workers=1)
        caller = Caller(installation)
        cold = caller.asks(LOOK_UPS)
        asked = [caller.asks(n) for n in range(LOOK_UPS)]
        report(cold, asked, again(caller), silent(installation, org))


def report(cold: float, asked: list[float], kept: list[float], silence: list[float]) -> None:
    figures = {
        "first_ms": cold,
        "look_up_p50_ms": median(asked),
        "look_up_p95_ms": percentile(asked, 0.95),
        "cached_p95_ms": percentile(kept, 0.95),
        "silent_worst_over_budget_ms": max(silence) - BUDGET_MS,
        "silent_p50_ms": median(silence),
        "answers": float(1 + len(asked) + len(kept) + len(silence)),
    }
    table(["figure", "value"], [[name, value] for name, value in figures.items()])
    last_line(figures)


if __name__ == "__main__":
    main()
