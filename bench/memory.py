"""Memory of web, worker and beat: proportional set size, idle and after many callbacks."""

from bench.rig.load import load
from bench.rig.org import installation_with_org
from bench.rig.readings import pss_mb
from bench.rig.report import headline, last_line, quick, table
from tests.processes import Installation, Running, until

CALLBACKS = 1_000 if quick() else 10_000


def measured(processes: dict[str, Running]) -> dict[str, float]:
    return {name: pss_mb(running.process.pid) for name, running in processes.items()}


def bring(installation: Installation, callbacks: int) -> None:
    """Take callbacks and see all of them to the org."""
    load(installation.port, installation.authorization, requests=callbacks)
    until(lambda: set(installation.counts()) <= {"synced"}, seconds=300, every=0.25)


def main() -> None:
    headline(f"Memory of web, worker and beat, and after {CALLBACKS} callbacks")
    with installation_with_org() as (installation, _):
        processes = {
            "web": installation.start_web(),
            "worker": installation.start_worker(),
            "beat": installation.start_beat(),
        }
        bring(installation, 16)  # everything has been loaded that is loaded at its first use
        idle = measured(processes)
        bring(installation, CALLBACKS)
        after = measured(processes)
    table(["MB", "idle", "after"], [[name, idle[name], after[name]] for name in processes])
    last_line(
        {"pss_mb_idle": sum(idle.values()), "pss_mb_after_10000": sum(after.values())},
    )


if __name__ == "__main__":
    main()
