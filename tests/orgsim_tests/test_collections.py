"""Up to 200 records in one call, each with its own result."""

from pathlib import Path

import pytest

from tests.orgsim.process import Org, running

from .api import KEY, Api, collection, key

NOBODY = "5008d0000000zzzAAA"


def test_a_created_row_tells_its_id_and_nothing_of_created(api: Api) -> None:
    [row] = api.create_many([{"Subject": "Call me"}])
    assert list(row) == ["id", "success", "errors"]
    assert row["success"] is True
    assert len(row["id"]) == 18


def test_an_empty_case_is_valid(api: Api) -> None:
    [row] = api.create_many([{}])
    assert row["success"] is True


def test_a_clash_on_the_unique_key_names_the_record_with_a_15_character_id(api: Api) -> None:
    again = key()
    [first] = api.create_many([{KEY: again}])
    [second] = api.create_many([{KEY: again}])
    assert second == {
        "success": False,
        "errors": [
            {
                "statusCode": "DUPLICATE_VALUE",
                "message": f"duplicate value found: {KEY} duplicates value on record with id: "
                + first["id"][:15],
                "fields": [],
            }
        ],
    }


def test_a_clash_leaves_the_other_rows_standing(api: Api) -> None:
    again = key()
    rows = api.create_many([{KEY: again}, {KEY: again}, {KEY: key()}])
    assert [r["success"] for r in rows] == [True, False, True]
    assert len(api.rows("SELECT Id FROM Case")) == 2


def test_all_or_none_takes_back_the_good_rows(api: Api, org: Org) -> None:
    rows = api.create_many([{"Subject": "good"}, {"Subject": "x" * 256}], allOrNone=True)
    assert [r["errors"][0]["statusCode"] for r in rows] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "STRING_TOO_LONG",
    ]
    assert all("id" not in r for r in rows)
    assert org.records("Case") == []


def test_rows_taken_back_burn_their_case_numbers(api: Api) -> None:
    api.create_many([{}, {"Subject": "x" * 256}], allOrNone=True)
    api.create_many([{}])
    [row] = api.rows("SELECT CaseNumber FROM Case")
    assert row["CaseNumber"] == "00001002"


def test_201_records_are_refused_whole(api: Api, org: Org) -> None:
    answer = api.post("/composite/sobjects", collection([{}] * 201))
    assert answer.status_code == 400
    assert answer.json() == [
        {
            "errorCode": "EXCEEDED_ID_LIMIT",
            "message": "record limit reached. cannot submit more than 200 records into this call",
        }
    ]
    assert org.records("Case") == []


def test_a_record_without_a_type_is_refused_whole(api: Api) -> None:
    answer = api.post("/composite/sobjects", {"records": [{"Subject": "?"}]})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_INPUT")


def test_types_may_be_mixed_in_ten_chunks_at_most(api: Api) -> None:
    case = {"attributes": {"type": "Case"}}
    account = {"attributes": {"type": "Account"}, "Name": "Meier GmbH"}
    good = api.post("/composite/sobjects", {"records": [case, account] * 5})
    assert [r["id"][:3] for r in good.json()] == ["500", "001"] * 5
    many = api.post("/composite/sobjects", {"records": [case, account] * 5 + [case]})
    assert many.status_code == 400


def test_an_unknown_field_fails_its_row_only(api: Api) -> None:
    rows = api.create_many([{"Nonsense__c": 1}, {}])
    assert rows[0]["errors"][0] == {
        "statusCode": "INVALID_FIELD",
        "message": "No such column 'Nonsense__c' on sobject of type Case",
        "fields": [],
    }
    assert rows[1]["success"] is True


def test_updates_bring_the_id_in_each_record(api: Api) -> None:
    one, two = api.case(Subject="one"), api.case(Subject="two")
    body = collection([{"id": one, "Priority": "High"}, {"id": two[:15], "Priority": "Low"}])
    assert [r["id"] for r in api.patch("/composite/sobjects", body).json()] == [one, two]
    assert api.rows("SELECT Priority FROM Case ORDER BY Subject") == [
        {"Priority": "High"},
        {"Priority": "Low"},
    ]


