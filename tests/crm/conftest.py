"""A simulated org for each test process, emptied for each test, and a client that talks to it."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from crm.access import Access
from crm.client import SalesforceClient
from crm.preconditions import preconditions
from crm.suspicion import suspicions
from tests.orgsim.process import Org, running


@pytest.fixture(scope="session")
def _org_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with running(tmp_path_factory.mktemp("org") / "org.sqlite3") as org:
        yield org


@pytest.fixture
def org(_org_process: Org, settings: Settings) -> Org:
    """An empty org without faults; the settings point to it."""
    _org_process.reset()
    settings.SALESFORCE_URL = _org_process.url
    settings.SALESFORCE_CLIENT_ID = _org_process.client_id
    settings.SALESFORCE_CLIENT_SECRET = _org_process.client_secret
    return _org_process


@pytest.fixture
def client(org: Org) -> Iterator[SalesforceClient]:
    """A client of its own, not signed in yet."""
    client = SalesforceClient(Access.from_settings())
    yield client
    client._http.close()


@pytest.fixture(autouse=True)
def _nothing_assured() -> Iterator[None]:
    preconditions.forget()
    suspicions.forget()
    yield
    preconditions.forget()
    suspicions.forget()
