"""Faults strike what they are meant for, when they are meant to, and nothing else."""

import time
from typing import Any

import pytest
import requests

from tests.orgsim.process import Org

from .api import KEY, Api, collection, create_and_read_back, key

CREATE = {"op": "create"}


def outcome(api: Api) -> int | str:
    """Create one Case the usual way: the status, or `lost`."""
    try:
        return api.post("/composite", create_and_read_back([key()])).status_code
    except requests.ConnectionError:
        return "lost"


def test_a_dropped_answer_hides_a_commit(api: Api, org: Org) -> None:
    org.arm({"action": "commit_then_drop", "match": CREATE})
    assert outcome(api) == "lost"
    assert org.audit()["rows_committed_but_client_saw_error"] == 1
    assert len(org.records("Case")) == 1


def test_half_an_answer_can_arrive(api: Api, org: Org) -> None:
    org.arm({"action": "commit_then_drop", "params": {"half": True}})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.post("/composite", create_and_read_back([key()]))
    assert len(org.records("Case")) == 1


def test_a_drop_before_the_work_commits_nothing(api: Api, org: Org) -> None:
    org.arm({"action": "drop_before", "match": CREATE})
    assert outcome(api) == "lost"
    assert org.records("Case") == []


def test_a_commit_can_hide_behind_a_503(api: Api, org: Org) -> None:
    org.arm({"action": "commit_then_503", "match": CREATE})
    assert outcome(api) == 503
    assert org.audit()["rows_committed_but_client_saw_error"] == 1


def test_a_client_that_hangs_up_is_counted_too(api: Api, org: Org) -> None:
    org.arm({"action": "latency", "params": {"ms": 300}})
    with pytest.raises(requests.Timeout):
        api.session.post(f"{org.url}/services/data/v62.0/sobjects/Case", json={}, timeout=(5, 0.05))
    assert eventually(lambda: org.audit()["rows_committed_but_client_saw_error"] == 1)


def eventually(holds: Any) -> bool:
    """Ask again for some seconds."""
    end = time.monotonic() + 10
    while not holds():
        if time.monotonic() > end:
            return False
    return True


def test_a_commit_can_be_followed_by_silence(api: Api, org: Org) -> None:
    org.arm({"action": "commit_then_timeout", "params": {"s": 0.2}, "match": CREATE})
    started = time.monotonic()
    assert outcome(api) == "lost"
    assert time.monotonic() - started >= 0.2
    assert len(org.records("Case")) == 1


def test_a_status_can_be_a_page_or_an_error(api: Api, org: Org) -> None:
    org.arm({"action": "status", "params": {"status": 503}, "count": 1})
    page = api.get("/limits")
    assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html")
    org.arm({"action": "status", "params": {"status": 503, "body": "json"}, "count": 1})
    assert api.get("/limits").json()[0]["errorCode"] == "SERVER_UNAVAILABLE"
    assert api.get("/limits").status_code == 200


def test_a_fault_can_strike_one_part_of_a_composite(api: Api, org: Org) -> None:
    params = {"status": 400, "code": "QUERY_TIMEOUT", "inner": True}
    org.arm({"action": "status", "match": {"op": "query"}, "params": params})
    answer = api.post("/composite", create_and_read_back([key()])).json()["compositeResponse"]
    assert [p["httpStatusCode"] for p in answer] == [200, 400]
    assert answer[1]["body"][0]["errorCode"] == "QUERY_TIMEOUT"


def test_a_fault_for_one_operation_leaves_the_others(api: Api, org: Org) -> None:
    org.arm({"action": "status", "match": {"op": "query"}, "params": {"status": 500}})
    assert api.get("/query?q=SELECT+Id+FROM+Case").status_code == 500
    assert api.get("/limits").status_code == 200
    assert outcome(api) == 500


def test_an_expired_token_dies_once(api: Api, org: Org) -> None:
    org.arm({"action": "token_expired"})
    assert api.get("/limits").status_code == 401
    assert api.get("/limits").status_code == 401
    with Api(org) as again:
        assert again.get("/limits").status_code == 200


def test_a_token_can_be_refused_for_ever(api: Api, org: Org) -> None:
    org.arm({"action": "token_expired", "params": {"mode": "always"}})
    with Api(org) as again:
        assert again.get("/limits").status_code == 401


