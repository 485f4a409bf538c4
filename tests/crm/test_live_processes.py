"""Look-ups in real processes: a silent org, many callers at once, and callbacks meanwhile."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.crm.hostile import HostileOrg, hostile, never
from tests.orgsim.process import Org
from tests.processes import Installation, until

CALLS = 50
STORED = 20
BUDGET_MS = 700
FIND = {"Function": "WHO", "ServiceNumber": "498946134180"}


def with_look_ups(installation: Installation) -> None:
    fields = f"name='Who', function='WHO', action='find_caller', budget_ms={BUDGET_MS}"
    installation.python(
        f"from callbacks.models import FunctionRoute; FunctionRoute.objects.create({fields})"
    )


def pointed_to(installation: Installation, org: HostileOrg) -> None:
    installation.settings |= {
        "SALESFORCE_URL": org.url,
        "SALESFORCE_CLIENT_ID": "id",
        "SALESFORCE_CLIENT_SECRET": "secret",
    }


def look_up(installation: Installation, number: int) -> requests.Response:
    fields = {"CallerID": f"49895551{number:04}", **FIND}
    if number % 2:
        return installation.post(fields)
    url = f"{installation.url}/api/v1/callers"
    return requests.get(url, fields, auth=installation.client, timeout=30)


def test_with_a_silent_org_everybody_is_answered_and_callbacks_are_taken(
    installation: Installation,
) -> None:
    with_look_ups(installation)
    with ThreadPoolExecutor(CALLS) as pool, hostile(never) as org:
        pointed_to(installation, org)
        installation.start_web(workers=1, threads=2)
        asked = [pool.submit(look_up, installation, number) for number in range(CALLS)]
        until(lambda: org.calls)
        wishes = range(STORED)
        taken = [installation.post({"CallerID": f"49895552{n:04}"}).status_code for n in wishes]
        answers = [each.result() for each in asked]
    assert taken == [200] * STORED
    assert {answer.status_code for answer in answers} == {404}
    errors = Counter(answer.json()["Error"] for answer in answers)
    assert set(errors) == {"too_late", "too_busy"}
    assert installation.counts() == {"pending": STORED, "answered": CALLS // 2}


def test_a_backlog_of_the_worker_starves_no_look_up(installation: Installation, org: Org) -> None:
    with_look_ups(installation)
    org.create("Contact", LastName="Meier", Phone="+49 89 55510000")
    org.arm({"action": "latency", "match": {"op": "create"}, "params": {"ms": 20_000}})
    installation.talk_to(org)
    installation.start_web(workers=1, threads=2)
    for number in range(STORED):
        installation.post({"CallerID": f"49895552{number:04}"})
    worker = installation.start_worker()
    installation.start_beat()
    until(lambda: installation.query("SELECT id FROM callbacks_callback WHERE lease_no > 0"))
    assert look_up(installation, 0).json()["ContactName"] == "Meier"
    assert installation.counts() == {"pending": STORED}
    worker.kill()  # it would wait for the org


def test_without_salesforce_in_the_installation_a_look_up_is_answered(
    installation: Installation,
) -> None:
    with_look_ups(installation)
    installation.settings["DISABLED_APPS"] = "crm.apps.CrmConfig"
    installation.start_web(workers=1, threads=2)
    answer = look_up(installation, 1)
    assert (answer.status_code, answer.json()["Error"]) == (404, "no_look_ups")
    assert look_up(installation, 2).json()["Error"] == "not_found"
    assert installation.counts() == {"answered": 1}
