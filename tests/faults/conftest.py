"""A scene for each test, and at the end the figures that the tests noted."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.callers import Acd
from tests.faults.figures import table
from tests.faults.scene import Scene
from tests.orgsim.process import Org
from tests.processes import Installation

Record = Callable[[str, object], None]
SEED = "FAULTS_SEED"


@pytest.fixture
def seed(record_property: Record) -> int:
    """Decides all that is left to chance; `FAULTS_SEED=…` repeats a run."""
    drawn = int(os.environ.get(SEED, "0")) or random.SystemRandom().randrange(1, 10**6)
    record_property(SEED, {"value": str(drawn)})
    return drawn


@pytest.fixture
def scene(tmp_path: Path, org: Org, record_property: Record) -> Iterator[Scene]:
    """An installation on PostgreSQL, its processes not started, whose callbacks go to the org."""
    with Installation.running_on(tmp_path, postgres=True, ACD_REQUESTS_PER_SECOND="100000") as site:
        site.talk_to(org)
        yield Scene(site, org, Acd(site), record_property)
        for running in site.running:
            running.kill()  # nothing is left to finish; a goodbye takes seconds


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures of each test that noted some."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if report.when == "call" and report.user_properties:
                terminalreporter.section(f"{report.nodeid.rpartition('/')[2]}: {outcome}", sep="-")
                for line in table(report.user_properties):
                    terminalreporter.line(line)
