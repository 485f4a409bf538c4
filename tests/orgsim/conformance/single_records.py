"""Expectations of single records."""

from __future__ import annotations

import re

from .client import KEY, Client, key
from .expectation import expected, holds, same

ABSENT = "500000000000000AAA"


@expected("D", "REST guide, dome_sobject_create")
def a_create_answers_201_with_id_success_and_errors(org: Client) -> None:
    answer = org.post("/sobjects/Case", {"Subject": "conformance"})
    same((answer.status_code, set(answer.json())), (201, {"id", "success", "errors"}))
    same(len(answer.json()["id"]), 18)


@expected("D", "REST guide, examples of composite calls show the header")
def a_create_tells_the_location(org: Client) -> None:
    location = org.post("/sobjects/Case", {}).headers.get("Location", "")
    holds("/sobjects/Case/500" in location, location)


@expected("R", "recorded describe: no field but the owner is required, and that is defaulted")
def an_empty_case_is_valid(org: Client) -> None:
    same(org.post("/sobjects/Case", {}).status_code, 201)


@expected("R", "recorded answers")
def datetimes_end_in_000_and_four_zeros(org: Client) -> None:
    stamp = org.get(f"/sobjects/Case/{org.case()}?fields=CreatedDate").json()["CreatedDate"]
    holds(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000", stamp), stamp)


@expected("D", "SOAP guide, the id field type")
def an_id_of_15_characters_leads_to_the_record(org: Client) -> None:
    case = org.case()
    same(org.get(f"/sobjects/Case/{case[:15]}?fields=Id").json()["Id"], case)


@expected("D", "REST guide, dome_update_fields")
def an_update_answers_204(org: Client) -> None:
    same(org.patch(f"/sobjects/Case/{org.case()}", {"Priority": "Low"}).status_code, 204)


@expected("3", "fidelic conformance, errors-004")
def reading_a_deleted_record_says_so(org: Client) -> None:
    case = org.case()
    same(org.delete(f"/sobjects/Case/{case}").status_code, 204)
    answer = org.get(f"/sobjects/Case/{case}")
    same((answer.status_code, answer.json()[0]["errorCode"]), (404, "ENTITY_IS_DELETED"))


@expected("3", "fidelic conformance, errors-004")
def reading_a_missing_record_is_not_found(org: Client) -> None:
    answer = org.get(f"/sobjects/Case/{ABSENT}")
    same((answer.status_code, answer.json()[0]["errorCode"]), (404, "NOT_FOUND"))


@expected("D", "REST guide, dome_upsert, from version 46 on")
def an_upsert_by_key_creates_with_201_then_changes_with_200(org: Client) -> None:
    path = f"/sobjects/Case/{KEY}/{key()}"
    first, second = org.patch(path, {}), org.patch(path, {})
    same((first.status_code, second.status_code), (201, 200))
    same((first.json()["created"], second.json()["created"]), (True, False))


@expected("R", "restforce fixtures, upsert_error_response")
def an_upsert_by_an_unknown_field_is_not_found(org: Client) -> None:
    answer = org.patch("/sobjects/Case/Nothing__c/1", {})
    same((answer.status_code, answer.json()[0]["errorCode"]), (404, "NOT_FOUND"))


@expected("R", "several repositories quote it")
def the_key_of_an_upsert_must_not_be_in_the_body(org: Client) -> None:
    answer = org.patch(f"/sobjects/Case/{KEY}/{key()}", {KEY: "other"})
    same((answer.status_code, answer.json()[0]["errorCode"]), (400, "INVALID_FIELD"))


@expected("D", "REST guide, dome_upsert, updateOnly")
def an_upsert_can_be_kept_from_creating(org: Client) -> None:
    same(org.patch(f"/sobjects/Case/{KEY}/{key()}?updateOnly=true", {}).status_code, 404)


@expected("3", "salesforce.stackexchange 197382, confirmed by support")
def a_clash_names_the_record_by_its_id(org: Client) -> None:
    again = key()
    case = org.case(**{KEY: again})
    answer = org.post("/sobjects/Case", {KEY: again})
    same((answer.status_code, answer.json()[0]["errorCode"]), (400, "DUPLICATE_VALUE"))
    words = f"{KEY} duplicates value on record with id: {case[:15]}"
    holds(words in answer.json()[0]["message"], answer.json())


@expected("D", "error catalogue; the text repeats the value")
def a_text_that_is_too_long_is_refused(org: Client) -> None:
    [error] = org.post("/sobjects/Case", {"Subject": "x" * 256}).json()
    same((error["errorCode"], error["fields"]), ("STRING_TOO_LONG", ["Subject"]))
    holds("(max length=255)" in error["message"], error)


@expected("M", "whether length counts characters or UTF-16 units is not documented")
def length_counts_utf16_units(org: Client) -> None:
    same(org.post("/sobjects/Case", {"Subject": "\N{FOX FACE}" * 128}).status_code, 400)


@expected("R", "recorded error")
def an_unknown_field_is_named(org: Client) -> None:
    [error] = org.post("/sobjects/Case", {"Nothing__c": 1}).json()
    same(error["errorCode"], "INVALID_FIELD")
    holds("No such column 'Nothing__c'" in error["message"], error)


@expected("D", "SOAP guide: picklists of Case are not restricted")
def an_unknown_picklist_value_is_stored(org: Client) -> None:
    case = org.case(Origin="Carrier pigeon")
    same(org.get(f"/sobjects/Case/{case}?fields=Origin").json()["Origin"], "Carrier pigeon")


@expected("M", "the documentation says no, describe says yes")
def supplied_fields_can_be_updated(org: Client) -> None:
    case = org.case(SuppliedPhone="1")
    same(org.patch(f"/sobjects/Case/{case}", {"SuppliedPhone": "2"}).status_code, 204)


@expected("M", "remembered of the platform")
def trailing_blanks_go_and_line_ends_stay(org: Client) -> None:
    case = org.case(Description="one\r\ntwo  ")
    told = org.get(f"/sobjects/Case/{case}?fields=Description").json()["Description"]
    same(told, "one\r\ntwo")


@expected("R", "recorded describe of version 48")
def describe_tells_the_lengths_that_are_built_on(org: Client) -> None:
    fields = {f["name"]: f for f in org.get("/sobjects/Case/describe").json()["fields"]}
    wanted = {"Subject": 255, "SuppliedName": 80, "SuppliedPhone": 40, "Description": 32_000}
    same({name: fields[name]["length"] for name in wanted}, wanted)
    holds(not fields["Description"]["filterable"], fields["Description"])
    ours = fields[KEY]
    same((ours["unique"], ours["externalId"], ours["length"]), (True, True, 64))
