"""From a backlog to Cases, and from an answer to the ACD to its Case, with a distant org.

One worker with one thread works off a backlog whose route fills five fields by templates, then
another for which each caller is searched among the org's contacts. Ack to Case is measured at a
steady trickle through the real web server, from the rows: received to synced.
"""

import subprocess
import sys
from dataclasses import dataclass

from bench.rig.backlog import caller, fill
from bench.rig.org import installation_with_org
from bench.rig.pace import evenly
from bench.rig.readings import cpu_seconds
from bench.rig.report import headline, last_line, percentile, quick, table
from tests.orgsim.process import Org
from tests.processes import ROOT, Installation, Running, until

BACKLOG = 2_000 if quick() else 10_000
SEARCHED = 400 if quick() else 2_000
CONTACTS_EVERY = 10  # every tenth caller is known to the org
TRICKLE_SECONDS = 8 if quick() else 60
TRICKLE_PER_SECOND = 20
LATENCY_MS = 150
BATCH = 200

TEMPLATES = {
    "Subject": "{{ default.Subject }} ({{ service_name }})",
    "Description": "{{ default.Description }}{% if user_data2 %} / {{ user_data2 }}{% endif %}",
    "SuppliedName": "{{ user_data }}",
    "SuppliedCompany": "{{ fields.ServiceName|default:'none'|upper }}",
    "Priority": "{% if function == 'callback' %}High{% else %}Medium{% endif %}",
}


@dataclass(frozen=True)
class Worked:
    """A backlog that a worker brought to the org."""

    cases: int
    seconds: float
    calls: int
    cpu_seconds: float

    @property
    def cases_per_s(self) -> float:
        return self.cases / self.seconds

    @property
    def share_of_latency_bound(self) -> float:
        """Of what one thread could do if nothing but the org's latency took time."""
        return self.cases_per_s / (BATCH / (LATENCY_MS / 1000))


def work_off(installation: Installation, org: Org, worker: Running) -> Worked:
    waiting, before = installation.counts()["pending"], synced(installation)
    [[attempts]] = installation.query("SELECT COUNT(*) FROM callbacks_syncattempt")
    cpu, calls = cpu_seconds(worker.process.pid), org.state()["api_calls"]
    ring(installation)
    until(lambda: synced(installation) == before + waiting, seconds=300, every=0.25)
    cpu = cpu_seconds(worker.process.pid) - cpu
    seconds = installation.query(
        "SELECT EXTRACT(EPOCH FROM MAX(synced_at) - MIN(started_at)) FROM callbacks_callback c"
        f" JOIN callbacks_syncattempt a ON a.callback_id = c.id WHERE a.id > {attempts}"
    )
    return Worked(waiting, float(seconds[0][0]), org.state()["api_calls"] - calls, cpu)


def ring(installation: Installation) -> None:
    """One bell, as a request rings it."""
    command = [sys.executable, "-m", "celery", "-A", "jtelbridge", "call", "crm.tasks.push_due"]
    subprocess.run(
        command, env=installation.environment, cwd=ROOT, stdout=subprocess.DEVNULL, check=True
    )


def synced(installation: Installation) -> int:
    return installation.counts().get("synced", 0)


def map_fields(installation: Installation) -> None:
    installation.execute("UPDATE callbacks_functionroute SET find_caller_in = ''")
    for field, template in TEMPLATES.items():
        quoted = template.replace("'", "''")
        installation.execute(
            "INSERT INTO callbacks_fieldmapping (route_id, field, template)"
            f" SELECT id, '{field}', '{quoted}' FROM callbacks_functionroute"
        )


def know_some_callers(installation: Installation, org: Org, *, first: int) -> None:
    for number in range(first, first + SEARCHED, CONTACTS_EVERY):
        org.create("Contact", LastName=f"Caller {number}", Phone=f"+{caller(number)}")
    installation.execute("UPDATE callbacks_functionroute SET find_caller_in = 'Contact'")


def trickle(installation: Installation) -> list[float]:
    """Milliseconds from received to synced, for callbacks that come at an even pace."""
    before = synced(installation)
    answers = evenly(
        installation, seconds=TRICKLE_SECONDS, per_second=TRICKLE_PER_SECOND, name="trickle"
    )
    keys = [key for key, _ in answers]
    until(lambda: synced(installation) == before + len(keys), seconds=120)
    statement = (
        "SELECT EXTRACT(EPOCH FROM synced_at - received_at) * 1000 FROM callbacks_callback"
        f" WHERE id IN ({', '.join(repr(key) for key in keys)})"
    )
    return [float(row[0]) for row in installation.query(statement)]


def main() -> None:
    headline(
        f"Bringing {BACKLOG} callbacks to an org {LATENCY_MS} ms away with one thread, {SEARCHED}"
        f" with a search for their callers, then {TRICKLE_PER_SECOND}/s for {TRICKLE_SECONDS} s"
    )
    with installation_with_org() as (installation, org):
        map_fields(installation)
        fill(installation, BACKLOG)
        org.arm({"action": "latency", "params": {"ms": LATENCY_MS}})
        worker = installation.start_worker(threads=1)
        backlog = work_off(installation, org, worker)
        know_some_callers(installation, org, first=BACKLOG + 1)
        fill(installation, SEARCHED, first=BACKLOG + 1)
        searched = work_off(installation, org, worker)
        installation.start_web()
        installation.start_beat()
        report(backlog, searched, trickle(installation))


def report(backlog: Worked, searched: Worked, waits: list[float]) -> None:
    figures = {
        "cases_per_s": backlog.cases_per_s,
        "share_of_latency_bound": backlog.share_of_latency_bound,
        "calls_per_case": backlog.calls / backlog.cases,
        "calls_per_case_with_search": searched.calls / searched.cases,
        "cpu_ms_per_1000": backlog.cpu_seconds * 1000 / backlog.cases * 1000,
        "ack_to_case_p50_ms": percentile(waits, 0.50),
        "ack_to_case_p99_ms": percentile(waits, 0.99),
    }
    table(["figure", "value"], [[name, value] for name, value in figures.items()])
    last_line(figures)


if __name__ == "__main__":
    main()
