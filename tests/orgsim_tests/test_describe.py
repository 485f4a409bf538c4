"""What describe tells of objects, fields and record types, and what can be looked up besides."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.orgsim.process import Org

from .api import KEY, Api, collection, composite, key, part

REQUEST = "Callback_Request__c"


def fields_of(api: Api, sobject: str) -> dict[str, dict[str, Any]]:
    """Give the fields of an sObject by name."""
    return {f["name"]: f for f in api.get(f"/sobjects/{sobject}/describe").json()["fields"]}


def test_an_object_tells_what_it_is_and_what_can_be_done_with_it(api: Api) -> None:
    told = api.get("/sobjects/Case/describe").json()
    assert (told["keyPrefix"], told["label"], told["labelPlural"]) == ("500", "Case", "Cases")
    assert (told["queryable"], told["createable"], told["mergeable"]) == (True, True, True)
    assert (told["custom"], told["searchable"]) == (False, True)
    group = api.get("/sobjects/Group/describe").json()
    assert (group["queryable"], group["createable"]) == (True, False)


def test_a_reference_tells_where_it_points(api: Api) -> None:
    fields = fields_of(api, "Case")
    assert fields["ContactId"]["referenceTo"] == ["Contact"]
    assert fields["ContactId"]["relationshipName"] == "Contact"
    assert set(fields["OwnerId"]["referenceTo"]) == {"Group", "User"}
    assert fields["Subject"]["relationshipName"] is None


def test_labels_are_words(api: Api) -> None:
    fields = fields_of(api, "Case")
    labels = {n: fields[n]["label"] for n in ("CaseNumber", "ContactId", "Subject", KEY)}
    assert labels == {
        "CaseNumber": "Case Number",
        "ContactId": "Contact ID",
        "Subject": "Subject",
        KEY: "Callback Key",
    }


@pytest.mark.parametrize(
    ("sobject", "name"), [("Case", "CaseNumber"), ("Contact", "Name"), (REQUEST, "Name")]
)
def test_one_field_is_the_name(api: Api, sobject: str, name: str) -> None:
    assert [f["name"] for f in fields_of(api, sobject).values() if f["nameField"]] == [name]


@pytest.mark.parametrize(
    ("sobject", "numbers"),
    [
        ("Contact", {"Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "Fax"}),
        ("Lead", {"Phone", "MobilePhone", "Fax"}),
        ("Account", {"Phone", "Fax"}),
    ],
)
def test_numbers_are_phone_fields_that_a_search_covers(
    api: Api, org: Org, sobject: str, numbers: set[str]
) -> None:
    fields = fields_of(api, sobject)
    assert {n for n, f in fields.items() if f["type"] == "phone"} == numbers
    named = {"Account": {"Name": "Meier"}, "Lead": {"LastName": "Meier", "Company": "M"}}
    for last, name in enumerate(sorted(numbers)):
        org.create(sobject, **named.get(sobject, {"LastName": "Meier"}), **{name: f"030 55{last}"})
        statement = f"FIND {{03055{last}}} IN PHONE FIELDS RETURNING {sobject}(Id, {name})"
        [found] = api.get("/search?q=" + quote(statement)).json()["searchRecords"]
        assert found[name] == f"030 55{last}"


def test_record_types_are_listed_with_the_master_last(api: Api) -> None:
    *types, master = api.get("/sobjects/Case/describe").json()["recordTypeInfos"]
    assert [(t["developerName"], t["active"], t["available"], t["master"]) for t in types] == [
        ("Callback", True, True, False),
        ("Complaint", True, False, False),
        ("Fax", False, False, False),
    ]
    assert (master["name"], master["master"]) == ("Master", True)
    assert master["recordTypeId"] == "012000000000000AAA"
    assert all(t["recordTypeId"].startswith("012") and t["name"] for t in types)
    [only] = api.get("/sobjects/Contact/describe").json()["recordTypeInfos"]
    assert only["master"] is True


def test_record_types_can_be_queried_and_used(api: Api) -> None:
    [row] = api.rows(
        "SELECT Id, Name, IsActive FROM RecordType "
        "WHERE SobjectType = 'Case' AND DeveloperName = 'Callback'"
    )
    case = api.case(RecordTypeId=row["Id"])
    where = "WHERE RecordType.DeveloperName = 'Callback'"
    assert api.rows(f"SELECT Id FROM Case {where}") == [{"Id": case}]
    assert api.get(f"/sobjects/Case/{api.case()}").json()["RecordTypeId"] is None


@pytest.mark.parametrize("name", ["Complaint", "Fax"])
def test_a_record_type_that_the_user_was_not_given_is_refused(
    api: Api, org: Org, name: str
) -> None:
    [row] = api.rows(f"SELECT Id FROM RecordType WHERE DeveloperName = '{name}'")
    [result] = api.create_many([{"RecordTypeId": row["Id"]}])
    assert result["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    assert result["errors"][0]["fields"] == ["RecordTypeId"]
    assert org.create("Case", RecordTypeId=row["Id"])["RecordTypeId"] == row["Id"]


def test_queues_are_groups_of_a_type_and_can_own_cases(api: Api) -> None:
    queues = api.rows("SELECT Id, DeveloperName, Name FROM Group WHERE Type = 'Queue'")
    assert [q["DeveloperName"] for q in queues] == ["Callbacks", "Second_Level"]
    assert len(api.rows("SELECT Id FROM Group")) == 3
    made = api.post(
        "/sobjects/Case", {"OwnerId": queues[1]["Id"]}, Sforce_Auto_Assign="FALSE"
    ).json()["id"]
    [case] = api.rows(f"SELECT Owner.Name, Owner.Type FROM Case WHERE Id = '{made}'")
    assert (case["Owner"]["Name"], case["Owner"]["Type"]) == ("Second Level", "Group")


def test_an_object_that_the_user_may_not_read_does_not_exist(api: Api, org: Org) -> None:
    org.seed()
    org.arm({"action": "object_hidden", "params": {"object": "Contact"}})
    search = {"q": "493023125001", "in": "PHONE", "sobjects": [{"name": "Contact"}]}
    refused = api.post("/parameterizedSearch", search)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALID_TYPE")
    query = api.get("/query?q=SELECT+Id+FROM+Contact")
    assert (query.status_code, query.json()[0]["errorCode"]) == (400, "INVALID_TYPE")
    assert api.get("/sobjects/Contact/describe").status_code == 404
    assert "Contact" not in {s["name"] for s in api.get("/sobjects").json()["sobjects"]}
    assert api.get("/sobjects/Lead/describe").status_code == 200
    assert api.case()


def test_a_custom_object_describes_itself(api: Api) -> None:
    told = api.get(f"/sobjects/{REQUEST}/describe").json()
    assert (told["custom"], told["keyPrefix"], told["label"]) == (True, "a00", "Callback Request")
    fields = {f["name"]: f for f in told["fields"]}
    assert (fields[KEY]["unique"], fields[KEY]["externalId"]) == (True, True)
    assert {n: f["type"] for n, f in fields.items() if f["custom"]} == {
        KEY: "string",
        "Number__c": "phone",
        "Due__c": "datetime",
        "Urgent__c": "boolean",
        "Amount__c": "double",
        "Stage__c": "picklist",
        "Case__c": "reference",
    }
    assert fields["Case__c"]["relationshipName"] == "Case__r"
    assert (fields["Amount__c"]["precision"], fields["Amount__c"]["scale"]) == (8, 2)
    assert fields["Stage__c"]["restrictedPicklist"] is True


def test_a_custom_object_is_created_once_by_key_and_read_back(api: Api, org: Org) -> None:
    again, case = key(), api.case(Subject="parent")
    record = {
        KEY: again,
        "Name": "Eva Meier",
        "Number__c": "+493023125001",
        "Due__c": "2026-11-23T10:00:00+01:00",
        "Urgent__c": True,
        "Amount__c": 12.5,
        "Stage__c": "New",
        "Case__c": case,
    }
    soql = f"SELECT Id, Due__c, Urgent__c, Case__r.Subject FROM {REQUEST} WHERE {KEY} = '{again}'"
    body = composite(
        part("POST", "/composite/sobjects", "create", body=collection([record], REQUEST)),
        part("GET", "/query?q=" + quote(soql), "found"),
    )
    created, found = api.post("/composite", body).json()["compositeResponse"]
    assert created["body"][0]["success"] is True
    [row] = found["body"]["records"]
    assert (row["Due__c"], row["Urgent__c"]) == ("2026-11-23T09:00:00.000+0000", True)
    assert row["Case__r"]["Subject"] == "parent"
    clash, _ = api.post("/composite", body).json()["compositeResponse"]
    assert clash["body"][0]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
    assert org.audit(object=REQUEST)["keys"] == 1
    org.change_field(KEY, REQUEST, unique=False)
    api.post("/composite", body)
    assert org.audit(object=REQUEST)["duplicate_keys"] == [again]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("Stage__c", "Lost", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Amount__c", 1_000_000, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Case__c", "5008d0000000zzzAAA", "INVALID_CROSS_REFERENCE_KEY"),
        ("Number__c", "0" * 41, "STRING_TOO_LONG"),
    ],
)
def test_a_custom_object_minds_its_types(api: Api, field: str, value: object, code: str) -> None:
    [row] = api.post("/composite/sobjects", collection([{field: value}], REQUEST)).json()
    assert row["errors"][0]["statusCode"] == code
    assert row["errors"][0]["fields"] in ([field], [])
