"""What happens between requests that come at once."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.orgsim.process import Org

from .api import KEY, Api, V, collection, key

UPSERT = """
import json, sys, requests
url, token = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
answer = requests.patch(url, json={}, headers={"Authorization": "Bearer " + token}, timeout=20)
print(json.dumps([answer.status_code, answer.json()]))
"""


def test_two_processes_upserting_one_new_key_make_one_case(api: Api, org: Org) -> None:
    org.settings(race_ms=1_000)
    again = key()
    url = f"{org.url}{V}/sobjects/Case/{KEY}/{again}"
    racers = [started(UPSERT, url, org.token()) for _ in range(2)]
    assert [racer.stdout and racer.stdout.readline() for racer in racers] == ["ready\n"] * 2
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    told = sorted(json.loads(racer.communicate(timeout=30)[0]) for racer in racers)
    [case] = org.records("Case")
    assert told == [
        [201, {"id": case["Id"], "success": True, "errors": [], "created": True}],
        [
            400,
            [
                {
                    "errorCode": "DUPLICATE_VALUE",
                    "message": f"duplicate value found: {KEY} duplicates value on record "
                    f"with id: {case['Id'][:15]}",
                    "fields": [],
                }
            ],
        ],
    ]


def started(program: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a process that waits for a line on its stdin."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def at_once(how_many: int, act: Any) -> list[Any]:
    """Do something in several threads at the same time."""
    with ThreadPoolExecutor(how_many) as pool:
        return list(pool.map(act, range(how_many)))


def test_the_gap_of_an_upsert_can_be_widened_by_a_fault(api: Api, org: Org) -> None:
    org.arm({"action": "race_dup", "params": {"ms": 300}})
    body = collection([{KEY: key()}])
    answers = at_once(3, lambda _: api.patch(f"/composite/sobjects/Case/{KEY}", body).json()[0])
    assert sorted(a["success"] for a in answers) == [False, False, True]
    assert len(org.records("Case")) == 1


def test_creating_one_key_fifty_times_at_once_makes_one_case(api: Api, org: Org) -> None:
    again = key()
    answers = at_once(8, lambda _: [api.create_many([{KEY: again}])[0] for _ in range(7)])
    assert sum(a["success"] for batch in answers for a in batch) == 1
    assert len(org.records("Case")) == 1


def test_cases_of_one_contact_wait_for_each_other(api: Api, org: Org) -> None:
    contact = api.made("Contact", LastName="Meier")
    org.settings(txn_ms=150)
    started_at = time.monotonic()
    rows = at_once(3, lambda _: api.create_many([{"ContactId": contact}])[0])
    assert all(r["success"] for r in rows)
    assert time.monotonic() - started_at >= 0.45


def test_cases_of_different_contacts_do_not_wait(api: Api, org: Org) -> None:
    contacts = [api.made("Contact", LastName=f"M{i}") for i in range(4)]
    org.settings(txn_ms=300)
    started_at = time.monotonic()
    at_once(4, lambda i: api.create_many([{"ContactId": contacts[i]}]))
    assert time.monotonic() - started_at < 4 * 0.3


def test_who_waits_too_long_for_a_parent_is_told_which_row_is_locked(api: Api, org: Org) -> None:
    contact = api.made("Contact", LastName="Meier")
    org.settings(txn_ms=1_500, lock_wait_ms=50)
    rows = at_once(2, lambda _: api.create_many([{"ContactId": contact}, {}]))
    lucky, unlucky = sorted(rows, key=lambda r: not r[0]["success"])
    assert [r["success"] for r in lucky] == [True, True]
    assert unlucky[0]["errors"][0] == {
        "statusCode": "UNABLE_TO_LOCK_ROW",
        "message": "unable to obtain exclusive access to this record or 1 records: " + contact[:15],
        "fields": [],
    }
    assert unlucky[1]["success"] is True
