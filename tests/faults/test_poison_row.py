"""One of two hundred is refused by a rule of the org: the others are none of its business."""

import pytest

from tests.faults.callers import all_at_once
from tests.faults.scene import Scene

pytestmark = pytest.mark.postgres

WISHES = 200
RULE = {
    "action": "validation_rule",
    "params": {"field": "SuppliedPhone", "regex": "1000077$", "message": "Not this number."},
}


def test_one_poison_row_does_not_hold_its_199_neighbours(scene: Scene) -> None:
    scene.org.arm(RULE)
    scene.site.start_web()
    stored = all_at_once(scene.acd.insist, range(WISHES))
    scene.site.manage("sync_now")

    assert scene.site.counts() == {"synced": WISHES - 1, "failed": 1}
    assert scene.site.query(
        "SELECT outcome, COUNT(DISTINCT callback_id), COUNT(*) FROM callbacks_syncattempt"
        " GROUP BY outcome ORDER BY outcome"
    ) == [("failed", 1, 1), ("synced", WISHES - 1, WISHES - 1)]
    failed = scene.site.get(stored[77].key)
    assert failed["Status"] == "failed"
    reason = "SELECT failure_code, failure_reason, failure_next_step FROM callbacks_callback"
    assert all(scene.site.query(f"{reason} WHERE status = 'failed'")[0])
