"""The org answers late, or does its work and says nothing: callers notice neither."""

from typing import Any

import pytest

from tests.faults.callers import at_a_pace
from tests.faults.odd import odd
from tests.faults.scene import Scene

pytestmark = pytest.mark.postgres

PER_SECOND = 10
LONGEST = "SELECT MAX(duration_ms) FROM callbacks_syncattempt"
SLOW = {"action": "latency", "params": {"ms": 10_000}}
SILENT = {"action": "commit_then_timeout", "match": {"op": "create"}, "params": {"s": 3_600}}
REAL: dict[str, float] = {}


@pytest.mark.parametrize(
    ("fault", "patience", "seconds"),
    [
        pytest.param(SILENT, {"call": 1.0, "lease": 3.0}, 1, id="silent for a moment"),
        pytest.param(SLOW, REAL, 20, id="slow", marks=pytest.mark.faults),
        pytest.param(
            SILENT, {"call": 5.0, "lease": 15.0}, 20, id="silent", marks=pytest.mark.faults
        ),
    ],
)
def test_accepting_is_not_touched_and_no_case_is_made_twice(
    scene: Scene, fault: dict[str, Any], patience: dict[str, float], seconds: int
) -> None:
    site, org = scene.site, scene.org
    site.start_web()
    site.start_worker(program=[*odd(**patience), "celery"])
    site.start_beat()
    first, last = PER_SECOND * seconds, 2 * PER_SECOND * seconds
    calm = at_a_pace(scene.acd.insist, range(first), per_second=PER_SECOND)
    org.arm(fault)
    trouble = at_a_pace(scene.acd.insist, range(first, last), per_second=PER_SECOND)
    org.clear()
    scene.outlast_leases()
    scene.all_settle(last)

    scene.show_answers(calm=calm, trouble=trouble)
    [(longest,)] = site.query(LONGEST)
    scene.show("longest attempt, ms", trouble=longest)
    scene.judge(one.key for one in [*calm, *trouble])
    assert all(one.tries == 1 for one in [*calm, *trouble])
    assert longest < 1000 * patience.get("lease", 150)
