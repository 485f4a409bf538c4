"""How many calls we make, by purpose: counted where they leave, written later."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import DatabaseError

from callbacks.models import FunctionRoute
from crm import flow, usage
from crm.admin.connection import PURPOSES
from crm.client import SalesforceClient
from crm.errors import CrmError
from crm.models import ApiCalls
from crm.usage import purpose
from tests.callbacks.cast import a_callback
from tests.crm.pushing import push
from tests.orgsim.process import Org
from tests.processes import Installation, until

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    usage._counts.clear()


def counted() -> dict[str, int]:
    usage.flush()
    return dict(ApiCalls.objects.values_list("purpose", "calls"))


def test_a_callback_costs_a_sign_in_a_look_at_the_objects_and_a_call(
    client: SalesforceClient,
) -> None:
    FunctionRoute.objects.get_or_create(service_number=None, function="")
    a_callback()
    push(client)
    calls = counted()
    assert (calls["sign_in"], calls["sync"]) == (1, 1)
    assert calls["describe"] >= 1


def test_what_we_count_is_what_the_org_counts(org: Org, client: SalesforceClient) -> None:
    client.probe()
    client.describe("Case")
    client.query("SELECT Id FROM Case")
    client.versions()
    calls = counted()
    assert calls.pop("sign_in") == 1
    assert sum(calls.values()) == org.state()["api_calls"]


def test_a_purpose_counts_for_everything_but_signing_in(client: SalesforceClient) -> None:
    with purpose("reconcile"):
        client.describe("Case")
        client.query("SELECT Id FROM Case")
    client.describe("Case")
    assert counted() == {"sign_in": 1, "reconcile": 2, "describe": 1}


def test_threads_have_purposes_of_their_own(client: SalesforceClient) -> None:
    client.identity()

    def call(name: str) -> None:
        with purpose(name):
            client.probe()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(call, ["pull", "drift"] * 8))
    calls = counted()
    assert (calls["pull"], calls["drift"]) == (8, 8)


def test_a_lost_answer_was_a_call(org: Org, client: SalesforceClient) -> None:
    client.identity()
    org.arm({"action": "commit_then_drop", "count": 1})
    assert flow.is_orgs_own(_failure(client), client) is False
    assert counted()["probe"] == 1
    assert ApiCalls.objects.get(purpose="describe").calls == 1


def _failure(client: SalesforceClient) -> CrmError:
    with pytest.raises(CrmError) as caught:
        client.describe("Case")
    return caught.value


def test_what_is_written_later_is_added() -> None:
    yesterday = date(2026, 11, 22)
    for _ in range(2):
        ApiCalls.objects.add({(TODAY, "sync"): 3, (yesterday, "sync"): 1, (TODAY, "pull"): 1})
    rows = ApiCalls.objects.order_by("day", "purpose").values_list("day", "purpose", "calls")
    assert set(rows) == {(TODAY, "sync", 6), (yesterday, "sync", 2), (TODAY, "pull", 2)}


def test_what_could_not_be_written_is_kept(
    client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.probe()
    with monkeypatch.context() as away:
        away.setattr(ApiCalls.objects, "add", _fail)
        with pytest.raises(DatabaseError):
            usage.flush()
    assert counted()["sign_in"] == 1


def _fail(_counts: object) -> None:
    raise DatabaseError


def test_a_worker_writes_its_count_by_itself(installation: Installation, org: Org) -> None:
    installation.talk_to(org)
    installation.settings["SIGHTINGS_SECONDS"] = "1"
    installation.start_web()
    installation.start_worker()
    installation.post({"CallerID": "498955501234"}).raise_for_status()
    until(lambda: installation.counts() == {"synced": 1})
    statement = "SELECT calls FROM crm_apicalls WHERE purpose = 'sync'"
    until(lambda: installation.query(statement) == [(1,)])


def test_every_purpose_has_a_name_on_the_connections_page() -> None:
    sources = [path.read_text() for path in Path(usage.__file__).parent.rglob("*.py")]
    named = {name for text in sources for name in re.findall(r'purpose\("(\w+)"\)', text)}
    by_address = {"sign_in", "describe", "search", "sync", "other"}
    assert "repair" in named
    assert named | by_address <= PURPOSES.keys()
