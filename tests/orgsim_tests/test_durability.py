"""What was committed stays, whatever happens to the process."""

import threading
from pathlib import Path

import pytest
import requests

from tests.orgsim.process import Org, OrgDidNotStartError, running, start

from .api import KEY, Api, create_and_read_back, key


def test_a_killed_org_keeps_every_row_that_it_acknowledged(db: Path) -> None:
    keys: list[str] = []
    org = start(db)
    with Api(org) as api:
        sending = threading.Thread(target=create_until_it_dies, args=(api, keys))
        sending.start()
        while len(keys) < 300:
            sending.join(0.01)
        org.kill()
        sending.join()
    with running(db) as again:
        there = {r[KEY] for r in again.records("Case")}
    assert set(keys) <= there


def create_until_it_dies(api: Api, keys: list[str]) -> None:
    """Create Cases and note the keys that were acknowledged."""
    while True:
        batch = [key() for _ in range(50)]
        try:
            answer = api.post("/composite", create_and_read_back(batch))
        except requests.RequestException:  # also cut off in the middle of an answer
            return
        keys += [r[KEY] for r in answer.json()["compositeResponse"][1]["body"]["records"]]


def test_a_second_start_keeps_tokens_numbers_and_counts(db: Path) -> None:
    with running(db) as org, Api(org) as api:
        api.case()
        token, calls = org.token(), org.state()["api_calls"]
    with running(db) as again, Api(again, token=token) as api:
        assert again.state()["api_calls"] == calls
        api.case()
        assert [r["CaseNumber"] for r in again.records("Case")] == ["00001001", "00001002"]


def test_two_orgs_do_not_share_a_thing(org: Org, db: Path) -> None:
    with running(db) as other, Api(other) as api:
        api.case()
        assert len(other.records("Case")) == 1
        assert org.records("Case") == []


def test_it_refuses_to_listen_to_the_world(db: Path) -> None:
    with pytest.raises(OrgDidNotStartError, match="not a loopback address"):
        start(db, options=("--host", "0.0.0.0"))
