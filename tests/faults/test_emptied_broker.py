"""The broker forgets everything in mid-load. It only carried wake-ups: beat's next sweep recovers."""

import time

import pytest

from tests.faults.callers import at_a_pace
from tests.faults.scene import Scene
from tests.faults.servers import OwnRedis

pytestmark = pytest.mark.postgres

PER_SECOND = 50


@pytest.mark.parametrize("seconds", [2, pytest.param(20, marks=pytest.mark.faults)])
def test_what_waits_when_the_broker_is_emptied_goes_out_with_the_next_sweep(
    scene: Scene, broker: OwnRedis, seconds: int
) -> None:
    site = scene.site
    site.broker_url = broker.url
    site.start_web()
    worker = site.start_worker()
    half = range(PER_SECOND * seconds // 2)
    stored = at_a_pace(scene.acd.insist, half, per_second=PER_SECOND)
    worker.kill()
    others = range(len(half), 2 * len(half))
    stored += at_a_pace(scene.acd.insist, others, per_second=PER_SECOND)
    assert broker.client.llen("celery") > 0
    broker.client.flushall()
    waiting = site.counts()["pending"]

    emptied = time.monotonic()
    worker.start()
    site.start_beat()
    scene.outlast_leases()  # of the worker that was killed
    scene.all_settle(len(stored))
    scene.show("waiting when the broker was emptied", waiting)
    scene.show("recovered after, s (a sweep: 5)", time.monotonic() - emptied)
    scene.judge(one.key for one in stored)
    assert waiting >= len(half)
