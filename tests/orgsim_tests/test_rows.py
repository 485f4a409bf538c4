"""One record at a time, by id or by external id."""

import pytest

from tests.orgsim.process import Org

from .api import KEY, Api, key

NOBODY = "5008d0000000zzzAAA"


def test_a_created_record_is_found_at_its_location(api: Api) -> None:
    answer = api.post("/sobjects/Case", {"Subject": "Call me"})
    assert answer.status_code == 201
    assert list(answer.json()) == ["id", "success", "errors"]
    assert api.get(answer.headers["Location"]).json()["Subject"] == "Call me"


def test_a_new_case_has_what_an_org_fills_in(api: Api) -> None:
    row = api.get(f"/sobjects/Case/{api.case()}").json()
    assert row["attributes"]["type"] == "Case"
    assert (row["Status"], row["Priority"], row["CaseNumber"]) == ("New", "Medium", "00001001")
    assert (row["IsClosed"], row["IsDeleted"], row["ClosedDate"]) == (False, False, None)
    assert row["CreatedDate"].endswith(".000+0000")
    assert row["CreatedDate"] == row["LastModifiedDate"] == row["SystemModstamp"]


def test_ids_of_either_length_lead_to_the_record(api: Api) -> None:
    long_id = api.case(Subject="one")
    for given in (long_id, long_id[:15], long_id.lower()[:15].upper() + long_id[15:]):
        answer = api.get(f"/sobjects/Case/{given}?fields=Subject")
        assert (answer.json()["Subject"], answer.json()["attributes"]["url"][-18:]) == (
            "one",
            long_id,
        )


def test_an_update_by_id_answers_nothing(api: Api) -> None:
    case = api.case(Subject="before")
    answer = api.patch(f"/sobjects/Case/{case}", {"Subject": "after", "Status": "Closed"})
    assert (answer.status_code, answer.content) == (204, b"")
    row = api.get(f"/sobjects/Case/{case}").json()
    assert (row["Subject"], row["IsClosed"]) == ("after", True)
    assert row["ClosedDate"] is not None


def test_reopening_a_case_clears_its_closing(api: Api) -> None:
    case = api.case(Status="Closed")
    api.patch(f"/sobjects/Case/{case}", {"Status": "Working"})
    row = api.get(f"/sobjects/Case/{case}").json()
    assert (row["IsClosed"], row["ClosedDate"]) == (False, None)


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("GET", "NOT_FOUND"),
        ("PATCH", "INVALID_CROSS_REFERENCE_KEY"),
        ("DELETE", "INVALID_CROSS_REFERENCE_KEY"),
    ],
)
def test_a_missing_record_is_a_404(api: Api, method: str, code: str) -> None:
    answer = api.ask(method, f"/sobjects/Case/{NOBODY}", {} if method == "PATCH" else None)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, code)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_deleted_record_is_a_404_of_its_own(api: Api, method: str) -> None:
    case = api.case()
    assert api.delete(f"/sobjects/Case/{case}").status_code == 204
    answer = api.ask(method, f"/sobjects/Case/{case}", {} if method == "PATCH" else None)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_a_deleted_record_gives_its_unique_key_free(api: Api) -> None:
    again = key()
    api.delete(f"/sobjects/Case/{api.case(**{KEY: again})}")
    assert api.case(**{KEY: again})


