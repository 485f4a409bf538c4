"""HTTP as an org speaks it."""

import gzip
import json
from collections.abc import Iterator

import pytest

from tests.orgsim.process import Org

from .api import KEY, Api, V, collection

JSON = "application/json;charset=UTF-8"


def test_versions_are_listed_without_a_sign_in_and_not_counted(org: Org) -> None:
    answer = org.session.get(f"{org.url}/services/data", timeout=20)
    versions = answer.json()
    assert versions[-1] == {
        "label": "Winter '27",
        "url": "/services/data/v68.0",
        "version": "68.0",
    }
    labels = {v["version"]: v["label"] for v in versions}
    assert (labels["67.0"], labels["66.0"], labels["65.0"], labels["62.0"]) == (
        "Summer '26",
        "Spring '26",
        "Winter '26",
        "Winter '25",
    )
    assert "Sforce-Limit-Info" not in answer.headers
    assert org.state()["api_calls"] == 0


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [
        ("v29.0", 410, "UNSUPPORTED_API_VERSION"),
        ("v40.0", 501, "NOT_IMPLEMENTED"),
        ("v1.0", 404, "NOT_FOUND"),
        ("v69.0", 404, "NOT_FOUND"),
        ("62.0x", 404, "NOT_FOUND"),
    ],
)
def test_other_versions_are_refused(api: Api, version: str, status: int, code: str) -> None:
    answer = api.get(f"/services/data/{version}/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_every_answer_tells_the_use_of_the_day(api: Api, org: Org) -> None:
    org.settings(daily_limit=500)
    assert api.get("/limits").headers["Sforce-Limit-Info"] == "api-usage=1/500"
    assert api.get("/nothing").headers["Sforce-Limit-Info"] == "api-usage=2/500"
    assert api.get("/limits").json()["DailyApiRequests"] == {"Max": 500, "Remaining": 497}


def test_the_day_is_over_when_its_calls_are_used(api: Api, org: Org) -> None:
    org.settings(daily_limit=2)
    assert [api.get("/limits").status_code for _ in range(3)] == [200, 200, 403]
    assert api.get("/limits").json() == [
        {"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}
    ]
    org.settings(soft_quota=True)
    assert api.get("/limits").headers["Sforce-Limit-Info"] == "api-usage=5/2"


def test_the_day_rolls(api: Api, org: Org) -> None:
    org.settings(daily_limit=1, token_ttl_s=200_000)
    with Api(org) as lasting:
        assert [lasting.get("/limits").status_code for _ in range(2)] == [200, 403]
        org.advance(86_460)
        assert lasting.get("/limits").status_code == 200


def test_too_many_long_calls_are_refused_and_short_ones_are_not(api: Api, org: Org) -> None:
    org.settings(long_call_s=0, most_long_calls=1)
    assert api.get("/limits").json()[0]["message"].startswith("ConcurrentRequests")
    org.settings(long_call_s=20, most_long_calls=1)
    assert api.get("/limits").status_code == 200


def test_answers_are_json_with_its_charset(api: Api) -> None:
    answer = api.get("/limits")
    assert answer.headers["Content-Type"] == JSON
    assert "BrowserId=" in answer.headers["Set-Cookie"]
    assert "Retry-After" not in answer.headers


def test_longer_answers_are_packed_for_who_takes_that(api: Api) -> None:
    packed = api.get("/sobjects/Case/describe")
    plain = api.get("/sobjects/Case/describe", Accept_Encoding="identity")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_bodies_may_come_packed(api: Api) -> None:
    body = gzip.compress(json.dumps({"Subject": "packed"}).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = api.session.post(
        api.url + V + "/sobjects/Case", data=body, headers=headers, timeout=20
    )
    assert answer.status_code == 201


def test_bodies_may_come_in_chunks(api: Api) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"Subject":'
        yield b'"in pieces"}'

    headers = {"Content-Type": "application/json"}
    answer = api.session.post(
        api.url + V + "/sobjects/Case", data=chunks(), headers=headers, timeout=20
    )
    assert answer.status_code == 201
    assert api.rows("SELECT Subject FROM Case") == [{"Subject": "in pieces"}]


@pytest.mark.parametrize("body", ["{", "[1", '"text', '{"Subject": "\\ud800"}'])
def test_what_is_not_json_is_a_parser_error(api: Api, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.session.post(
        api.url + V + "/sobjects/Case", data=body, headers=headers, timeout=20
    )
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize("body", ["[]", "1", "null"])
def test_a_record_must_be_an_object(api: Api, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.session.post(
        api.url + V + "/sobjects/Case", data=body, headers=headers, timeout=20
    )
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_other_content_types_are_refused(api: Api) -> None:
    answer = api.session.post(
        api.url + V + "/sobjects/Case",
        data="<a/>",
        headers={"Content-Type": "application/xml"},
        timeout=20,
    )
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_head_of_more_than_16384_bytes_gets_a_page(api: Api) -> None:
    long_uri = api.get("/query?q=" + "x" * 16_400)
    assert (long_uri.status_code, long_uri.headers["Content-Type"][:9]) == (414, "text/html")
    long_head = api.get("/query?q=" + "x" * 10_000, X_Padding="x" * 6_500)
    assert long_head.status_code == 431
    assert "Bad Message 431" in long_head.text
    assert api.get("/query?q=" + "x" * 10_000).status_code == 400


def test_a_composite_query_escapes_the_limit_of_the_uri(api: Api) -> None:
    many = "','".join(f"{i:030}" for i in range(900))
    soql = f"SELECT+Id+FROM+Case+WHERE+Subject+IN+('{many}')"
    part = {"method": "GET", "url": f"{V}/query?q={soql}", "referenceId": "q"}
    answer = api.post("/composite", {"compositeRequest": [part]}).json()
    assert answer["compositeResponse"][0]["httpStatusCode"] == 200


def test_doubled_slashes_in_a_path_do_no_harm(api: Api) -> None:
    assert api.get("/services//data//v62.0//limits").status_code == 200
    nowhere = api.get("/services/nothing")
    assert (nowhere.status_code, nowhere.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_answers_can_be_asked_for_in_a_readable_form(api: Api) -> None:
    assert "\n  " in api.get("/limits", X_PrettyPrint="1").text
    assert "\n" not in api.get("/limits").text


def test_a_head_request_has_no_body(api: Api) -> None:
    answer = api.ask("HEAD", "/limits")
    assert (answer.status_code, answer.content) == (200, b"")


def test_describe_tells_the_facts_of_our_own_fields(api: Api) -> None:
    described = api.get("/sobjects/Case/describe").json()
    assert (described["name"], described["keyPrefix"]) == ("Case", "500")
    fields = {f["name"]: f for f in described["fields"]}
    ours = fields[KEY]
    assert {k: ours[k] for k in ("type", "length", "unique", "externalId", "caseSensitive")} == {
        "type": "string",
        "length": 64,
        "unique": True,
        "externalId": True,
        "caseSensitive": True,
    }
    assert fields["Jtel_Requested_At__c"]["type"] == "datetime"
    assert fields["SuppliedPhone"]["length"] == 40
    assert fields["Description"]["filterable"] is False
    assert fields["Status"]["picklistValues"][0]["value"] == "New"
    assert fields["OwnerId"]["referenceTo"] == ["Group", "User"]


def test_an_unchanged_describe_is_not_sent_again(api: Api) -> None:
    stamp = api.get("/sobjects/Case/describe").headers["Last-Modified"]
    again = api.get("/sobjects/Case/describe", If_Modified_Since=stamp)
    assert (again.status_code, again.content) == (304, b"")


def test_all_objects_are_listed(api: Api) -> None:
    listed = api.get("/sobjects").json()
    assert {"Case", "Contact", "Account", "Lead", "Task", "User", "Group", "CaseComment"} <= {
        s["name"] for s in listed["sobjects"]
    }
    assert "ContactRequest" not in {s["name"] for s in listed["sobjects"]}


def test_records_are_counted(api: Api) -> None:
    api.post("/composite/sobjects", collection([{}, {}]))
    counted = api.get("/limits/recordCount?sObjects=Case").json()
    assert counted == {"sObjects": [{"count": 2, "name": "Case"}]}


def test_updated_and_deleted_list_ids_in_a_span(api: Api, org: Org) -> None:
    org.advance(120)
    stays, goes = api.case(), api.case()
    api.delete(f"/sobjects/Case/{goes}")
    org.advance(120)
    now = org.state()["now"]
    start = now[:8] + "01T00:00:00Z"
    path = "/sobjects/Case/{}/?start=" + start + "&end=" + now.replace("+", "%2B")
    assert api.get(path.format("updated")).json()["ids"] == [stays]
    gone = api.get(path.format("deleted")).json()["deletedRecords"]
    assert [g["id"] for g in gone] == [goes]


@pytest.mark.parametrize(
    "span",
    ["", "start=2020-01-01T00:00:00Z&end=2020-01-02T00:00:00Z", "start=x&end=y"],
)
def test_a_wrong_span_is_refused(api: Api, span: str) -> None:
    answer = api.get(f"/sobjects/Case/updated?{span}")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")
