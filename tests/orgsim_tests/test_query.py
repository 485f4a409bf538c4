"""Statements answered from real records."""

from itertools import pairwise
from typing import Any

import pytest

from tests.orgsim.process import Org

from .api import KEY, Api, collection


@pytest.fixture
def cases(api: Api) -> Api:
    """Five Cases that differ."""
    api.create_many(
        [
            {"Subject": "Alpha", "Priority": "High", KEY: "k1"},
            {"Subject": "beta", "Priority": "Low", KEY: "k2", "SuppliedName": "Anna"},
            {"Subject": "100% gamma", "Status": "Closed", KEY: "k3"},
            {"Subject": None, KEY: "K4"},
            {"Subject": "under_score", "IsEscalated": True},
        ]
    )
    return api


def subjects(api: Api, where: str) -> list[str]:
    """Give the subjects of the Cases for which a condition holds."""
    return [str(r["Subject"]) for r in api.rows(f"SELECT Subject FROM Case WHERE {where}")]


ALL = ["Alpha", "beta", "100% gamma", "None", "under_score"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Subject = 'alpha'", ["Alpha"]),
        ("Subject != 'alpha'", ALL[1:]),
        ("Subject = null", ["None"]),
        ("Subject <> null", ["Alpha", "beta", "100% gamma", "under_score"]),
        ("Subject IN ('ALPHA', 'Beta')", ["Alpha", "beta"]),
        ("Subject IN ('Alpha', null)", ["Alpha", "None"]),
        ("Subject NOT IN ('Alpha')", ALL[1:]),
        ("NOT Subject = 'Alpha'", ALL[1:]),
        ("NOT (Subject = 'Alpha' OR Subject = null)", ["beta", "100% gamma", "under_score"]),
        ("Subject LIKE 'al%'", ["Alpha"]),
        ("Subject LIKE '%\\\\%%'", ["100% gamma"]),
        ("Subject LIKE 'under\\\\_%'", ["under_score"]),
        ("Subject LIKE 'b_ta'", ["beta"]),
        ("Subject > 'Alpha'", ["beta", "under_score"]),
        ("IsClosed = true", ["100% gamma"]),
        ("IsClosed = false AND IsEscalated = TRUE", ["under_score"]),
        ("Priority = 'High' OR SuppliedName = 'anna'", ["Alpha", "beta"]),
        ("CreatedDate = TODAY", ALL),
        ("CreatedDate < LAST_N_DAYS:2", []),
        ("CreatedDate != TODAY", []),
        ("Owner.Name = 'Default Owner'", ALL),
        (f"{KEY} = 'K1'", []),
        (f"{KEY} IN ('k1', 'k4')", ["Alpha"]),
    ],
)
def test_conditions_choose_as_soql_does(cases: Api, where: str, found: list[str]) -> None:
    assert subjects(cases, where.replace("\\\\", "\\")) == found


def test_a_case_sensitive_key_minds_letter_case(cases: Api) -> None:
    assert cases.patch(f"/sobjects/Case/{KEY}/K1", {}).status_code == 201
    assert cases.patch(f"/sobjects/Case/{KEY}/k1", {}).status_code == 200


def test_order_puts_nulls_first_unless_told_otherwise(cases: Api) -> None:
    def ordered(how: str) -> list[Any]:
        return [r["Subject"] for r in cases.rows(f"SELECT Subject FROM Case ORDER BY {how}")]

    rising = ["100% gamma", "Alpha", "beta", "under_score"]
    assert ordered("Subject") == [None, *rising]
    assert ordered("Subject DESC") == [None, *reversed(rising)]
    assert ordered("Subject ASC NULLS LAST") == [*rising, None]
    assert ordered("IsClosed DESC, Subject NULLS LAST")[0] == "100% gamma"


def test_limit_and_offset_cut_a_page(cases: Api) -> None:
    assert subjects(cases, "CreatedDate = TODAY LIMIT 2 OFFSET 1") == ["beta", "100% gamma"]


