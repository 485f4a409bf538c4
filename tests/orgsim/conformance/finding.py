"""Expectations of queries and searches."""

from __future__ import annotations

from urllib.parse import quote

from .client import KEY, Client, collection, key
from .expectation import expected, holds, same


@expected("D", "REST guide, resources_query")
def a_query_tells_size_end_and_records(org: Client) -> None:
    case = org.case()
    answer = org.query(f"SELECT Id FROM Case WHERE Id = '{case}'")
    same((answer["totalSize"], answer["done"]), (1, True))
    same(answer["records"][0]["attributes"]["type"], "Case")


@expected("D", "SOQL guide, comparisons ignore letter case")
def texts_are_compared_without_letter_case(org: Client) -> None:
    again = key()
    org.case(Subject=f"Aa{again}")
    same(len(org.rows(f"SELECT Id FROM Case WHERE Subject = 'aA{again}'")), 1)


@expected("D", "SOQL guide, null in conditions")
def unequal_finds_empty_fields_too(org: Client) -> None:
    again = key()
    org.case(**{KEY: again})
    soql = f"SELECT Id FROM Case WHERE {KEY} = '{again}' AND Subject != 'x'"
    same(len(org.rows(soql)), 1)


@expected("M", "remembered of the platform")
def not_in_finds_empty_fields_too(org: Client) -> None:
    again = key()
    org.case(**{KEY: again})
    soql = f"SELECT Id FROM Case WHERE {KEY} = '{again}' AND Subject NOT IN ('x')"
    same(len(org.rows(soql)), 1)


@expected("D", "SOQL guide, ORDER BY: nulls first by default")
def nulls_come_first_in_either_order(org: Client) -> None:
    again = key()
    org.create_many([{"SuppliedName": again, "Subject": s} for s in ("b", None, "a")])
    for direction, wanted in (("ASC", [None, "a", "b"]), ("DESC", [None, "b", "a"])):
        soql = f"SELECT Subject FROM Case WHERE SuppliedName = '{again}' ORDER BY Subject"
        same([r["Subject"] for r in org.rows(f"{soql} {direction}")], wanted)


@expected("D", "REST guide, resources_queryall")
def query_all_alone_shows_what_was_deleted(org: Client) -> None:
    case = org.case(**{KEY: key()})
    same(org.delete(f"/sobjects/Case/{case}").status_code, 204)
    soql = f"SELECT Id, IsDeleted, MasterRecordId FROM Case WHERE Id = '{case}'"
    same(org.rows(soql), [])
    [found] = org.get("/queryAll?q=" + quote(soql + " AND IsDeleted = true")).json()["records"]
    same((found["Id"], found["IsDeleted"], found["MasterRecordId"]), (case, True, None))


@expected("D", "object reference, fields of Case: Filter, Sort")
def a_poll_by_modification_tells_status_and_owner(org: Client) -> None:
    again = key()
    case = org.case(**{KEY: again})
    [before] = org.rows(f"SELECT SystemModstamp FROM Case WHERE Id = '{case}'")
    since = before["SystemModstamp"].replace("+0000", "Z")
    [row] = org.rows(
        "SELECT Id, CaseNumber, Status, IsClosed, ClosedDate, OwnerId, Owner.Name, SystemModstamp "
        f"FROM Case WHERE {KEY} != null AND SystemModstamp >= {since} AND {KEY} = '{again}' "
        "ORDER BY SystemModstamp, Id LIMIT 2000"
    )
    same((row["Id"], row["IsClosed"], row["ClosedDate"]), (case, False, None))
    holds(row["Owner"]["Name"], row)


@expected("D", "object reference, Group: a queue is a group of that type")
def queues_are_found_by_type(org: Client) -> None:
    for queue in org.rows("SELECT Id, DeveloperName, Name FROM Group WHERE Type = 'Queue'"):
        holds(queue["Id"].startswith("00G") and queue["DeveloperName"], queue)


@expected("D", "object reference, RecordType")
def record_types_are_found_by_object(org: Client) -> None:
    soql = "SELECT Id, DeveloperName, IsActive FROM RecordType WHERE SobjectType = 'Case'"
    told = org.get("/sobjects/Case/describe").json()["recordTypeInfos"]
    queried = {r["Id"] for r in org.rows(soql)}
    same({t["recordTypeId"] for t in told if not t["master"]}, queried)


@expected("D", "REST guide, dome_sobject_describe; SOAP guide, describeSObjects, RecordTypeInfo")
def describe_tells_what_a_mapping_needs(org: Client) -> None:
    told = org.get("/sobjects/Case/describe").json()
    same((told["keyPrefix"], told["queryable"], told["createable"]), ("500", True, True))
    fields = {f["name"]: f for f in told["fields"]}
    contact = fields["ContactId"]
    same((contact["referenceTo"], contact["relationshipName"]), (["Contact"], "Contact"))
    same([n for n, f in fields.items() if f["nameField"]], ["CaseNumber"])
    [master] = [t for t in told["recordTypeInfos"] if t["master"]]
    same((master["recordTypeId"], master["developerName"]), ("012000000000000AAA", "Master"))


