"""The org does its work and its answers are lost: each callback still has one Case."""

import random
from itertools import count

import pytest

from tests.faults.callers import at_a_pace
from tests.faults.scene import Scene

pytestmark = pytest.mark.postgres

PER_SECOND = 20
SOON = 3  # a small rate says little of few calls: the first loss comes within so many


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [
        (0.5, 3),
        pytest.param(0.01, 30, marks=pytest.mark.faults),
        pytest.param(0.1, 30, marks=pytest.mark.faults),
        pytest.param(0.5, 30, marks=pytest.mark.faults),
    ],
    ids=["50 % for a moment", "1 %", "10 %", "50 %"],
)
def test_lost_answers_double_nothing(scene: Scene, seed: int, rate: float, seconds: int) -> None:
    site, org = scene.site, scene.org
    site.start_web()
    site.start_worker()
    site.start_beat()
    lost = {"action": "commit_then_drop", "match": {"op": "create"}}
    org.arm({**lost, "rate": rate, "seed": soon_unlucky(seed, rate)})
    stored = at_a_pace(scene.acd.insist, range(PER_SECOND * seconds), per_second=PER_SECOND)
    [fault] = org.state()["faults"]
    org.clear()
    scene.outlast_leases()
    scene.all_settle(len(stored))

    scene.show("answers lost", f"{fault['fired']} of {fault['matched']}")
    scene.show("calls per Case", org.state()["api_calls"] / len(stored))
    scene.judge(one.key for one in stored)
    assert fault["fired"] > 0


def soon_unlucky(seed: int, rate: float) -> int:
    """The first seed from here on whose chance strikes soon."""
    return next(s for s in count(seed) if min(draws(s)) < rate)


def draws(seed: int) -> list[float]:
    chance = random.Random(seed)
    return [chance.random() for _ in range(SOON)]
