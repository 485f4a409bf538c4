"""When a fault fires, which bodies arm none, and what the log tells of it."""

from typing import Any

import pytest

from tests.orgsim.process import Org

from .api import Api, collection

CREATE = {"op": "create"}


def test_count_after_n_and_nth_say_when_it_fires(api: Api, org: Org) -> None:
    def fired(fault: dict[str, Any]) -> list[bool]:
        org.clear()
        org.arm({"action": "maintenance", **fault})
        return [api.get("/limits").status_code == 503 for _ in range(4)]

    assert fired({"count": 2}) == [True, True, False, False]
    assert fired({"after_n": 2}) == [False, False, True, True]
    assert fired({"match": {"nth": 3}}) == [False, False, True, False]
    assert fired({"match": {"path": "^/limits$"}}) == [True] * 4
    assert fired({"match": {"path": "/query"}}) == [False] * 4
    assert fired({"match": {"method": "post"}}) == [False] * 4
    assert fired({"match": {"object": "Case"}}) == [False] * 4
    assert fired({"for_s": 0.000001}) == [False] * 4


def test_a_rate_is_drawn_once_for_a_whole_request(api: Api, org: Org) -> None:
    org.arm({"action": "row_lock", "match": CREATE, "rate": 0.5, "seed": 3})
    seen = [{r["success"] for r in api.create_many([{}] * 20)} for _ in range(20)]
    assert all(len(answers) == 1 for answers in seen)
    assert {True} in seen
    assert {False} in seen


def test_a_seed_makes_chance_repeatable(api: Api, org: Org) -> None:
    def pattern() -> list[int | str]:
        org.clear()
        org.arm({"action": "maintenance", "rate": 0.5, "seed": 7})
        return [api.get("/limits").status_code for _ in range(10)]

    assert pattern() == pattern()


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "action"),
        ({"action": "explode"}, "action"),
        ({"actoin": "latency"}, "actoin"),
        ({"action": "latency"}, "params.ms"),
        ({"action": "latency", "params": {"msec": 1}}, "params.msec"),
        ({"action": "latency", "params": {"ms": "1"}}, "params.ms"),
        ({"action": "latency", "params": {"ms": -1}}, "params.ms"),
        ({"action": "latency", "params": {"dist": {"low": 1}}}, "params.dist"),
        ({"action": "latency", "params": {"dist": {"low": 2, "high": 1}}}, "params.dist"),
        ({"action": "latency", "params": []}, "params"),
        ({"action": "status"}, "params.status"),
        ({"action": "status", "params": {"status": 99}}, "params.status"),
        ({"action": "status", "params": {"status": 503, "body": "xml"}}, "params.body"),
        ({"action": "row_lock", "params": {"rows": 2}}, "params.rows"),
        ({"action": "row_lock", "params": {"keys": "k"}}, "params.keys"),
        ({"action": "validation_rule", "params": {"regex": "("}}, "params.regex"),
        ({"action": "token_expired", "params": {"mode": "allow"}}, "params.mode"),
        ({"action": "field_hidden"}, "params.field"),
        ({"action": "maintenance", "match": {"opp": "create"}}, "match.opp"),
        ({"action": "maintenance", "match": {"op": "creat"}}, "match.op"),
        ({"action": "maintenance", "match": {"key_regex": "("}}, "match.key_regex"),
        ({"action": "maintenance", "match": {"nth": 0}}, "match.nth"),
        ({"action": "maintenance", "match": "create"}, "match"),
        ({"action": "maintenance", "rate": 0}, "rate"),
        ({"action": "maintenance", "rate": 1.5}, "rate"),
        ({"action": "maintenance", "rate": None}, "rate"),
        ({"action": "maintenance", "count": 0}, "count"),
        ({"action": "maintenance", "count": True}, "count"),
        ({"action": "maintenance", "seed": []}, "seed"),
        ({"action": "maintenance", "for_s": 0}, "for_s"),
        ({"action": "maintenance", "after_n": -1}, "after_n"),
        ([], "body"),
    ],
)
def test_a_body_that_arms_nothing_is_refused_and_the_key_named(
    org: Org, body: Any, named: str
) -> None:
    answer = org.session.post(f"{org.url}/__sim__/faults", json=body, timeout=20)
    assert (answer.status_code, answer.json()["key"]) == (400, named)
    assert org.state()["faults"] == []


def test_armed_faults_tell_how_often_they_fired(api: Api, org: Org) -> None:
    armed = org.arm({"id": "mine", "action": "maintenance"})
    assert armed["id"] == "mine"
    api.get("/limits")
    [shown] = org.control("GET", "faults")
    assert (shown["matched"], shown["fired"]) == (1, 1)
    org.control("DELETE", "faults/mine")
    assert api.get("/limits").status_code == 200
    with pytest.raises(ValueError, match="no fault 'mine'"):
        org.control("DELETE", "faults/mine")


def test_the_log_tells_what_came_and_which_fault_fired(api: Api, org: Org) -> None:
    org.arm({"id": "mine", "action": "commit_then_503", "match": CREATE})
    api.post("/composite/sobjects", collection([{"Subject": "logged"}]))
    entry = org.log()[-1]
    assert (entry["method"], entry["status"]) == ("POST", 503)
    assert entry["faults"] == ["mine commit_then_503"]
    assert "logged" in entry["request"]
    assert entry["note"] == "1 rows committed, client saw an error"


def test_secrets_stay_out_of_the_log(api: Api, org: Org) -> None:
    assert "demo-secret" not in str(org.log())
    assert "AQEAQ" not in str(org.log())
