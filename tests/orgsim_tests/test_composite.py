"""Several subrequests in one call."""

from urllib.parse import quote

import pytest
import requests

from tests.orgsim.process import Org

from .api import KEY, Api, composite, create_and_read_back, key, part


def test_a_query_sees_the_rows_that_the_same_call_created(api: Api) -> None:
    keys = [key(), key()]
    created, found = api.post("/composite", create_and_read_back(keys)).json()["compositeResponse"]
    assert [r["success"] for r in created["body"]] == [True, True]
    assert {r[KEY] for r in found["body"]["records"]} == set(keys)
    assert found["body"]["records"][0]["CaseNumber"] == "00001001"


def test_a_repeated_call_clashes_and_still_finds_the_rows(api: Api) -> None:
    body = create_and_read_back([key()])
    api.post("/composite", body)
    created, found = api.post("/composite", body).json()["compositeResponse"]
    assert created["httpStatusCode"] == 200
    assert created["body"][0]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
    assert found["body"]["totalSize"] == 1


def test_a_whole_composite_is_one_api_call(api: Api, org: Org) -> None:
    before = org.state()["api_calls"]
    api.post("/composite", create_and_read_back([key()]))
    assert org.state()["api_calls"] == before + 1


def test_each_part_of_a_batch_is_an_api_call(api: Api, org: Org) -> None:
    before = org.state()["api_calls"]
    parts = [{"method": "GET", "url": "v62.0/limits"}] * 3
    answer = api.post("/composite/batch", {"batchRequests": parts}).json()
    assert answer["hasErrors"] is False
    assert [r["statusCode"] for r in answer["results"]] == [200, 200, 200]
    assert org.state()["api_calls"] == before + 3


def test_a_batch_can_halt_on_the_first_error(api: Api) -> None:
    parts = [
        {"method": "POST", "url": "v62.0/sobjects/Case", "richInput": {"Nope": 1}},
        {"method": "GET", "url": "v62.0/limits"},
    ]
    body = {"haltOnError": True, "batchRequests": parts}
    answer = api.post("/composite/batch", body).json()
    assert answer["hasErrors"] is True
    assert [r["statusCode"] for r in answer["results"]] == [400, 412]


def test_a_failed_part_tells_its_own_status(api: Api) -> None:
    missing = part("GET", "/sobjects/Case/5008d0000000zzzAAA", "missing")
    fine = part("GET", "/limits", "fine")
    answer = api.post("/composite", composite(missing, fine))
    assert answer.status_code == 200
    assert [p["httpStatusCode"] for p in answer.json()["compositeResponse"]] == [404, 200]


def test_a_part_can_use_what_an_earlier_one_answered(api: Api) -> None:
    contact = part("POST", "/sobjects/Contact", "who", body={"LastName": "Meier"})
    case = part("POST", "/sobjects/Case", "case", body={"ContactId": "@{who.id}"})
    read = part("GET", "/sobjects/Case/@{case.id}", "read")
    answer = api.post("/composite", composite(contact, case, read)).json()["compositeResponse"]
    assert [p["httpStatusCode"] for p in answer] == [201, 201, 200]
    assert answer[2]["body"]["ContactId"] == answer[0]["body"]["id"]


