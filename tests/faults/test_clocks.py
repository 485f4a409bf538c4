"""Workers whose clocks are five minutes apart: the database's clock decides what is due."""

import pytest

from tests.faults.callers import at_a_pace
from tests.faults.odd import odd
from tests.faults.scene import Scene

pytestmark = pytest.mark.postgres

APART_SECONDS = 300
LEASED_TWICE = "SELECT COUNT(*) FROM callbacks_callback WHERE lease_no > 2"  # lease and settle: 2


@pytest.mark.parametrize("seconds", [2, pytest.param(30, marks=pytest.mark.faults)])
def test_no_lease_is_stolen_by_a_worker_whose_clock_is_ahead(scene: Scene, seconds: int) -> None:
    site = scene.site
    scene.org.arm({"action": "latency", "params": {"ms": 700}})  # leases last a while
    site.start_web()
    site.start_beat()
    for ahead in (-APART_SECONDS / 2, APART_SECONDS / 2):
        site.start_worker(program=[*odd(ahead=ahead), "celery"])
    stored = at_a_pace(scene.acd.insist, range(30 * seconds), per_second=30)
    scene.all_settle(len(stored))
    scene.show("clocks apart, s", APART_SECONDS)
    scene.show("leased twice", site.query(LEASED_TWICE)[0][0])
    scene.judge(one.key for one in stored)
    assert site.query(LEASED_TWICE) == [(0,)]
