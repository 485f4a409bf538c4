"""From a backlog to Cases, and from an answer to the ACD to its Case, with a distant org.

The backlog comes in through the real web server; then one worker with two threads works it off.
Ack to Case is measured at a steady trickle, from the rows: received to synced.
"""

import subprocess
import sys
from dataclasses import dataclass

from bench.rig.load import load
from bench.rig.org import installation_with_org
from bench.rig.pace import evenly
from bench.rig.readings import cpu_seconds
from bench.rig.report import headline, last_line, percentile, quick, table
from tests.orgsim.process import Org
from tests.processes import ROOT, Installation, Running, until

BACKLOG = 2_000 if quick() else 10_000
TRICKLE_SECONDS = 8 if quick() else 60
TRICKLE_PER_SECOND = 20
LATENCY_MS = 150
THREADS = 2
BATCH = 200


@dataclass(frozen=True)
class Backlog:
    seconds: float
    calls: int
    cpu_seconds: float

    @property
    def cases_per_s(self) -> float:
        return BACKLOG / self.seconds

    @property
    def share_of_latency_bound(self) -> float:
        """Of what two threads could do if nothing but the org's latency took time."""
        return self.cases_per_s / (THREADS * BATCH / (LATENCY_MS / 1000))


def work_off(installation: Installation, org: Org, worker: Running) -> Backlog:
    cpu, calls = cpu_seconds(worker.process.pid), org.state()["api_calls"]
    ring(installation, THREADS)
    until(lambda: synced(installation) == BACKLOG, seconds=300, every=0.25)
    cpu = cpu_seconds(worker.process.pid) - cpu
    began = "(SELECT MIN(started_at) FROM callbacks_syncattempt)"
    statement = f"SELECT EXTRACT(EPOCH FROM MAX(synced_at) - {began}) FROM callbacks_callback"
    seconds = float(installation.query(statement)[0][0])
    return Backlog(seconds, org.state()["api_calls"] - calls, cpu)


def ring(installation: Installation, bells: int) -> None:
    """One bell for each thread, as requests ring them."""
    command = [sys.executable, "-m", "celery", "-A", "jtelbridge", "call", "crm.tasks.push_due"]
    ringing = [
        subprocess.Popen(command, env=installation.environment, cwd=ROOT, stdout=subprocess.DEVNULL)
        for _ in range(bells)
    ]
    for process in ringing:
        process.wait(60)


def synced(installation: Installation) -> int:
    return installation.counts().get("synced", 0)


def trickle(installation: Installation) -> list[float]:
    """Milliseconds from received to synced, for callbacks that come at an even pace."""
    answers = evenly(
        installation, seconds=TRICKLE_SECONDS, per_second=TRICKLE_PER_SECOND, name="trickle"
    )
    keys = [key for key, _ in answers]
    until(lambda: synced(installation) == BACKLOG + len(keys), seconds=120)
    statement = (
        "SELECT EXTRACT(EPOCH FROM synced_at - received_at) * 1000 FROM callbacks_callback"
        f" WHERE id IN ({', '.join(repr(key) for key in keys)})"
    )
    return [float(row[0]) for row in installation.query(statement)]


def main() -> None:
    headline(
        f"Bringing {BACKLOG} callbacks to an org {LATENCY_MS} ms away with {THREADS} threads,"
        f" then {TRICKLE_PER_SECOND}/s for {TRICKLE_SECONDS} s"
    )
    with installation_with_org() as (installation, org):
        installation.start_web()
        load(installation.port, installation.authorization, requests=BACKLOG)
        org.arm({"action": "latency", "params": {"ms": LATENCY_MS}})
        worker = installation.start_worker(threads=THREADS)
        backlog = work_off(installation, org, worker)
        installation.start_beat()
        report(backlog, trickle(installation))


def report(backlog: Backlog, waits: list[float]) -> None:
    figures = {
        "cases_per_s": backlog.cases_per_s,
        "share_of_latency_bound": backlog.share_of_latency_bound,
        "calls_per_case": backlog.calls / BACKLOG,
        "cpu_ms_per_1000": backlog.cpu_seconds * 1000 / BACKLOG * 1000,
        "ack_to_case_p50_ms": percentile(waits, 0.50),
        "ack_to_case_p99_ms": percentile(waits, 0.99),
    }
    table(["figure", "value"], [[name, value] for name, value in figures.items()])
    last_line(figures)


if __name__ == "__main__":
    main()
