"""Workers whose clocks are five minutes apart: the database's clock decides what is due."""

import pytest

from tests.faults.callers import all_at_once, at_a_pace
from tests.faults.odd import odd
from tests.faults.scene import Scene
from tests.processes import until

pytestmark = pytest.mark.postgres

WISHES = 20
TASK = "from crm.tasks import push_due; push_due()"
LEASED_AGAIN = "SELECT COUNT(*) FROM callbacks_callback WHERE lease_no > 2"  # lease and settle: 2


@pytest.mark.parametrize(("holder", "thief"), [(0, 300), (-300, 0)])
def test_no_lease_is_stolen_while_its_call_is_under_way(
    scene: Scene, holder: int, thief: int
) -> None:
    """By the thief's clock the holder's lease has run out long ago."""
    site = scene.site
    scene.org.arm({"action": "latency", "match": {"op": "create"}, "params": {"ms": 1_500}})
    site.start_web()
    stored = all_at_once(scene.acd.insist, range(WISHES))
    worker = site.start_worker(program=[*odd(ahead=holder), "celery"])
    until(lambda: len(scene.org.records("Case")) == WISHES)
    worker.pause()
    site.run([*odd(ahead=thief), "manage.py", "shell", "-c", TASK])
    assert site.counts() == {"pending": WISHES}
    worker.go_on()
    scene.all_settle(WISHES)
    assert site.query(LEASED_AGAIN) == [(0,)]
    scene.judge(one.key for one in stored)


@pytest.mark.faults
def test_no_lease_is_stolen_in_half_a_minute_of_load(scene: Scene) -> None:
    site = scene.site
    scene.org.arm({"action": "latency", "params": {"ms": 700}})
    site.start_web()
    site.start_beat()
    for ahead in (-20, 280):  # by more than a lease, and by less than a bell is valid
        site.start_worker(program=[*odd(ahead=ahead), "celery"])
    stored = at_a_pace(scene.acd.insist, range(900), per_second=30)
    scene.all_settle(len(stored))
    scene.show("leased again", site.query(LEASED_AGAIN)[0][0])
    scene.judge(one.key for one in stored)
    assert site.query(LEASED_AGAIN) == [(0,)]
