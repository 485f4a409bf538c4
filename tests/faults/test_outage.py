"""The org is down for a while: callers notice nothing, and few calls are made in vain."""

from typing import Any

import pytest

from tests.faults.callers import at_a_pace
from tests.faults.scene import Scene

pytestmark = pytest.mark.postgres

PER_SECOND = 10
REFUSES = {"action": "status", "params": {"status": 503}}
CUTS_OFF = {"action": "drop_before"}


@pytest.mark.parametrize("down", [REFUSES, CUTS_OFF], ids=["refuses", "cuts off"])
@pytest.mark.parametrize(
    ("calm_seconds", "outage_seconds", "most_in_vain"),
    [(1, 3, 15), pytest.param(20, 30, 40, marks=pytest.mark.faults)],
)
def test_an_outage_costs_time_and_nothing_else(
    scene: Scene,
    down: dict[str, Any],
    calm_seconds: int,
    outage_seconds: int,
    most_in_vain: int,
) -> None:
    site, org = scene.site, scene.org
    site.start_web()
    site.start_worker()
    site.start_beat()
    org.arm({"action": "latency", "params": {"ms": 150}})
    first, last = PER_SECOND * calm_seconds, PER_SECOND * (calm_seconds + outage_seconds)
    calm = at_a_pace(scene.acd.insist, range(first), per_second=PER_SECOND)
    org.arm({"id": "down", **down})
    outage = at_a_pace(scene.acd.insist, range(first, last), per_second=PER_SECOND)
    [in_vain] = [fault["fired"] for fault in org.state()["faults"] if fault["id"] == "down"]
    org.clear()
    scene.all_settle(last)

    scene.show_answers(calm=calm, outage=outage)
    scene.show("calls in vain", outage=in_vain)
    scene.show(
        "failures of rows", outage=site.query("SELECT SUM(failures) FROM callbacks_callback")[0][0]
    )
    scene.judge(one.key for one in [*calm, *outage])
    assert 0 < in_vain <= most_in_vain
    assert all(one.tries == 1 for one in [*calm, *outage])
    assert site.query("SELECT DISTINCT failures FROM callbacks_callback") == [(0,)]
