from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation

from callbacks import sightings
from callbacks.authentication import clients_by_digest
from callbacks.routing import route_table
from callbacks.throttling import ClientThrottle
from callbacks.zones import zones_by_client
from tests.orgsim import process as orgsim
from tests.orgsim.process import Org
from tests.processes import Installation


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Row locks and parallel writers exist on PostgreSQL alone."""
    if settings.EMBEDDED_DATABASE:
        skip = pytest.mark.skip(reason="needs PostgreSQL: TEST_DATABASE=postgres")
        for item in items:
            if "postgres" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def _fresh_tables() -> Iterator[None]:
    """What a process remembers of the database belongs to one test."""
    clients_by_digest.expire()
    route_table.expire()
    zones_by_client.expire()
    ClientThrottle.forget()
    sightings._clients.clear()
    sightings._numbers.clear()
    cache.clear()
    translation.deactivate()
    yield
    clients_by_digest.expire()
    route_table.expire()
    zones_by_client.expire()


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Org]:
    """A simulated Salesforce org of its own, as a process, empty."""
    with orgsim.running(tmp_path / "org.sqlite3") as running:
        yield running


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation of its own, on the kind of database that the suite runs on."""
    with Installation.running_on(tmp_path, postgres=not settings.EMBEDDED_DATABASE) as running:
        yield running