def test_one_logout_can_kill_all_sessions(api: Api, org: Org) -> None:
    org.arm({"action": "shared_session_revoke", "count": 1})
    with Api(org) as other:
        assert api.get("/limits").status_code == 401
        assert other.get("/limits").status_code == 401


@pytest.mark.parametrize(
    ("action", "status", "words"),
    [
        ("session_invalid_for_rest", 401, "not valid for use with the REST API"),
        ("limit_daily", 403, "TotalRequests Limit exceeded."),
        ("limit_concurrent", 403, "ConcurrentRequests"),
        ("api_disabled", 403, "API_DISABLED_FOR_ORG"),
        ("maintenance", 503, "<html>"),
        ("garbage_200", 200, "<html>"),
        ("redirect_302", 302, ""),
        ("readonly_maintenance", 503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"),
    ],
)
def test_the_org_can_refuse_as_a_whole(
    api: Api, org: Org, action: str, status: int, words: str
) -> None:
    org.arm({"action": action})
    answer = api.post("/composite", create_and_read_back([key()]))
    assert answer.status_code == status
    assert words in answer.text
    org.clear()
    assert org.records("Case") == []


def test_reads_work_during_read_only_maintenance(api: Api, org: Org) -> None:
    org.arm({"action": "readonly_maintenance"})
    assert api.get("/query?q=SELECT+Id+FROM+Case").status_code == 200


@pytest.mark.parametrize(
    ("action", "description"),
    [("auth_down", ""), ("frozen_user", "user is frozen"), ("ip_restricted", "ip restricted")],
)
def test_signing_in_can_be_refused_while_tokens_live(
    api: Api, org: Org, action: str, description: str
) -> None:
    org.arm({"action": action})
    form = {"grant_type": "client_credentials"}
    answer = org.session.post(f"{org.url}/services/oauth2/token", data=form, timeout=20)
    assert answer.status_code in {400, 503}
    assert description in answer.text
    assert api.get("/limits").status_code == 200


ROW_FAULTS = [
    ({"action": "row_lock"}, "UNABLE_TO_LOCK_ROW"),
    ({"action": "wrapped_lock"}, "CANNOT_EXECUTE_FLOW_TRIGGER"),
    ({"action": "batch_retries"}, "TOO_MANY_APEX_REQUESTS"),
    ({"action": "storage_full"}, "STORAGE_LIMIT_EXCEEDED"),
    ({"action": "validation_rule"}, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
]


@pytest.mark.parametrize(("fault", "code"), ROW_FAULTS)
def test_single_rows_can_be_refused(api: Api, org: Org, fault: dict[str, Any], code: str) -> None:
    org.arm({**fault, "match": {"op": "create", "row_index": 1}})
    rows = api.create_many([{}, {}, {}])
    assert [r["success"] for r in rows] == [True, False, True]
    assert rows[1]["errors"][0]["statusCode"] == code


def test_a_row_fault_can_be_meant_for_one_key(api: Api, org: Org) -> None:
    org.arm({"action": "row_lock", "match": {"key_regex": "^bad"}})
    rows = api.create_many([{KEY: "good"}, {KEY: "bad"}])
    assert [r["success"] for r in rows] == [True, False]


def test_a_row_fault_can_be_meant_for_some_rows_by_chance(api: Api, org: Org) -> None:
    org.arm({"action": "row_lock", "params": {"rows": 0.5}, "seed": 1})
    rows = api.create_many([{}] * 200)
    assert 60 < sum(r["success"] for r in rows) < 140


def test_a_validation_rule_reads_a_field(api: Api, org: Org) -> None:
    params = {"field": "Subject", "regex": "^Test", "message": "No tests here."}
    org.arm({"action": "validation_rule", "params": params})
    rows = api.create_many([{"Subject": "Test"}, {"Subject": "Real"}])
    assert rows[0]["errors"] == [
        {
            "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "message": "No tests here.",
            "fields": ["Subject"],
        }
    ]
    assert rows[1]["success"] is True


def test_a_duplicate_rule_is_for_contacts_and_a_header_passes_those_that_alert(
    api: Api, org: Org
) -> None:
    def statuses(mode: str) -> list[int]:
        org.clear()
        org.arm({"action": "dup_rule", "params": {"mode": mode}})
        header = {"Sforce_Duplicate_Rule_Header": "allowSave=true"}
        return [
            api.post("/sobjects/Contact", {"LastName": "Meier"}).status_code,
            api.post("/sobjects/Contact", {"LastName": "Meier"}, **header).status_code,
            api.post("/sobjects/Case", {}).status_code,
        ]

    assert statuses("block") == [400, 400, 201]
    assert statuses("allow") == [400, 201, 201]


@pytest.mark.parametrize("action", ["field_hidden", "field_missing"])
def test_a_hidden_field_is_gone_everywhere(api: Api, org: Org, action: str) -> None:
    org.arm({"action": action, "params": {"field": KEY}})
    [row] = api.create_many([{KEY: key()}])
    assert row["errors"][0]["statusCode"] == "INVALID_FIELD"
    assert api.query(f"SELECT {KEY} FROM Case")[0]["errorCode"] == "INVALID_FIELD"
    described = api.get("/sobjects/Case/describe").json()
    assert KEY not in {f["name"] for f in described["fields"]}


def test_a_picklist_can_be_made_strict(api: Api, org: Org) -> None:
    org.arm({"action": "picklist_restrict", "params": {"field": "Origin"}})
    [row] = api.create_many([{"Origin": "Carrier pigeon"}])
    assert row["errors"][0]["statusCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_results_can_be_fewer_than_rows(api: Api, org: Org) -> None:
    org.arm({"action": "result_truncated", "match": CREATE})
    assert len(api.create_many([{}, {}, {}])) == 2
    answer = api.post("/composite", create_and_read_back([key(), key()])).json()
    assert len(answer["compositeResponse"][0]["body"]) == 1


def test_the_instance_can_move(org: Org) -> None:
    org.arm({"action": "instance_move", "params": {"url": "http://127.0.0.1:9"}})
    form = {"grant_type": "client_credentials"}
    auth = ("demo-client", "demo-secret")
    answer = org.session.post(f"{org.url}/services/oauth2/token", data=form, auth=auth, timeout=20)
    assert answer.json()["instance_url"] == "http://127.0.0.1:9"


def test_the_clock_in_answers_can_be_wrong(api: Api, org: Org) -> None:
    right = api.get("/limits").headers["Date"]
    org.arm({"action": "clock_skew", "params": {"s": 86_400}})
    assert api.get("/limits").headers["Date"][:16] != right[:16]


def test_an_answer_can_drip(api: Api, org: Org) -> None:
    org.arm({"action": "drip", "params": {"bytes_per_s": 2_000}})
    started = time.monotonic()
    assert api.get("/limits").json()["DailyApiRequests"]["Max"] == 100_000
    assert time.monotonic() - started > 0.1


def test_the_listener_can_refuse_connections_for_a_while(org: Org) -> None:
    org.arm({"action": "connect_refuse", "params": {"s": 0.3}})
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{org.url}/services/data", timeout=5)

    def back() -> bool:
        try:
            return requests.get(f"{org.url}/services/data", timeout=5).ok
        except requests.ConnectionError:
            return False

    assert eventually(back)


def test_without_view_all_the_user_does_not_see_its_own_cases_in_a_queue(
    api: Api, org: Org
) -> None:
    org.arm({"action": "private_sharing"})
    again = key()
    body = create_and_read_back([again], Origin="Phone")
    created, found = api.post("/composite", body).json()["compositeResponse"]
    assert created["body"][0]["success"] is True
    assert found["body"]["totalSize"] == 0
    assert api.get(f"/sobjects/Case/{created['body'][0]['id']}").status_code == 404
    clash, _ = api.post("/composite", body).json()["compositeResponse"]
    assert clash["body"][0]["errors"][0]["message"] == (
        "duplicate value found: <unknown> duplicates value on record with id: <unknown>"
    )
    [row] = api.patch(f"/composite/sobjects/Case/{KEY}", collection([{KEY: again}])).json()
    assert row["errors"][0]["statusCode"] == "DUPLICATE_VALUE"


def test_without_view_all_the_user_sees_what_it_owns(api: Api, org: Org) -> None:
    org.arm({"action": "private_sharing"})
    api.post("/sobjects/Case", {KEY: key()}, Sforce_Auto_Assign="FALSE")
    assert len(api.rows("SELECT Id FROM Case")) == 1
