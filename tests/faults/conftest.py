"""A scene for each test, and at the end the figures that the tests noted."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from crm.access import Access
from crm.client import SalesforceClient
from crm.preconditions import preconditions
from tests.faults.callers import Acd
from tests.faults.figures import ALONE, table
from tests.faults.scene import Scene
from tests.faults.servers import OwnRedis
from tests.orgsim import process as orgsim
from tests.orgsim.process import Org
from tests.processes import Installation

Record = Callable[[str, object], None]
SEED = "FAULTS_SEED"


@pytest.fixture(scope="session")
def _org_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with orgsim.running(tmp_path_factory.mktemp("org") / "org.sqlite3") as running:
        yield running


@pytest.fixture
def org(_org_process: Org) -> Org:
    """One for the whole run, empty again for each test."""
    _org_process.reset()
    return _org_process


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnRedis]:
    """A broker that may be emptied and killed."""
    server = OwnRedis(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def seed(record_property: Record) -> int:
    """Decides all that is left to chance; `FAULTS_SEED=…` repeats a run."""
    drawn = int(os.environ.get(SEED, "0")) or random.SystemRandom().randrange(1, 10**6)
    record_property(SEED, {ALONE: str(drawn)})
    return drawn


@pytest.fixture
def scene(tmp_path: Path, org: Org, record_property: Record) -> Iterator[Scene]:
    """An installation on PostgreSQL, its processes not started, whose callbacks go to the org."""
    with Installation.running_on(tmp_path, postgres=True, ACD_REQUESTS_PER_SECOND="100000") as site:
        site.talk_to(org)
        yield Scene(site, org, Acd(site), record_property)
        for running in site.running:
            running.kill()  # nothing is left to finish; a goodbye takes seconds


@pytest.fixture
def client(org: Org, settings: Settings) -> Iterator[SalesforceClient]:
    """A client inside the test, not signed in yet, whose process remembers nothing of an org."""
    settings.SALESFORCE_URL = org.url
    settings.SALESFORCE_CLIENT_ID = org.client_id
    settings.SALESFORCE_CLIENT_SECRET = org.client_secret
    preconditions.forget()
    client = SalesforceClient(Access.from_settings())
    yield client
    client._http.close()
    preconditions.forget()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures of each test that noted some."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if report.when == "call" and report.user_properties:
                terminalreporter.section(f"{report.nodeid.rpartition('/')[2]}: {outcome}", sep="-")
                for line in table(report.user_properties):
                    terminalreporter.line(line)
