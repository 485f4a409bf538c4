"""An answer of one byte a second never ends: the call does, before its lease."""

import pytest

from tests.faults.callers import all_at_once
from tests.faults.odd import odd
from tests.faults.scene import Scene

pytestmark = pytest.mark.postgres

WISHES = 20
CALL, LEASE = 1.5, 4.0
DRIP = {"action": "drip", "match": {"op": "create"}, "params": {"bytes_per_s": 1}, "count": 1}
FIRST = "SELECT DISTINCT outcome, duration_ms FROM callbacks_syncattempt WHERE lease_no = 1"


def test_a_dripping_answer_does_not_outlive_the_lease(scene: Scene) -> None:
    scene.site.start_web()
    stored = all_at_once(scene.acd.insist, range(WISHES))
    scene.org.arm(DRIP)
    scene.site.run([*odd(call=CALL, lease=LEASE), "manage.py", "sync_now"])
    [(outcome, duration)] = scene.site.query(FIRST)
    assert outcome == "put_off"
    assert CALL * 1000 <= duration < LEASE * 1000

    scene.outlast_leases()
    scene.site.manage("sync_now")
    assert scene.site.counts() == {"synced": WISHES}
    scene.judge(one.key for one in stored)
    scene.show("attempt with the dripping answer, ms", duration)
