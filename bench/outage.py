"""What an outage of the org costs the ACD, and what it costs Salesforce: answers and calls.

Callbacks arrive evenly, first in calm, then while the org answers 503, then the worker is killed
in mid-load. At the end every acknowledged callback has to have exactly one Case.
"""

from bench.rig.org import installation_with_org
from bench.rig.pace import evenly
from bench.rig.report import headline, last_line, percentile, quick, table
from tests.orgsim.process import Org
from tests.processes import Installation, until

CALM_SECONDS = 4 if quick() else 30
OUTAGE_SECONDS = 6 if quick() else 30
PER_SECOND = 10
LATENCY_MS = 150


def in_an_outage(installation: Installation, org: Org) -> list[tuple[str, float]]:
    org.arm({"action": "status", "params": {"status": 503}})
    answers = evenly(installation, seconds=OUTAGE_SECONDS, per_second=PER_SECOND, name="outage")
    org.clear()
    return answers


def under_kills(installation: Installation) -> list[tuple[str, float]]:
    """The worker dies three times in mid-load, and is started again."""
    answers = []
    for number in range(3):
        worker = installation.start_worker()
        answers += evenly(installation, seconds=2, per_second=PER_SECOND, name=f"kill {number}")
        worker.kill()
    installation.expire_leases()
    installation.start_worker()
    return answers


def main() -> None:
    headline(
        f"{PER_SECOND}/s: {CALM_SECONDS} s of calm, {OUTAGE_SECONDS} s with an org that answers 503,"
        " then a worker killed three times"
    )
    with installation_with_org() as (installation, org):
        installation.start_web()
        worker = installation.start_worker()
        installation.start_beat()
        org.arm({"action": "latency", "params": {"ms": LATENCY_MS}})
        calm = evenly(installation, seconds=CALM_SECONDS, per_second=PER_SECOND, name="calm")
        refused = len([entry for entry in org.log() if entry["status"] == 503])
        outage = in_an_outage(installation, org)
        refused = len([entry for entry in org.log() if entry["status"] == 503]) - refused
        until(lambda: set(installation.counts()) == {"synced"}, seconds=120)
        worker.kill()
        killed = under_kills(installation)
        acknowledged = {key for key, _ in [*calm, *outage, *killed]}
        until(lambda: installation.counts() == {"synced": len(acknowledged)}, seconds=120)
        report(org, acknowledged, calm=calm, outage=outage, refused=refused)


def report(
    org: Org,
    acknowledged: set[str],
    *,
    calm: list[tuple[str, float]],
    outage: list[tuple[str, float]],
    refused: int,
) -> None:
    keys = [case["Jtel_Callback_ID__c"] for case in org.records("Case")]
    calm_ms, outage_ms = [ms for _, ms in calm], [ms for _, ms in outage]
    figures = {
        "accept_p50_ms_calm": percentile(calm_ms, 0.50),
        "accept_p50_ms_outage": percentile(outage_ms, 0.50),
        "accept_p99_ms_calm": percentile(calm_ms, 0.99),
        "accept_p99_ms_outage": percentile(outage_ms, 0.99),
        "calls_in_vain": float(refused),
        "acknowledged": float(len(acknowledged)),
        "lost": float(len(acknowledged - set(keys))),
        "doubled": float(len(keys) - len(set(keys))),
    }
    table(["figure", "value"], [[name, value] for name, value in figures.items()])
    last_line(figures)


if __name__ == "__main__":
    main()
