"""What jtelbridge is for, told as one story: real web server, worker, beat, and an org over HTTP.

An ACD posts; the callback is on disk before the answer; it becomes exactly one Case; its number
is on the record. Then the same with everything that goes wrong on the way.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.orgsim.process import Org
from tests.processes import Installation, Running, until

KEY = "Jtel_Callback_ID__c"
BASE_WISH = {
    "CallerID": "4989555010",
    "ServiceNumber": "498946134180",
    "ServiceName": "Service Hotline",
    "Function": "CALLBACK",
    "UserData": "4711",
}
EVENT_WISH = {
    "Caller": "+49199123456789",
    "CallbackNumber": "4989555023",
    "ServiceNumbersNumber": "498946134180",
    "ServiceNumbersName": "Service Hotline",
    "AcdGroupsID": 17,
    "dtCallStart": "2026-11-20T09:14:03",
    "dtCallEnd": "2026-11-20T09:21:40",
    "AcdEventsID": 900001,
    "Body": "Please call back",
}


@pytest.fixture
def site(installation: Installation, org: Org) -> Installation:
    """A site whose web server runs and whose callbacks go to the org."""
    installation.talk_to(org)
    installation.start_web()
    return installation


def numbered(number: int) -> dict[str, str]:
    return {"CallerID": f"49895551{number:04}", "ServiceNumber": "498946134180"}


def post_all(site: Installation, numbers: range) -> list[str]:
    """Post so many wishes, eight at a time. The keys that were acknowledged."""
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: site.post(numbered(number)), numbers))
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json()["CallbackID"] for answer in answers]


def keys_of(cases: list[dict[str, Any]]) -> list[str]:
    return sorted(case[KEY] for case in cases)


def all_synced(site: Installation, count: int) -> Any:
    return lambda: site.counts() == {"synced": count}


def test_a_wish_becomes_a_case_and_its_number_comes_back(site: Installation, org: Org) -> None:
    site.start_worker()
    answer = site.post(BASE_WISH).json()
    assert (answer["Status"], answer["CaseNumber"]) == ("pending", None)

    until(all_synced(site, 1))

    [case] = org.records("Case")
    assert case[KEY] == answer["CallbackID"]
    assert case["Subject"] == "Callback for Service Hotline: +49 89 555010"
    assert case["SuppliedPhone"] == "+4989555010"
    assert case["Origin"] == "Phone"
    assert case["Jtel_Requested_At__c"][:16] == answer["ReceivedAt"][:16]
    record = site.get(answer["CallbackID"])
    assert (record["Status"], record["CaseNumber"]) == ("synced", case["CaseNumber"])
    assert record["CaseURL"].endswith(f"/lightning/r/Case/{case['Id']}/view")


def test_an_event_of_the_acd_becomes_a_case_with_the_number_to_dial(
    site: Installation, org: Org
) -> None:
    site.start_worker()
    first, again = site.post(EVENT_WISH).json(), site.post(EVENT_WISH).json()
    assert again["CallbackID"] == first["CallbackID"]

    until(all_synced(site, 1))

    [case] = org.records("Case")
    assert case["SuppliedPhone"] == "+4989555023"
    assert case["Jtel_Requested_At__c"] == "2026-11-20T08:21:40.000+0000"
    assert "Please call back" in case["Description"]


def test_a_body_in_chunks_is_read_like_any_other(site: Installation) -> None:
    body = (piece for piece in (b'{"CallerID": ', b'"4989555010", "UserData": "4711"}'))
    headers = {"Content-Type": "application/json"}
    url = f"{site.url}/api/v1/callbacks"
    answer = requests.post(url, data=body, headers=headers, auth=site.client, timeout=30)
    assert (answer.status_code, answer.json()["CallerID"]) == (200, "4989555010")
    assert "4711" in str(site.query("SELECT payload FROM callbacks_callback"))


def test_without_a_bell_the_sweep_of_beat_brings_it(site: Installation, org: Org) -> None:
    """The web process rings a broker of its own, where no worker listens."""
    keys = post_all(site, range(3))
    until(lambda: not list(site.folder.glob("broker/*push*")), seconds=10)
    site.start_beat()
    site.start_worker()
    until(all_synced(site, 3), seconds=60)
    assert keys_of(org.records("Case")) == sorted(keys)


def test_a_worker_killed_in_mid_load_loses_and_doubles_nothing(
    site: Installation, org: Org
) -> None:
    org.arm({"action": "latency", "params": {"ms": 150}})
    site.start_beat()
    keys: list[str] = []
    worker: Running | None = None
    for start in range(0, 600, 120):
        if worker:
            worker.kill()
        worker = site.start_worker()
        keys += post_all(site, range(start, start + 120))
    site.expire_leases()
    until(all_synced(site, 600), seconds=90)
    assert keys_of(org.records("Case")) == sorted(keys)
    assert org.audit()["duplicate_keys"] == []


def test_an_org_that_is_down_costs_time_and_nothing_else(site: Installation, org: Org) -> None:
    site.start_worker()
    site.start_beat()
    org.arm({"action": "status", "params": {"status": 503}})
    keys = post_all(site, range(100))
    assert site.counts() == {"pending": 100}
    until(lambda: "pauses" in site.running[1].log.read_text())

    org.clear()
    until(all_synced(site, 100), seconds=90)
    assert keys_of(org.records("Case")) == sorted(keys)
    assert site.query("SELECT DISTINCT failures FROM callbacks_callback") == [(0,)]


def test_lost_answers_double_nothing(site: Installation, org: Org) -> None:
    site.start_worker()
    site.start_beat()
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 3})
    keys = post_all(site, range(60))
    until(all_synced(site, 60), seconds=120)
    assert keys_of(org.records("Case")) == sorted(keys)
    assert org.audit()["rows_committed_but_client_saw_error"] > 0


def test_without_salesforce_in_the_installation_the_acd_still_hears_200(
    installation: Installation,
) -> None:
    installation.settings["DISABLED_APPS"] = "crm.apps.CrmConfig"
    installation.start_web()
    answer = installation.post(BASE_WISH)
    assert (answer.status_code, answer.json()["Status"]) == (200, "pending")
    assert installation.manage("check").startswith("System check identified no issues")