@expected("M", "labels of standard fields in an English org")
def labels_are_the_names_in_words(org: Client) -> None:
    fields = {f["name"]: f for f in org.get("/sobjects/Case/describe").json()["fields"]}
    labels = [fields[n]["label"] for n in ("CaseNumber", "ContactId", "AccountId", "OwnerId")]
    same(labels, ["Case Number", "Contact ID", "Account ID", "Owner ID"])


@expected("D", "SOQL guide, long text areas")
def a_long_text_cannot_be_filtered(org: Client) -> None:
    [error] = org.query("SELECT Id FROM Case WHERE Description = 'x'")
    same(error["errorCode"], "INVALID_FIELD")
    holds("can not be filtered in a query call" in error["message"], error)


@expected("R", "recorded error")
def an_unknown_field_is_pointed_at(org: Client) -> None:
    [error] = org.query("SELECT Nothing__c FROM Case")
    same(error["errorCode"], "INVALID_FIELD")
    holds("ERROR at Row:1:Column:8" in error["message"], error)


@expected("D", "error catalogue")
def an_unknown_object_is_an_invalid_type(org: Client) -> None:
    same(org.query("SELECT Id FROM Nothing__c")[0]["errorCode"], "INVALID_TYPE")


@expected("D", "error catalogue")
def nonsense_is_malformed(org: Client) -> None:
    same(org.query("SELECT")[0]["errorCode"], "MALFORMED_QUERY")


@expected("M", "remembered of the platform")
def a_value_of_another_type_is_an_invalid_field(org: Client) -> None:
    [error] = org.query("SELECT Id FROM Case WHERE IsClosed = 'true'")
    same(error["errorCode"], "INVALID_FIELD")


@expected("D", "REST guide, headers_queryoptions: 200 at least")
def long_results_come_in_pages(org: Client) -> None:
    again = key()
    for _ in range(2):
        org.post("/composite/sobjects", collection([{"SuppliedName": again}] * 150))
    soql = quote(f"SELECT Id FROM Case WHERE SuppliedName = '{again}'")
    first = org.get("/query?q=" + soql, Sforce_Query_Options="batchSize=200").json()
    same((first["totalSize"], first["done"], len(first["records"])), (300, False, 200))
    second = org.get(first["nextRecordsUrl"]).json()
    same((second["done"], len(second["records"])), (True, 100))


@expected("D", "REST guide, resources_search")
def a_search_gives_an_object_with_records(org: Client) -> None:
    statement = "FIND {00000000000001} IN PHONE FIELDS RETURNING Contact(Id)"
    same(org.get("/search?q=" + quote(statement)).json(), {"searchRecords": []})


@expected("D", "SOSL guide, reserved characters: a bare + finds nothing")
def a_bare_plus_is_no_error(org: Client) -> None:
    statement = "FIND {+00000000000001} IN PHONE FIELDS RETURNING Contact(Id)"
    same(org.get("/search?q=" + quote(statement)).status_code, 200)


@expected("D", "REST guide, resources_search_parameterized")
def a_parameterized_search_takes_a_body(org: Client) -> None:
    body = {
        "q": "00000000000001",
        "in": "PHONE",
        "fields": ["Id"],
        "sobjects": [{"name": "Contact", "limit": 5}],
        "spellCorrection": False,
    }
    same(org.post("/parameterizedSearch/", body).json(), {"searchRecords": []})


@expected("D", "REST guide, resources_search_parameterized_post: sobjects.where")
def a_search_takes_a_condition(org: Client) -> None:
    leads = {"name": "Lead", "fields": ["Id"], "where": "IsConverted = false", "limit": 5}
    answer = org.post("/parameterizedSearch", {"q": "00000000000001", "in": "PHONE",
                                               "sobjects": [leads]})  # fmt: skip
    same((answer.status_code, answer.json()), (200, {"searchRecords": []}))


@expected("M", "an object that does not exist, and so one that may not be read")
def a_search_in_an_unknown_object_is_an_invalid_type(org: Client) -> None:
    answer = org.post("/parameterizedSearch", {"q": "1234", "sobjects": [{"name": "Nothing__c"}]})
    same((answer.status_code, answer.json()[0]["errorCode"]), (400, "INVALID_TYPE"))


@expected("D", "REST guide, resources_getupdated")
def a_span_in_the_wrong_order_is_refused(org: Client) -> None:
    span = "start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z"
    [error] = org.get("/sobjects/Case/updated/?" + span).json()
    same(error["errorCode"], "INVALID_REPLICATION_DATE")
