"""Searching for numbers and names."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.orgsim import sosl
from tests.orgsim.errors import ApiError
from tests.orgsim.process import Org

from .api import Api


@pytest.fixture
def people(api: Api, org: Org) -> Api:
    """The people of the demo."""
    org.seed()
    return api


def found(api: Api, statement: str) -> list[str]:
    """Run a search and give the names."""
    answer = api.get("/search?q=" + quote(statement))
    assert answer.status_code == 200, answer.text
    return [r.get("Name", r["attributes"]["type"]) for r in answer.json()["searchRecords"]]


def by_number(api: Api, text: str) -> list[str]:
    """Search contacts by number."""
    return found(api, f"FIND {{{text}}} IN PHONE FIELDS RETURNING Contact(Id, Name)")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("493023125001", ["Eva Meier"]),
        ("00493023125002", ["Jonas Meier"]),
        ("03023125003", ["Karin Voss"]),
        ("03023125004", ["Ahmet Yildiz"]),
        ("493023125005", ["Lena Fuchs", "Paul Fuchs"]),
        ("1713920001", []),
        ("491713920001", ["Eva Meier"]),
        ("14155550142", ["John Smith"]),
        ("4930231*", ["Eva Meier", "Lena Fuchs", "Paul Fuchs"]),
    ],
)
def test_numbers_are_found_by_their_digits(people: Api, text: str, names: list[str]) -> None:
    assert by_number(people, text) == names


def test_nothing_bridges_the_country_code(people: Api) -> None:
    assert by_number(people, "03023125001") == []
    assert by_number(people, "493023125003") == []


def test_a_bare_plus_spoils_a_term_and_an_escaped_one_does_not(people: Api) -> None:
    assert by_number(people, "+493023125001") == []
    assert by_number(people, "\\+493023125001") == ["Eva Meier"]


def test_variants_are_joined_by_or(people: Api) -> None:
    assert by_number(people, "493023125003 OR 03023125003 OR 3023125003") == ["Karin Voss"]
    assert by_number(people, "493023125001 493023125005") == []


def test_over_4000_characters_operators_are_dropped(people: Api) -> None:
    many = " OR ".join(["493023125001"] * 250)
    assert by_number(people, many) == ["Eva Meier"]
    assert by_number(people, many + " OR 493023125002" + " OR 1" * 100) == []


def test_over_10000_characters_nothing_is_found(people: Api) -> None:
    assert by_number(people, "493023125001 " * 800) == []


def test_several_objects_can_be_searched_each_with_its_limit(people: Api) -> None:
    statement = (
        "FIND {4930231* OR 4930231250*} IN PHONE FIELDS RETURNING Contact(Name LIMIT 1), Lead"
    )
    assert found(people, statement) == ["Eva Meier", "Lead"]


def test_names_are_found_by_words(people: Api) -> None:
    assert found(people, "FIND {meier} IN NAME FIELDS RETURNING Contact(Name)") == [
        "Eva Meier",
        "Jonas Meier",
    ]
    assert found(people, "FIND {Nord*} RETURNING Account(Name)") == ["Nordlicht Reisen AG"]
    assert found(people, "FIND {mei} IN NAME FIELDS RETURNING Contact(Name)") == []


def test_a_parameterized_search_finds_the_same(people: Api) -> None:
    body = {
        "q": "493023125005",
        "in": "PHONE",
        "fields": ["Id", "Name"],
        "sobjects": [{"name": "Contact", "limit": 5}],
        "spellCorrection": False,
    }
    records = people.post("/parameterizedSearch/", body).json()["searchRecords"]
    assert [r["Name"] for r in records] == ["Lena Fuchs", "Paul Fuchs"]
    url = "/parameterizedSearch?q=493023125001&in=PHONE&sobject=Contact&Contact.fields=Name"
    assert people.get(url).json()["searchRecords"][0]["Name"] == "Eva Meier"


def parameterized(api: Api, text: str, *sobjects: dict[str, Any], **more: Any) -> list[str]:
    """Search numbers with parameters and give the names."""
    body = {"q": text, "in": "PHONE", "fields": ["Name"], "sobjects": sobjects, **more}
    return [r["Name"] for r in api.post("/parameterizedSearch", body).json()["searchRecords"]]


def test_a_parameterized_search_follows_the_same_rules(people: Api) -> None:
    contacts = {"name": "Contact"}
    assert parameterized(people, "+493023125001", contacts) == []
    assert parameterized(people, "03023125001", contacts) == []
    variants = "493023125003 OR 03023125003"
    assert parameterized(people, variants, contacts) == ["Karin Voss"]
    assert parameterized(people, variants + " OR 03023125003" * 300, contacts) == []
    assert parameterized(people, "03023125003 " * 900, contacts) == []


def test_each_object_and_the_whole_result_have_a_limit(people: Api) -> None:
    everybody = "4930231250* OR 493023125099"
    contacts, leads = {"name": "Contact", "limit": 2}, {"name": "Lead"}
    assert parameterized(people, everybody, contacts, leads) == [
        "Eva Meier",
        "Lena Fuchs",
        "Nina Neu",
    ]
    assert parameterized(people, everybody, contacts, leads, overallLimit=1) == ["Eva Meier"]
    assert parameterized(people, everybody, {"name": "Contact"}, defaultLimit=1) == ["Eva Meier"]


def test_a_condition_chooses_among_what_was_found(people: Api, org: Org) -> None:
    nina = {"q": "493023125099", "in": "PHONE", "fields": ["Id"]}
    still_open = {"name": "Lead", "where": "IsConverted = false"}
    [lead] = people.post("/parameterizedSearch", {**nina, "sobjects": [still_open]}).json()[
        "searchRecords"
    ]
    org.convert(lead["Id"])
    assert parameterized(people, "493023125099", still_open) == []
    assert parameterized(people, "493023125099", {"name": "Lead"}) == ["Nina Neu"]
    wrong = {"name": "Lead", "where": "Nothing = 1"}
    answer = people.post("/parameterizedSearch", {**nina, "sobjects": [wrong]})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")


def test_only_records_that_the_user_may_see_are_found(people: Api, org: Org) -> None:
    assert by_number(people, "493023125001") == ["Eva Meier"]
    org.arm({"action": "private_sharing", "params": {"object": "Contact"}})
    assert by_number(people, "493023125001") == []


@pytest.mark.parametrize("text", ["030-23125003", "*23125003", "(030)23125003", "030'23125003"])
def test_reserved_characters_spoil_a_term(people: Api, text: str) -> None:
    assert by_number(people, text) == []


def test_the_index_lags_behind(people: Api, org: Org) -> None:
    org.settings(search_lag_s=180)
    assert by_number(people, "493023125001") == []
    org.advance(200)
    assert by_number(people, "493023125001") == ["Eva Meier"]


def test_only_searchable_objects_can_be_searched(people: Api) -> None:
    answer = people.get("/search?q=" + quote("FIND {x} RETURNING Group(Id)"))
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "FIND x",
        "FIND {}",
        "FIND {x} IN SIDEBAR FIELDS",
        "FIND {x} RETURNING Contact(Id WHERE Name = 'x')",
        "FIND {x} WITH DIVISION = 'x'",
    ],
)
def test_what_is_not_understood_is_refused(statement: str) -> None:
    with pytest.raises(ApiError) as refused:
        sosl.parse(statement)
    assert refused.value.code == "MALFORMED_SEARCH"


@pytest.mark.parametrize(
    "body", [{"q": "1", "sobjects": 7}, {"q": "1", "defaultLimit": "many"}, {"sobjects": ["x"]}]
)
def test_wrong_parameters_are_a_parser_error(api: Api, body: dict[str, Any]) -> None:
    answer = api.post("/parameterizedSearch", body)
    assert answer.status_code == 400


def test_apex_answers_are_canned_and_can_be_replaced(people: Api, org: Org) -> None:
    apex = "/services/apexrest/jtelACD"
    taken = people.post(f"{apex}/createCallback", {"CallerID": "4930"})
    assert (taken.status_code, taken.json()["CallerID"]) == (200, "4930")
    look_up = f"{apex}/getCallerInformation?CallerID="
    statuses = [people.get(look_up + n).status_code for n in ("493023125001", "493023125005", "1")]
    assert statuses == [200, 300, 404]
    org.control("POST", "apex/jtelACD/query", {"status": 300, "body": {"Count": 2}})
    assert people.post(f"{apex}/query", {}).json() == {"Count": 2}
    assert people.get(f"{apex}/createCallback").status_code == 405
    assert people.get(f"{apex}/nothing").status_code == 404


def test_dialling_by_a_click_needs_a_record_that_is_there(people: Api, org: Org) -> None:
    contact = org.records("Contact")[0]["Id"]
    dial = "/services/apexrest/jtelACD/onClickToDial?CallerID=4930"
    shown = people.get(f"{dial}&SalesForceID={contact}")
    assert (shown.status_code, sorted(shown.json())) == (
        200,
        ["ServiceNumber", "ServiceNumberName"],
    )
    assert people.get(f"{dial}&SalesForceID=003000000000000AAA").status_code == 404
    assert people.get(dial).status_code == 400


def test_each_part_of_a_calls_figures_becomes_an_activity(people: Api, org: Org) -> None:
    contact = org.records("Contact")[0]["Id"]
    figures = {"SalesForceID": contact, "jtelStatisticsPartAID": 7, "bOutbound": 0}
    for _ in range(2):
        answer = people.post("/services/apexrest/jtelACD/writeCallStatistics", figures)
        assert answer.status_code == 200
    assert [task["WhoId"] for task in org.records("Task")] == [contact, contact]