def test_an_upsert_by_key_creates_then_changes(api: Api) -> None:
    path = f"/sobjects/Case/{KEY}/{key()}"
    first, second = api.patch(path, {"Subject": "1"}), api.patch(path, {"Subject": "2"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert api.get(path).json()["Subject"] == "2"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_a_key_may_hold_a_slash_when_it_is_encoded(api: Api) -> None:
    path = f"/sobjects/Case/{KEY}/a%2Fb%3Fc%23d"
    assert api.patch(path, {}).status_code == 201
    assert api.rows(f"SELECT {KEY} FROM Case") == [{KEY: "a/b?c#d"}]


def test_the_key_must_not_be_in_the_body_too(api: Api) -> None:
    answer = api.patch(f"/sobjects/Case/{KEY}/{key()}", {KEY: "other"})
    assert answer.status_code == 400
    assert answer.json()[0] == {
        "errorCode": "INVALID_FIELD",
        "message": f"The {KEY} field should not be specified in the sobject data.",
    }


def test_an_upsert_can_be_kept_from_creating(api: Api, org: Org) -> None:
    answer = api.patch(f"/sobjects/Case/{KEY}/{key()}?updateOnly=true", {})
    assert answer.status_code == 404
    assert org.records("Case") == []


def test_an_upsert_by_an_unknown_field_is_not_found(api: Api) -> None:
    answer = api.patch("/sobjects/Case/Namez/1", {})
    assert answer.json()[0]["message"].endswith("does not exist or is not accessible: Namez")
    assert answer.status_code == 404


def test_null_and_the_empty_text_clear_a_field_and_absence_leaves_it(api: Api) -> None:
    case = api.case(Subject="s", SuppliedName="n", SuppliedPhone="p")
    api.patch(f"/sobjects/Case/{case}", {"Subject": None, "SuppliedName": ""})
    row = api.get(f"/sobjects/Case/{case}").json()
    assert (row["Subject"], row["SuppliedName"], row["SuppliedPhone"]) == (None, None, "p")


def test_line_ends_stay_and_trailing_blanks_go(api: Api) -> None:
    case = api.case(Description="one\r\ntwo  ")
    assert api.get(f"/sobjects/Case/{case}").json()["Description"] == "one\r\ntwo"


def test_field_names_do_not_mind_letter_case(api: Api) -> None:
    case = api.case(subject="s")
    assert api.get(f"/sobjects/case/{case}?fields=sUBJECT").json()["Subject"] == "s"


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"Nope": 1}, "INVALID_FIELD", "No such column 'Nope' on sobject of type Case"),
        (
            {"Subject": "x" * 256},
            "STRING_TOO_LONG",
            f"Subject: data value too large: {'x' * 256} (max length=255)",
        ),
        ({"CaseNumber": "1"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields"),
        ({"IsClosed": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields"),
        ({"SuppliedEmail": "me"}, "INVALID_EMAIL_ADDRESS", "invalid email address: me"),
        ({"ContactId": "zzz"}, "MALFORMED_ID", "id value of incorrect type: zzz"),
        ({"ContactId": NOBODY}, "MALFORMED_ID", "id value of incorrect type"),
        (
            {"ContactId": "0038d0000000zzzAAA"},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
        ),
        ({"Jtel_Requested_At__c": "soon"}, "JSON_PARSER_ERROR", "Cannot deserialize"),
        ({"IsEscalated": "maybe"}, "JSON_PARSER_ERROR", "Cannot deserialize"),
        ({"Subject": {"a": 1}}, "JSON_PARSER_ERROR", "Cannot deserialize"),
    ],
)
def test_what_cannot_be_stored_is_a_400_that_says_why(
    api: Api, fields: dict[str, object], code: str, message: str
) -> None:
    answer = api.post("/sobjects/Case", fields)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert message in answer.json()[0]["message"]


def test_required_fields_are_named(api: Api) -> None:
    answer = api.post("/sobjects/Contact", {"FirstName": "Anna"})
    assert answer.json() == [
        {
            "errorCode": "REQUIRED_FIELD_MISSING",
            "message": "Required fields are missing: [LastName]",
            "fields": ["LastName"],
        }
    ]


def test_unknown_picklist_values_are_stored_silently(api: Api) -> None:
    case = api.case(Status="Parked", Origin="Carrier pigeon")
    row = api.get(f"/sobjects/Case/{case}").json()
    assert (row["Status"], row["Origin"], row["IsClosed"]) == ("Parked", "Carrier pigeon", False)


def test_length_counts_in_utf16_units(api: Api) -> None:
    assert api.post("/sobjects/Case", {"Subject": "🦊" * 127}).status_code == 201
    assert api.post("/sobjects/Case", {"Subject": "🦊" * 128}).status_code == 400


def test_datetimes_are_kept_in_utc(api: Api) -> None:
    case = api.case(Jtel_Requested_At__c="2026-11-23T03:00:00+01:00")
    row = api.get(f"/sobjects/Case/{case}").json()
    assert row["Jtel_Requested_At__c"] == "2026-11-23T02:00:00.000+0000"


def test_the_assignment_rule_takes_calls_to_the_queue(api: Api) -> None:
    owner = api.rows("SELECT Id FROM User WHERE Username = 'agent@example.com'")[0]["Id"]
    case = api.case(Origin="Phone", OwnerId=owner)
    assert api.rows("SELECT Owner.Name, Owner.Type FROM Case")[0]["Owner"]["Name"] == "Callbacks"
    api.patch(f"/sobjects/Case/{case}", {"OwnerId": owner}, Sforce_Auto_Assign="FALSE")
    assert api.rows("SELECT OwnerId FROM Case") == [{"OwnerId": owner}]
    api.patch(f"/sobjects/Case/{case}", {"Priority": "Low"})
    assert api.rows("SELECT OwnerId FROM Case")[0]["OwnerId"].startswith("00G")


def test_a_case_that_no_rule_wants_goes_to_the_default_owner(api: Api) -> None:
    api.case(Origin="Web")
    assert api.rows("SELECT Owner.Name FROM Case")[0]["Owner"]["Name"] == "Default Owner"


def test_a_contact_brings_its_account_and_numbers(api: Api) -> None:
    account = api.made("Account", Name="Meier GmbH")
    contact = api.made(
        "Contact", LastName="Meier", FirstName="Eva", AccountId=account, Phone="+491"
    )
    row = api.get(f"/sobjects/Case/{api.case(ContactId=contact)}").json()
    assert (row["AccountId"], row["ContactPhone"]) == (account, "+491")
    assert api.rows("SELECT Contact.Name, Contact.Account.Name FROM Case") == [
        {
            "Contact": {
                "attributes": {
                    "type": "Contact",
                    "url": f"/services/data/v62.0/sobjects/Contact/{contact}",
                },
                "Name": "Eva Meier",
                "Account": {
                    "attributes": {
                        "type": "Account",
                        "url": f"/services/data/v62.0/sobjects/Account/{account}",
                    },
                    "Name": "Meier GmbH",
                },
            }
        }
    ]


def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    answer = api.ask("PUT", "/sobjects/Case", {})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET,HEAD,POST"


@pytest.mark.parametrize("path", ["/nothing", "/sobjects/Nothing", "/sobjects/Case/a/b/c/d"])
def test_a_path_to_nowhere_is_not_found(api: Api, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 404
    assert answer.json() == [
        {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}
    ]


def test_comments_and_tasks_hang_on_a_case(api: Api) -> None:
    case = api.case()
    comment = api.made("CaseComment", ParentId=case, CommentBody="called back")
    api.made("Task", WhatId=case, Subject="Call", ActivityDate="2026-11-23")
    assert (
        api.rows("SELECT Parent.CaseNumber, CommentBody FROM CaseComment")[0]["Parent"][
            "CaseNumber"
        ]
        == "00001001"
    )
    [task] = api.rows("SELECT What.Type, What.Name, Status FROM Task")
    assert (task["What"]["Type"], task["What"]["Name"]) == ("Case", "00001001")
    assert task["Status"] == "Not Started"
    moved = api.patch(f"/sobjects/CaseComment/{comment}", {"ParentId": case})
    assert moved.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_required_field_cannot_be_cleared(api: Api) -> None:
    contact = api.made("Contact", LastName="Meier", Phone="1")
    cleared = api.patch(f"/sobjects/Contact/{contact}", {"LastName": None})
    assert cleared.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert api.patch(f"/sobjects/Contact/{contact}", {"Phone": None}).status_code == 204


def test_users_and_queues_are_for_the_administrator(api: Api) -> None:
    queue = "00G8d0000000001EAA"
    answers = [
        api.post("/sobjects/User", {"LastName": "New", "Username": "new@example.com"}),
        api.patch(f"/sobjects/Group/{queue}", {"Name": "Other"}),
        api.delete(f"/sobjects/Group/{queue}"),
    ]
    assert [a.json()[0]["errorCode"] for a in answers] == ["INVALID_TYPE_FOR_OPERATION"] * 3
    [row] = api.delete(f"/composite/sobjects?ids={queue}").json()
    assert row["errors"][0]["statusCode"] == "INVALID_TYPE_FOR_OPERATION"
