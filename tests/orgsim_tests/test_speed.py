"""What a measurement against it rests on; how fast it is itself is told by `bench/orgsim.py`."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.orgsim.process import Org

from .api import Api, create_and_read_back, key


def test_latency_is_a_floor_that_includes_the_work(api: Api, org: Org) -> None:
    org.arm({"action": "latency", "params": {"ms": 200}})
    body = create_and_read_back([key() for _ in range(200)])
    started = time.monotonic()
    api.post("/composite", body)
    took = time.monotonic() - started
    assert took >= 0.2


def test_requests_that_wait_do_not_wait_for_each_other(api: Api, org: Org) -> None:
    org.arm({"action": "latency", "params": {"ms": 500}})
    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.get("/limits").status_code, range(8)))
    assert answers == [200] * 8
    assert time.monotonic() - started < 8 * 0.5
