"""A worker stands still in mid-call, and wakes up when others have decided about its rows."""

from typing import Any

import pytest

from tests.faults.callers import wish
from tests.faults.scene import Scene
from tests.processes import Running, until

pytestmark = pytest.mark.postgres

# By number of the wish: what the stalled worker will have heard, and what happens meanwhile.
CREATED_AND_SYNCED, CREATED_BUT_DISMISSED = 0, 1
REFUSED_BUT_SYNCED, REFUSED_AND_DISMISSED, REFUSED_AND_REQUEUED = 2, 3, 4
NEW = 5
DISMISS = """
from django.contrib.auth.models import User
Callback.objects.filter(caller_text="{}").dismiss(
    by=User.objects.get_or_create(username="petra")[0], reason="Called already"
)
"""
REQUEUE = 'Callback.objects.filter(caller_text="{}").requeue()'
OF_CALLER = "UPDATE callbacks_callback SET {} WHERE caller_text = '{}'"


def caller(number: int) -> str:
    return wish(number)["CallerID"]


def rule_against(*numbers: int) -> dict[str, Any]:
    regex = "|".join(caller(number) for number in numbers)
    params = {"field": "SuppliedPhone", "regex": regex, "message": "Not this one."}
    return {"action": "validation_rule", "params": params}


@pytest.fixture
def stalled(scene: Scene) -> Running:
    """A worker that sent five wishes, of which three are refused, and has not heard the answer."""
    scene.org.arm(rule_against(REFUSED_BUT_SYNCED, REFUSED_AND_DISMISSED, REFUSED_AND_REQUEUED))
    scene.org.arm({"action": "latency", "match": {"op": "create"}, "params": {"ms": 2_000}})
    scene.site.start_web()
    for number in range(NEW):
        scene.acd.insist(number)
    worker = scene.site.start_worker(threads=1)
    until(lambda: len(scene.org.records("Case")) == 2)
    worker.pause()
    scene.org.clear()
    return worker


def test_a_worker_that_wakes_up_late_writes_nothing_wrong(scene: Scene, stalled: Running) -> None:
    site = scene.site
    scene.outlast_leases()
    site.execute(OF_CALLER.format("status = 'held'", caller(CREATED_BUT_DISMISSED)))
    scene.org.arm(rule_against(REFUSED_AND_DISMISSED, REFUSED_AND_REQUEUED))
    site.manage("sync_now")
    assert site.counts() == {"synced": 2, "failed": 2, "held": 1}
    site.python(DISMISS.format(caller(CREATED_BUT_DISMISSED)))
    site.python(DISMISS.format(caller(REFUSED_AND_DISMISSED)))
    site.python(REQUEUE.format(caller(REFUSED_AND_REQUEUED)))
    in_an_hour = "due_at = now() + interval '1 hour'"
    site.execute(OF_CALLER.format(in_an_hour, caller(REFUSED_AND_REQUEUED)))
    assert site.counts() == {"synced": 2, "dismissed": 2, "pending": 1}

    before = rows(scene)
    wake(scene, stalled)
    after = rows(scene)
    assert after.pop(caller(CREATED_BUT_DISMISSED))["status"] == "synced"  # a Case exists
    del before[caller(CREATED_BUT_DISMISSED)]
    assert after == before
    assert len(scene.org.records("Case")) == 4
    assert scene.org.audit()["duplicate_keys"] == []


def wake(scene: Scene, worker: Running) -> None:
    """It finishes its call, and proves that by the next callback, with its only thread."""
    worker.go_on()
    key = scene.acd.insist(NEW).key
    until(lambda: scene.site.get(key)["Status"] == "synced")


def rows(scene: Scene) -> dict[str, dict[str, Any]]:
    """All that is stored of the old callbacks, by caller."""
    found = scene.site.query("SELECT caller_text, row_to_json(c) FROM callbacks_callback AS c")
    return {sent: row for sent, row in found if sent != caller(NEW)}