def test_a_part_that_builds_on_a_failed_one_is_not_run(api: Api, org: Org) -> None:
    contact = part("POST", "/sobjects/Contact", "who", body={})
    case = part("POST", "/sobjects/Case", "case", body={"ContactId": "@{who.id}"})
    answer = api.post("/composite", composite(contact, case)).json()["compositeResponse"]
    assert answer[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert org.records("Case") == []


def test_all_or_none_undoes_every_part(api: Api, org: Org) -> None:
    good = part("POST", "/sobjects/Case", "good", body={})
    bad = part("POST", "/sobjects/Case", "bad", body={"Nope": 1})
    answer = api.post("/composite", composite(good, bad, allOrNone=True)).json()
    first, second = answer["compositeResponse"]
    assert first["httpStatusCode"] == 400
    assert first["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert second["body"][0]["errorCode"] == "INVALID_FIELD"
    assert org.records("Case") == []


def test_outer_all_or_none_overrides_the_inner_flag(api: Api, org: Org) -> None:
    body = create_and_read_back([key(), key()])
    body["allOrNone"] = True
    body["compositeRequest"][0]["body"]["records"][1]["Subject"] = "x" * 256
    created, _found = api.post("/composite", body).json()["compositeResponse"]
    # A documented oddity: rows that were rolled back still say success.
    assert [r["success"] for r in created["body"]] == [True, False]
    assert org.records("Case") == []


def test_headers_of_the_outer_call_are_not_inherited(api: Api, org: Org) -> None:
    create = part("POST", "/sobjects/Case", "create", body={"Origin": "Phone"})
    api.post("/composite", composite(create), Sforce_Auto_Assign="FALSE")
    own = {**create, "referenceId": "own", "httpHeaders": {"Sforce-Auto-Assign": "FALSE"}}
    api.post("/composite", composite(own))
    inherited, given = org.records("Case")
    assert inherited["OwnerId"].startswith("00G")
    assert given["OwnerId"].startswith("005")


def test_authorization_in_a_part_is_refused(api: Api) -> None:
    bad = part("GET", "/limits", "bad", httpHeaders={"Authorization": "Bearer other"})
    assert api.post("/composite", composite(bad)).status_code == 400


def test_26_parts_are_refused(api: Api) -> None:
    parts = [part("GET", "/limits", f"r{i}") for i in range(26)]
    assert api.post("/composite", composite(*parts)).status_code == 400


def test_six_queries_and_collections_are_refused(api: Api) -> None:
    parts = [part("GET", "/query?q=" + quote("SELECT Id FROM Case"), f"r{i}") for i in range(6)]
    assert api.post("/composite", composite(*parts)).status_code == 400
    assert api.post("/composite", composite(*parts[:5])).status_code == 200


def test_reference_ids_must_differ(api: Api) -> None:
    twice = [part("GET", "/limits", "same")] * 2
    assert api.post("/composite", composite(*twice)).status_code == 400


def test_a_composite_inside_a_composite_is_refused(api: Api) -> None:
    nested = part("POST", "/composite", "nested", body={})
    [answer] = api.post("/composite", composite(nested)).json()["compositeResponse"]
    assert answer["httpStatusCode"] == 404


def test_a_graph_is_refused_and_not_faked(api: Api) -> None:
    answer = api.post("/composite/graph", {"graphs": []})
    assert answer.status_code == 501
    assert "not part of this simulated org" in answer.text


def test_searches_are_not_allowed_inside(api: Api) -> None:
    search = part("GET", "/search?q=FIND+{1}", "search")
    assert api.post("/composite", composite(search)).status_code == 400


def test_collation_may_change_the_order_of_updates(api: Api) -> None:
    path = f"/sobjects/Case/{api.case()}"
    updates = [part("PATCH", path, f"r{i}", body={"Subject": str(i)}) for i in range(3)]

    def last_words(**flags: bool) -> set[str]:
        seen = set()
        for _ in range(20):
            api.post("/composite", composite(*updates, **flags))
            seen.add(api.get(path).json()["Subject"])
        return seen

    assert last_words(collateSubrequests=False) == {"2"}
    assert len(last_words(collateSubrequests=True)) > 1


def test_a_create_that_is_taken_back_leaves_a_gap_in_the_numbers_and_nothing_else(
    api: Api, org: Org
) -> None:
    dry = part("POST", "/sobjects/Case", "dry", body={KEY: "dry", "Status": "Closed"})
    refusal = part("GET", "/sobjects/Nothing__c/describe", "refusal")
    answer = api.post("/composite", composite(dry, refusal, allOrNone=True)).json()
    org.arm({"action": "commit_then_drop", "count": 1})
    with pytest.raises(requests.ConnectionError):
        api.post("/composite", composite(dry, refusal, allOrNone=True))
    first, second = answer["compositeResponse"]
    assert first["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert (second["httpStatusCode"], second["body"][0]["errorCode"]) == (404, "NOT_FOUND")
    assert org.audit() == {
        "cases": 0,
        "keys": 0,
        "duplicate_keys": [],
        "reassigned_after_owner_change": [],
        "status_overwritten": [],
        "rows_committed_but_client_saw_error": 0,
    }
    everything = quote("SELECT Id FROM Case")
    assert api.get(f"/queryAll?q={everything}").json()["totalSize"] == 0
    case = api.case(**{KEY: "dry"})
    assert api.get(f"/sobjects/Case/{case}").json()["CaseNumber"] == "00001003"


def test_an_update_that_is_taken_back_is_no_change_of_owner_or_status(api: Api, org: Org) -> None:
    case = api.case(Origin="Phone")
    org.edit(case, OwnerId="0058d0000000003AAA", Status="Working")
    dry = part("PATCH", f"/sobjects/Case/{case}", "dry", body={"Status": "New"})
    refusal = part("GET", "/sobjects/Nothing__c/describe", "refusal")
    api.post("/composite", composite(dry, refusal, allOrNone=True))
    assert org.records("Case")[0]["Status"] == "Working"
    assert org.audit()["status_overwritten"] == []
