"""A row that kills whoever works on it: it ends up alone, and its neighbours go out."""

import pytest

from tests.faults.callers import all_at_once, wish
from tests.faults.odd import odd
from tests.faults.scene import Scene

pytestmark = pytest.mark.postgres

WISHES, DEADLY = 200, 77
MOST_DEATHS = 8  # among 200, 50 and 10, alone, and once beside each of four tens that still wait
KILLED = -9


def test_a_row_that_kills_its_worker_is_isolated_and_199_go_out(scene: Scene) -> None:
    scene.site.start_web()
    stored = all_at_once(scene.acd.insist, range(WISHES))
    deaths = 0
    while deaths < MOST_DEATHS and scene.site.counts().get("synced") != WISHES - 1:
        assert exit_of_one_more_worker(scene) == KILLED
        deaths += 1
    assert scene.site.counts() == {"synced": WISHES - 1, "pending": 1}
    scene.show("workers killed", deaths)
    deadly = stored[DEADLY].key
    scene.judge({one.key for one in stored} - {deadly})

    late = scene.acd.insist(WISHES).key
    assert exit_of_one_more_worker(scene) == KILLED
    assert scene.site.get(late)["Status"] == "synced"
    assert scene.site.get(deadly)["Status"] == "pending"


def exit_of_one_more_worker(scene: Scene) -> int:
    """Its exit status; it starts when the leases of the one before have run out."""
    scene.outlast_leases()
    command = [*odd(dies_of=wish(DEADLY)["CallerID"]), "manage.py", "sync_now"]
    return scene.site.start("doomed", command).process.wait(60)