def test_an_update_of_a_missing_record_fails_its_row_only(api: Api) -> None:
    body = collection([{"id": NOBODY, "Subject": "?"}])
    [row] = api.patch("/composite/sobjects", body).json()
    assert row["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"


def test_an_upsert_creates_then_changes(api: Api) -> None:
    body = collection([{KEY: key(), "Subject": "first"}])
    [first] = api.patch(f"/composite/sobjects/Case/{KEY}", body).json()
    [second] = api.patch(f"/composite/sobjects/Case/{KEY}", body).json()
    assert list(first) == ["id", "success", "errors", "created"]
    assert (first["created"], second["created"]) == (True, False)
    assert first["id"] == second["id"]


def test_one_key_twice_in_an_upsert_fails_both_rows(api: Api) -> None:
    again = key()
    body = collection([{KEY: again}, {KEY: again}, {KEY: key()}])
    rows = api.patch(f"/composite/sobjects/Case/{KEY}", body).json()
    assert [r["success"] for r in rows] == [False, False, True]
    assert rows[0]["errors"][0] == {
        "statusCode": "DUPLICATE_VALUE",
        "message": f"Duplicate external id specified: {again}",
        "fields": [KEY],
    }


def test_an_upsert_without_the_key_fails_its_row(api: Api) -> None:
    [row] = api.patch(f"/composite/sobjects/Case/{KEY}", collection([{"Subject": "?"}])).json()
    assert row["errors"][0]["statusCode"] == "MISSING_ARGUMENT"


def test_an_upsert_by_an_unknown_field_is_refused_whole(api: Api) -> None:
    answer = api.patch("/composite/sobjects/Case/Namez", collection([{"Namez": "1"}]))
    assert answer.status_code == 404
    assert answer.json() == [
        {
            "errorCode": "NOT_FOUND",
            "message": "Provided external ID field does not exist or is not accessible: Namez",
        }
    ]


def test_a_delete_takes_its_flag_from_the_query(api: Api) -> None:
    one = api.case()
    path = f"/composite/sobjects?ids={one},{NOBODY}&allOrNone="
    whole = api.delete(path + "true").json()
    assert [r["success"] for r in whole] == [False, False]
    part = api.delete(path + "false").json()
    assert [r["success"] for r in part] == [True, False]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_records_are_read_by_id_in_the_order_asked_for(api: Api, method: str) -> None:
    one, two = api.case(Subject="one"), api.case(Subject="two")
    wanted = [two, NOBODY, one]
    if method == "GET":
        path = f"/composite/sobjects/Case?ids={','.join(wanted)}&fields=Subject"
        found = api.get(path).json()
    else:
        body = {"ids": wanted, "fields": ["Subject"]}
        found = api.post("/composite/sobjects/Case", body).json()
    assert [r and r["Subject"] for r in found] == ["two", None, "one"]


def test_an_upsert_by_id_changes_or_creates_but_never_chooses_the_id(api: Api, org: Org) -> None:
    case = api.case(Subject="before")
    body = collection([{"Id": case, "Subject": "after"}, {"Subject": "new"}, {"Id": NOBODY}])
    rows = api.patch("/composite/sobjects/Case/Id", body).json()
    assert [r.get("created") for r in rows] == [False, True, None]
    assert rows[2]["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    assert [c["Subject"] for c in org.records("Case")] == ["after", "new"]


def test_a_contact_request_can_hang_on_a_case_where_the_org_has_them(db: Path) -> None:
    with running(db, options=("--contact-requests",)) as org, Api(org) as api:
        wish = {"PreferredPhone": "+4930", "WhatId": api.case(), "IsCallback": True}
        made = api.made("ContactRequest", **wish)
        [row] = api.rows("SELECT Id, Status, PreferredChannel FROM ContactRequest")
        assert row == {"Id": made, "Status": "New", "PreferredChannel": "Phone"}
