"""Pass-through in real processes: a silent org beside those who store, and a killed worker."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.crm.hostile import hostile, never
from tests.crm.passing import DIAL, STATISTICS
from tests.orgsim.process import Org
from tests.processes import Installation, until

CALLS = 20
PARTS = 40
BUDGET = "10000"  # ms; far longer than storing a callback may take
SECONDS_TO_STORE = 5.0


def url(installation: Installation, path: str) -> str:
    return f"{installation.url}/services/apexrest/{path}"


def test_a_silent_org_stops_nobody_who_stores(installation: Installation) -> None:
    """Both threads of the process would wait for it if all were let in."""
    installation.execute(f"UPDATE crm_passthroughresource SET budget_ms = {BUDGET}")
    with ThreadPoolExecutor(CALLS) as pool, hostile(never) as org:
        installation.settings |= {
            "SALESFORCE_URL": org.url,
            "SALESFORCE_CLIENT_ID": "id",
            "SALESFORCE_CLIENT_SECRET": "secret",
        }
        installation.start_web(workers=1, threads=2)
        asked = [pool.submit(dial, installation) for _ in range(CALLS)]
        until(lambda: org.calls)
        taken = requests.post(
            f"{installation.url}/api/v1/callbacks",
            json={"CallerID": "4989555010"},
            auth=installation.client,
            timeout=SECONDS_TO_STORE,
        )
    assert taken.json()["Status"] == "pending"
    answers = Counter(call.result() for call in asked)
    assert set(answers) == {(503, "too_busy"), (503, "salesforce_unavailable")}


def dial(installation: Installation) -> tuple[int, str]:
    answer = requests.get(url(installation, DIAL), auth=installation.client, timeout=30)
    return answer.status_code, answer.json()["Error"]


def test_order_outlives_a_killed_worker(installation: Installation, org: Org) -> None:
    installation.talk_to(org)
    installation.start_web(workers=1, threads=2)
    worker = installation.start_worker()
    installation.start_beat()
    org.arm({"action": "latency", "match": {"op": "apex"}, "params": {"ms": 60}})
    for part in range(PARTS):
        store(installation, part)
    until(lambda: len(arrived(org)) > PARTS // 8)
    worker.kill()
    assert waiting(installation) > 0
    installation.execute("UPDATE crm_storedrequest SET due_at = received_at")  # ends its lease
    worker.start()
    until(lambda: waiting(installation) == 0, seconds=60)
    came = arrived(org)
    assert list(dict.fromkeys(came)) == list(range(PARTS))
    assert came == sorted(came)
    counted = installation.query("SELECT SUM(unanswered) FROM crm_storedrequest")[0][0]
    assert len(came) - PARTS <= counted <= 1


def store(installation: Installation, part: int) -> None:
    figures = {"jtelStatisticsPartAID": part}
    path = url(installation, STATISTICS)
    answer = requests.post(path, json=figures, auth=installation.client, timeout=30)
    assert answer.json()["Status"] == "stored"


def arrived(org: Org) -> list[int]:
    tasks = sorted(org.records("Task"), key=lambda task: str(task["Id"]))
    return [json.loads(task["Description"])["jtelStatisticsPartAID"] for task in tasks]


def waiting(installation: Installation) -> int:
    rows = installation.query("SELECT COUNT(*) FROM crm_storedrequest WHERE status = 'pending'")
    return int(rows[0][0])
