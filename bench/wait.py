"""The Case number while the caller listens: callbacks at an even pace, the org 150 ms away.

Each caller is another one, so that each is searched for before the Case is made: two calls one
after the other. A worker and beat run beside, as they do on a site. What counts is how many were
answered with the number, and how soon.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.rig.org import installation_with_org
from bench.rig.readings import cpu_seconds
from bench.rig.report import headline, last_line, percentile, quick, table
from tests.processes import Installation

SECONDS = 10 if quick() else 60
PER_SECOND = 20
LATENCY_MS = 150
WAIT_MS = 1_000
THREADS, PLACES = 32, 16  # of the one web process
ROUTE = f"""
from callbacks.models import FunctionRoute
FunctionRoute.objects.update(wait_ms={WAIT_MS})
"""


@dataclass(frozen=True)
class Answer:
    ms: float
    has_number: bool


def ask(installation: Installation, number: int) -> Answer:
    sent = time.monotonic()
    answer = installation.post({"CallerID": f"4989555{number:06}", "UserData": f"wish {number}"})
    took = (time.monotonic() - sent) * 1000
    answer.raise_for_status()
    return Answer(took, answer.json()["CaseNumber"] is not None)


def at_a_pace(installation: Installation) -> list[Answer]:
    """The pace waits for no slow answer."""
    began, pause = time.monotonic(), threading.Event()
    with ThreadPoolExecutor(4 * PER_SECOND) as pool:
        asked = []
        for number in range(SECONDS * PER_SECOND):
            pause.wait(max(0.0, began + number / PER_SECOND - time.monotonic()))
            asked.append(pool.submit(ask, installation, number))
        return [each.result() for each in asked]


def main() -> None:
    headline(
        f"{PER_SECOND} callbacks/s for {SECONDS} s that wait {WAIT_MS} ms at most for their Case,"
        f" with the org {LATENCY_MS} ms away"
    )
    with installation_with_org() as (installation, org):
        installation.python(ROUTE)
        installation.settings["LIVE_CALLS_AT_ONCE"] = str(PLACES)
        org.arm({"action": "latency", "params": {"ms": LATENCY_MS}})
        web = installation.start_web(workers=1, threads=THREADS)
        installation.start_worker()
        installation.start_beat()
        for number in range(PLACES):  # signed in, and the org's objects are known
            ask(installation, 10**5 + number)
        cpu = cpu_seconds(web.process.pid)
        answers = at_a_pace(installation)
        cpu = cpu_seconds(web.process.pid) - cpu
        cases = org.records("Case")
        doubled = len(cases) - len({case["Jtel_Callback_ID__c"] for case in cases})
        report(answers, doubled=doubled, cpu=cpu)


def report(answers: list[Answer], *, doubled: int, cpu: float) -> None:
    in_time = [each for each in answers if each.has_number and each.ms <= WAIT_MS]
    waits = [each.ms for each in answers]
    figures = {
        "share_with_number": len(in_time) / len(answers),
        "p50_ms": percentile(waits, 0.50),
        "p99_ms": percentile(waits, 0.99),
        "worst_ms": max(waits),
        "cpu_ms_per_answer": cpu * 1000 / len(answers),
        "doubled": float(doubled),
        "answers": float(len(answers)),
    }
    table(["figure", "value"], [[name, value] for name, value in figures.items()])
    last_line(figures)


if __name__ == "__main__":
    main()
