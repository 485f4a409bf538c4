"""Every wish comes three times, from many clients at once: one row, one Case."""

import random
import time

import pytest
import requests

from tests.faults.callers import Acd, all_at_once, wish
from tests.faults.scene import Scene

pytestmark = pytest.mark.postgres

TIMES = 3


@pytest.mark.parametrize(
    ("wishes", "clients"),
    [(100, 10), pytest.param(4_000, 20, marks=pytest.mark.faults)],
)
def test_each_wish_is_posted_three_times_and_becomes_one_case(
    scene: Scene, seed: int, wishes: int, clients: int
) -> None:
    scene.site.settings["CALLBACK_DEDUPE_SECONDS"] = "3600"  # a wish's posts may lie far apart
    scene.site.start_web()
    scene.site.start_worker()
    posts = list(range(wishes)) * TIMES
    random.Random(seed).shuffle(posts)
    began = time.monotonic()
    answers = all_at_once(lambda number: post(scene.acd, number), posts, clients=clients)
    scene.show("posts", len(posts))
    scene.show("posts a second", len(posts) / (time.monotonic() - began))

    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["Duplicate"] for answer in answers) == (TIMES - 1) * wishes
    keys = {answer.json()["CallbackID"] for answer in answers}
    assert len(keys) == wishes
    scene.all_settle(wishes)
    scene.judge(keys)


def post(acd: Acd, number: int) -> requests.Response:
    """A wish is known again by a header, by the event's id, or by all of its fields."""
    if number % 3 == 0:
        return acd.post(wish(number), **{"Idempotency-Key": f"key {number}"})
    if number % 3 == 1:
        return acd.post({"Caller": wish(number)["CallerID"], "AcdEventsID": str(number)})
    return acd.post(wish(number))
