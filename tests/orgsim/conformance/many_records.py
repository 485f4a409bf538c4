"""Expectations of collections and composite calls."""

from __future__ import annotations

from .client import KEY, Client, V, collection, composite, create_and_read_back, key, part
from .expectation import expected, holds, same


@expected("D", "REST guide, composite_sobjects_collections_create")
def results_come_in_the_order_of_the_records(org: Client) -> None:
    rows = org.create_many([{}, {"Subject": "x" * 256}, {}])
    same([r["success"] for r in rows], [True, False, True])


@expected("R", "recorded answer: the element has no id at all")
def a_failed_create_has_no_id(org: Client) -> None:
    [row] = org.create_many([{"Subject": "x" * 256}])
    holds("id" not in row, row)
    same(set(row["errors"][0]), {"statusCode", "message", "fields"})


@expected("R", "recorded answer of an upsert")
def created_is_told_by_upserts_only(org: Client) -> None:
    [made] = org.create_many([{}])
    holds("created" not in made, made)
    body = collection([{KEY: key()}])
    [row] = org.patch(f"/composite/sobjects/Case/{KEY}", body).json()
    same(row["created"], True)


@expected("M", "a clash of a plain create in a collection is a row error")
def a_clash_in_a_collection_leaves_the_other_rows(org: Client) -> None:
    again = key()
    org.case(**{KEY: again})
    rows = org.create_many([{KEY: again}, {KEY: key()}])
    same([r["success"] for r in rows], [False, True])
    error = rows[0]["errors"][0]
    same((error["statusCode"], error["fields"]), ("DUPLICATE_VALUE", []))


@expected("M", "the same key twice in one create: the first row stands")
def one_key_twice_in_a_create_makes_one_record(org: Client) -> None:
    again = key()
    rows = org.create_many([{KEY: again}, {KEY: again}])
    same([r["success"] for r in rows], [True, False])
    same(rows[1]["errors"][0]["statusCode"], "DUPLICATE_VALUE")


@expected("3", "salesforce.stackexchange 104048, 296121")
def one_key_twice_in_an_upsert_fails_both_rows(org: Client) -> None:
    again = key()
    body = collection([{KEY: again}, {KEY: again}])
    rows = org.patch(f"/composite/sobjects/Case/{KEY}", body).json()
    same([r["success"] for r in rows], [False, False])
    same(rows[0]["errors"][0]["statusCode"], "DUPLICATE_VALUE")