def test_counting_gives_a_size_and_no_records(cases: Api) -> None:
    answer = cases.query("SELECT COUNT() FROM Case WHERE IsClosed = false")
    assert answer == {"totalSize": 4, "done": True, "records": []}


def test_a_record_names_its_type_and_place_first(cases: Api) -> None:
    record = cases.query("SELECT isclosed, ID FROM case LIMIT 1")["records"][0]
    assert list(record) == ["attributes", "IsClosed", "Id"]
    assert record["attributes"] == {
        "type": "Case",
        "url": f"/services/data/v62.0/sobjects/Case/{record['Id']}",
    }


def test_a_missing_parent_is_null(cases: Api) -> None:
    [row] = cases.rows("SELECT Contact.Account.Name, Owner.Name FROM Case LIMIT 1")
    assert row["Contact"] is None
    assert row["Owner"]["attributes"]["type"] == "User"


def test_deleted_records_are_in_query_all_only(cases: Api) -> None:
    [row] = cases.rows("SELECT Id FROM Case WHERE Subject = 'Alpha'")
    cases.delete(f"/sobjects/Case/{row['Id']}")
    assert subjects(cases, "Subject = 'Alpha'") == []
    answer = cases.get("/queryAll?q=SELECT+Id,IsDeleted+FROM+Case+WHERE+IsDeleted=true").json()
    assert [r["Id"] for r in answer["records"]] == [row["Id"]]


def test_a_plus_in_a_url_is_a_blank_unless_it_is_encoded(api: Api) -> None:
    api.case(SuppliedPhone="+4930")
    path = "/query?q=SELECT+Id+FROM+Case+WHERE+SuppliedPhone='{}4930'"
    assert api.get(path.format("+")).json()["totalSize"] == 0
    assert api.get(path.format("%2B")).json()["totalSize"] == 1


def test_more_than_a_page_is_read_by_locator(api: Api) -> None:
    for _ in range(3):
        api.post("/composite/sobjects", collection([{}] * 200))
    pages = [api.get("/query?q=SELECT+Id+FROM+Case", Sforce_Query_Options="batchSize=250").json()]
    while not pages[-1]["done"]:
        url = pages[-1]["nextRecordsUrl"]
        pages.append(api.get(url, Sforce_Query_Options="batchSize=250").json())
    assert [len(p["records"]) for p in pages] == [250, 250, 100]
    assert {p["totalSize"] for p in pages} == {600}
    assert len({r["Id"] for p in pages for r in p["records"]}) == 600


def test_the_eleventh_open_cursor_closes_the_first(api: Api) -> None:
    for _ in range(2):
        api.post("/composite/sobjects", collection([{}] * 200))
    urls = [
        api.get("/query?q=SELECT+Id+FROM+Case", Sforce_Query_Options="batchSize=200").json()[
            "nextRecordsUrl"
        ]
        for _ in range(11)
    ]
    answer = api.get(urls[0])
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")
    assert api.get(urls[1]).status_code == 200


def test_an_error_is_a_400_with_its_code(api: Api) -> None:
    answer = api.get("/query?q=SELECT+Idd+FROM+Case")
    assert answer.status_code == 400
    [error] = answer.json()
    assert list(error) == ["errorCode", "message"]
    assert error["errorCode"] == "INVALID_FIELD"
    assert api.get("/query").json()[0]["errorCode"] == "MALFORMED_QUERY"


def test_a_poll_by_modification_finds_what_changed(api: Api, org: Org) -> None:
    api.case(**{KEY: "a"})
    second = api.case(**{KEY: "b"})
    org.advance(60)
    api.patch(f"/sobjects/Case/{second}", {"Status": "Working"})
    stamps = api.rows("SELECT SystemModstamp FROM Case ORDER BY SystemModstamp")
    cursor = stamps[-1]["SystemModstamp"].replace("+0000", "Z")
    found = api.rows(f"SELECT {KEY} FROM Case WHERE {KEY} != null AND SystemModstamp >= {cursor}")
    assert found == [{KEY: "b"}]
    assert all(a["SystemModstamp"] <= b["SystemModstamp"] for a, b in pairwise(stamps))
