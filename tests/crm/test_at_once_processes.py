"""Requests that wait for their Case, in real processes: database connections, kills, lost answers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.orgsim.process import Org
from tests.processes import Installation, until

AT_ONCE = 4
KEY = "Jtel_Callback_ID__c"


@pytest.fixture
def site(installation: Installation, org: Org) -> Installation:
    """A site whose catch-all route waits for the Case; one web process."""
    installation.talk_to(org)
    installation.settings["LIVE_CALLS_AT_ONCE"] = str(AT_ONCE)
    installation.python(
        "from callbacks.models import FunctionRoute; from crm.models import Org;"
        "FunctionRoute.objects.update(wait_ms=10_000); Org.objects.current()"
    )
    return installation


def wish(number: int) -> dict[str, str]:
    return {"CallerID": f"49895551{number:04}", "UserData": str(number)}


def slow(ms: int) -> dict[str, object]:
    return {"action": "latency", "match": {"op": "create"}, "params": {"ms": ms}}


@pytest.mark.postgres
def test_who_waits_holds_no_database_connection(site: Installation, org: Org) -> None:
    site.start_web(workers=1, threads=2 * AT_ONCE)
    site.post(wish(0))
    org.arm(slow(4_000))
    connections = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        posted = [pool.submit(site.post, wish(number)) for number in range(1, 1 + AT_ONCE)]
        until(lambda: site.counts().get("pending") == AT_ONCE)
        until(lambda: len(site.query(connections)) == 1, every=0.01)  # the one that asks
        assert not any(each.done() for each in posted)
        assert {each.result().json()["Status"] for each in posted} == {"synced"}


def test_a_killed_web_process_loses_and_doubles_nothing(site: Installation, org: Org) -> None:
    web = site.start_web(workers=1, threads=2 * AT_ONCE)
    site.post(wish(0))
    org.arm(slow(2_000))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        posted = [pool.submit(site.post, wish(number)) for number in range(1, 1 + AT_ONCE)]
        until(lambda: sum(site.counts().values()) == 1 + AT_ONCE)
        until(lambda: len(org.records("Case")) > 1)  # some are created, none is answered
        web.kill()
        for each in posted:
            assert isinstance(each.exception(), requests.ConnectionError)
    org.clear()
    site.expire_leases()
    site.manage("sync_now")
    assert site.counts() == {"synced": 1 + AT_ONCE}
    keys = [case[KEY] for case in org.records("Case")]
    assert len(keys) == len(set(keys)) == 1 + AT_ONCE