@expected("D", "REST guide, allOrNone")
def all_or_none_takes_back_the_good_rows(org: Client) -> None:
    rows = org.create_many([{}, {"Subject": "x" * 256}], allOrNone=True)
    same([r["success"] for r in rows], [False, False])
    same(rows[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK")


@expected("3", "Chrome-Salesforce-inspector issue 134")
def two_hundred_and_one_records_are_refused(org: Client) -> None:
    answer = org.post("/composite/sobjects", collection([{}] * 201))
    same((answer.status_code, answer.json()[0]["errorCode"]), (400, "EXCEEDED_ID_LIMIT"))


@expected("M", "an unknown field in a collection is a row error")
def an_unknown_field_fails_its_row_only(org: Client) -> None:
    rows = org.create_many([{"Nothing__c": 1}, {}])
    same([r["success"] for r in rows], [False, True])


@expected("D", "REST guide, retrieving records with a collection")
def records_are_read_by_id_with_null_for_missing_ones(org: Client) -> None:
    case = org.case()
    body = {"ids": [case, "500000000000000AAA"], "fields": ["Id"]}
    found = org.post("/composite/sobjects/Case", body).json()
    same([r and r["Id"] for r in found], [case, None])


@expected("M", "documented for reads by id; for queries by key it is an inference")
def a_query_sees_the_rows_of_the_same_call(org: Client) -> None:
    keys = [key(), key()]
    created, found = org.post("/composite", create_and_read_back(keys)).json()["compositeResponse"]
    same([r["success"] for r in created["body"]], [True, True])
    same({r[KEY] for r in found["body"]["records"]}, set(keys))


@expected("M", "that a clash does not keep the query from running follows from both flags")
def a_repeated_call_clashes_and_still_finds_the_rows(org: Client) -> None:
    body = create_and_read_back([key()])
    org.post("/composite", body)
    created, found = org.post("/composite", body).json()["compositeResponse"]
    same(created["body"][0]["errors"][0]["statusCode"], "DUPLICATE_VALUE")
    same(found["body"]["totalSize"], 1)


@expected("D", "REST guide, resources_composite_allornone")
def all_or_none_of_a_composite_undoes_every_part(org: Client) -> None:
    again = key()
    good = part("POST", "/sobjects/Case", "good", body={KEY: again})
    bad = part("POST", "/sobjects/Case", "bad", body={"Nothing__c": 1})
    first, _ = org.post("/composite", composite(good, bad, allOrNone=True)).json()[
        "compositeResponse"
    ]
    same(first["body"][0]["errorCode"], "PROCESSING_HALTED")
    same(org.rows(f"SELECT Id FROM Case WHERE {KEY} = '{again}'"), [])


@expected("D", "REST guide, references between subrequests")
def a_part_can_use_what_an_earlier_one_answered(org: Client) -> None:
    made = part("POST", "/sobjects/Case", "made", body={"Subject": "conformance"})
    read = part("GET", "/sobjects/Case/@{made.id}", "read")
    parts = org.post("/composite", composite(made, read)).json()["compositeResponse"]
    same([p["httpStatusCode"] for p in parts], [201, 200])
    same(parts[1]["body"]["Subject"], "conformance")


@expected("D", "REST guide, references that lead to no value")
def a_part_whose_reference_leads_nowhere_is_not_run(org: Client) -> None:
    bad = part("POST", "/sobjects/Case", "bad", body={"Nothing__c": 1})
    user = part("GET", "/sobjects/Case/@{bad.id}", "user")
    parts = org.post("/composite", composite(bad, user)).json()["compositeResponse"]
    [error] = parts[1]["body"]
    same((parts[1]["httpStatusCode"], error["errorCode"]), (400, "PROCESSING_HALTED"))
    holds("No value for bad.id found in bad" in error["message"], error)


@expected("D", "REST guide, requests_composite: any but Accept, Authorization, Content-Type")
def a_part_may_not_bring_its_own_authorization(org: Client) -> None:
    bad = part("GET", "/limits", "bad", httpHeaders={"Authorization": "Bearer x"})
    same(org.post("/composite", composite(bad)).status_code, 400)


@expected("D", "REST guide, limits of composite calls")
def twenty_six_parts_are_refused(org: Client) -> None:
    parts = [part("GET", "/limits", f"r{i}") for i in range(26)]
    same(org.post("/composite", composite(*parts)).status_code, 400)


@expected("M", "that the header is honoured by collections is an inference")
def the_assignment_header_of_a_part_is_honoured(org: Client) -> None:
    body = collection([{"Origin": "Phone"}])
    off = {"Sforce-Auto-Assign": "FALSE"}
    call = part("POST", "/composite/sobjects", "off", body=body, httpHeaders=off)
    answer = org.post("/composite", composite(call)).json()["compositeResponse"][0]["body"]
    me = org.get("/services/oauth2/userinfo").json()["user_id"]
    [row] = org.rows(f"SELECT OwnerId FROM Case WHERE Id = '{answer[0]['id']}'")
    same(row["OwnerId"], me)


@expected("D", "REST guide, resources-composite-allornone")
def a_create_before_a_refused_part_is_taken_back(org: Client) -> None:
    again = key()
    made = part("POST", "/sobjects/Case", "made", body={KEY: again})
    refused = part("GET", "/sobjects/Nothing__c/describe", "refused")
    first, second = org.post("/composite", composite(made, refused, allOrNone=True)).json()[
        "compositeResponse"
    ]
    same((first["httpStatusCode"], first["body"][0]["errorCode"]), (400, "PROCESSING_HALTED"))
    same((second["httpStatusCode"], second["body"][0]["errorCode"]), (404, "NOT_FOUND"))
    same(org.rows(f"SELECT Id FROM Case WHERE {KEY} = '{again}'"), [])


@expected("D", "REST guide, composite batch")
def a_batch_runs_independent_parts(org: Client) -> None:
    parts = [{"method": "GET", "url": V.removeprefix("/services/data/") + "/limits"}] * 2
    answer = org.post("/composite/batch", {"batchRequests": parts}).json()
    same((answer["hasErrors"], len(answer["results"])), (False, 2))
