"""What administrators change while clients are at work: the schema above all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.orgsim.process import Org, running
from tests.processes import until

from .api import KEY, Api, collection, create_and_read_back, key


def described(api: Api, name: str, sobject: str = "Case") -> dict[str, object] | None:
    """Give a field as describe shows it now."""
    fields = api.get(f"/sobjects/{sobject}/describe").json()["fields"]
    return next((f for f in fields if f["name"] == name), None)


def code(api: Api, **fields: object) -> str:
    """Create one Case in a collection and give the code of its error, "" if it was made."""
    [row] = api.create_many([fields])
    return "" if row["success"] else str(row["errors"][0]["statusCode"])


def test_a_field_can_shrink(api: Api, org: Org) -> None:
    told = org.change_field("Subject", length=20)
    assert told["length"] == 20
    shown = described(api, "Subject")
    assert shown is not None
    assert shown["length"] == 20
    assert code(api, Subject="x" * 21) == "STRING_TOO_LONG"
    assert code(api, Subject="x" * 20) == ""


def test_a_field_can_become_required(api: Api, org: Org) -> None:
    org.change_field("SuppliedName", required=True)
    assert code(api, Subject="nobody") == "REQUIRED_FIELD_MISSING"
    assert code(api, SuppliedName="Eva") == ""
    org.change_field("SuppliedName", nillable=True)
    assert code(api, Subject="nobody") == ""


def test_a_required_field_is_no_longer_filled_in_by_itself(api: Api, org: Org) -> None:
    told = org.change_field("Priority", required=True)
    assert (told["nillable"], told["defaultedOnCreate"]) == (False, False)
    assert code(api, Subject="no priority") == "REQUIRED_FIELD_MISSING"


def test_a_field_can_become_read_only(api: Api, org: Org) -> None:
    told = org.change_field(KEY, createable=False)
    assert (told["createable"], told["updateable"]) == (False, False)
    assert code(api, **{KEY: key()}) == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_field_can_change_its_type_and_its_label(api: Api, org: Org) -> None:
    org.change_field("Jtel_Requested_At__c", type="string", length=10, label="Asked")
    shown = described(api, "Jtel_Requested_At__c")
    assert shown is not None
    assert (shown["type"], shown["length"], shown["label"]) == ("string", 10, "Asked")
    assert code(api, Jtel_Requested_At__c="noon") == ""


def test_values_follow_a_change_of_type(api: Api, org: Org) -> None:
    org.add_field("Amount__c", type="string")
    api.create_many([{"Amount__c": "12.50"}, {"Amount__c": "a lot"}])
    org.change_field("Amount__c", type="double")
    case = api.case(Amount__c=7)
    rows = api.rows("SELECT Amount__c FROM Case ORDER BY Id")
    assert [r["Amount__c"] for r in rows] == [12.5, "a lot", 7.0]
    org.change_field("Amount__c", type="boolean")
    assert api.patch(f"/sobjects/Case/{case}", {"Amount__c": False}).status_code == 204
    assert api.get(f"/sobjects/Case/{case}").json()["Amount__c"] is False


def test_a_picklist_can_lose_values_and_become_strict(api: Api, org: Org) -> None:
    told = org.change_field("Origin", picklist=["Email", "Web"], restricted=True)
    assert [v["value"] for v in told["picklistValues"]] == ["Email", "Web"]
    assert told["restrictedPicklist"] is True
    assert code(api, Origin="Phone") == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert code(api, Origin="Web") == ""


def test_a_key_that_is_not_unique_any_more_lets_doubles_in(api: Api, org: Org) -> None:
    again = key()
    org.change_field(KEY, unique=False)
    for _ in range(2):
        created, found = api.post("/composite", create_and_read_back([again])).json()[
            "compositeResponse"
        ]
        assert created["body"][0]["success"] is True
    assert found["body"]["totalSize"] == 2
    assert org.audit()["duplicate_keys"] == [again]
    with pytest.raises(ValueError, match="unique: there are doubled values"):
        org.change_field(KEY, unique=True)
    shown = described(api, KEY)
    assert shown is not None
    assert shown["unique"] is False
    org.delete(found["body"]["records"][0]["Id"])
    org.change_field(KEY, unique=True)
    assert code(api, **{KEY: again}) == "DUPLICATE_VALUE"


def test_a_key_that_is_no_external_id_cannot_be_upserted_by(api: Api, org: Org) -> None:
    org.change_field(KEY, external_id=False)
    assert api.patch(f"/sobjects/Case/{KEY}/{key()}", {}).status_code == 404


def test_a_deleted_field_is_gone_for_the_api_and_not_for_the_audit(api: Api, org: Org) -> None:
    api.case(**{KEY: "kept"})
    org.remove_field(KEY)
    assert described(api, KEY) is None
    assert code(api, **{KEY: key()}) == "INVALID_FIELD"
    assert api.query(f"SELECT {KEY} FROM Case")[0]["errorCode"] == "INVALID_FIELD"
    assert (org.audit()["cases"], org.audit()["keys"]) == (1, 1)
    told = org.add_field(KEY, type="string", length=64, unique=True, external_id=True)
    assert (told["custom"], told["unique"]) == (True, True)
    assert api.rows(f"SELECT {KEY} FROM Case") == [{KEY: "kept"}]
    assert code(api, **{KEY: "kept"}) == "DUPLICATE_VALUE"


def test_pages_show_what_is_left(api: Api, org: Org) -> None:
    api.case(Subject="s", SuppliedPhone="4930")
    org.remove_field("Subject")
    page = org.session.get(f"{org.url}/lightning/o/Case/list", timeout=20)
    assert (page.status_code, "4930" in page.text, "Subject" in page.text) == (200, True, False)


def test_a_renamed_field_keeps_its_values_and_stays_unique(api: Api, org: Org) -> None:
    new = "Jtel_Key__c"
    api.case(**{KEY: "once"})
    org.rename_field(KEY, new)
    assert described(api, KEY) is None
    assert code(api, **{KEY: "other"}) == "INVALID_FIELD"
    assert code(api, **{new: "once"}) == "DUPLICATE_VALUE"
    assert api.rows(f"SELECT {new} FROM Case") == [{new: "once"}]
    assert org.audit(field=new)["keys"] == 1
    org.change_field(new, unique=False)
    assert code(api, **{new: "once"}) == ""
    org.rename_field(new, KEY)
    assert org.audit()["duplicate_keys"] == ["once"]


def test_a_field_can_take_the_name_that_a_deleted_one_had(api: Api, org: Org) -> None:
    org.add_field("Old__c", type="string")
    api.case(Old__c="old")
    org.remove_field("Old__c")
    org.add_field("New__c", type="phone")
    org.rename_field("New__c", "Old__c")
    assert api.rows("SELECT Old__c FROM Case") == [{"Old__c": None}]


def test_fields_can_be_added(api: Api, org: Org) -> None:
    org.add_field("Urgent__c", type="boolean")
    org.add_field("Caller__c", type="reference", refers_to=["Contact"])
    org.add_field("Reason__c", type="picklist", picklist=["A", "B"], restricted=True)
    told = org.add_field("Branch__c", type="string", required=True)
    assert (told["length"], told["label"], told["nillable"]) == (255, "Branch", False)
    contact = org.create("Contact", LastName="Meier")["Id"]
    case = api.case(Branch__c="Nord", Caller__c=contact, Reason__c="A")
    [row] = api.rows(f"SELECT Urgent__c, Caller__r.LastName FROM Case WHERE Id = '{case}'")
    assert (row["Urgent__c"], row["Caller__r"]["LastName"]) == (False, "Meier")
    assert code(api, Subject="no branch") == "REQUIRED_FIELD_MISSING"


def test_changes_survive_a_restart_and_end_with_a_reset(db: Path) -> None:
    with running(db) as org, Api(org) as api:
        org.change_field(KEY, unique=False)
        org.rename_field("Jtel_Requested_At__c", "Asked__c")
        api.create_many([{KEY: "twice"}, {KEY: "twice"}])
    with running(db) as org, Api(org) as api:
        assert org.audit()["duplicate_keys"] == ["twice"]
        assert described(api, "Asked__c") is not None
        org.reset()
        assert described(api, "Asked__c") is None
        assert described(api, "Jtel_Requested_At__c") is not None
        assert (code(api, **{KEY: "twice"}), code(api, **{KEY: "twice"})) == ("", "DUPLICATE_VALUE")


def test_describe_is_unchanged_until_the_schema_changes(api: Api, org: Org) -> None:
    path = "/sobjects/Case/describe"

    def status(since: str) -> int:
        return api.get(path, If_Modified_Since=since).status_code

    first = api.get(path).headers["Last-Modified"]
    assert status(first) == 304
    org.change_field("Subject", length=20)
    second = api.get(path).headers["Last-Modified"]
    assert (status(first), status(second)) == (200, 304)
    org.change_field("Subject", length=255)
    assert status(second) == 200
    third = api.get(path).headers["Last-Modified"]
    org.arm({"action": "field_hidden", "params": {"field": KEY}})
    assert status(third) == 200


def answer_around(api: Api, org: Org, change: Callable[[], object]) -> requests.Response:
    """Make an upsert wait between look-up and insert, change the org meanwhile."""
    org.settings(race_ms=1_000)
    before = org.state()["api_calls"]
    body = collection([{KEY: key()}])
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(api.patch, f"/composite/sobjects/Case/{KEY}", body)
        until(lambda: org.state()["api_calls"] > before)
        change()
        return under_way.result()


def test_a_call_that_waited_sees_the_schema_as_it_is_now(api: Api, org: Org) -> None:
    answer = answer_around(api, org, lambda: org.rename_field(KEY, "Jtel_Key__c"))
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_a_call_that_waited_writes_nothing_into_another_org(api: Api, org: Org) -> None:
    assert answer_around(api, org, org.swap).status_code == 401
    assert org.records("Case") == []


def test_the_calls_of_the_day_can_be_set(api: Api, org: Org) -> None:
    org.settings(daily_limit=15_000)
    org.used_calls(14_000)
    assert api.get("/limits").headers["Sforce-Limit-Info"] == "api-usage=14001/15000"
    org.used_calls(15_000)
    answer = api.get("/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    org.advance(7_000)  # shorter than the session lives
    assert api.get("/limits").status_code == 403
    org.used_calls(0)
    assert api.get("/limits").status_code == 200


def test_a_rolling_day_frees_the_calls_that_were_set(api: Api, org: Org) -> None:
    org.settings(daily_limit=100)
    org.used_calls(100)
    org.advance(86_460)
    with Api(org) as again:
        assert again.get("/limits").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("PATCH", "schema/Case/Subject", {"lenght": 1}, "lenght"),
        ("PATCH", "schema/Case/Subject", {"length": 0}, "length"),
        ("PATCH", "schema/Case/Subject", {"unique": 1}, "unique"),
        ("PATCH", "schema/Case/Subject", {"type": "hologram"}, "type"),
        ("PATCH", "schema/Case/Subject", {"picklist": "A"}, "picklist"),
        ("PATCH", "schema/Case/Subject", {}, "body"),
        ("PATCH", "schema/Case/Nope", {"length": 1}, "field"),
        ("PATCH", "schema/Nope/Subject", {"length": 1}, "sobject"),
        ("DELETE", "schema/Case/Nope", None, "field"),
        ("DELETE", "schema/Case/CaseNumber", None, "field"),
        ("POST", "schema/Case", {"name": "New", "type": "string"}, "name"),
        ("POST", "schema/Case", {"name": KEY, "type": "string"}, "name"),
        ("POST", "schema/Case", {"name": "New__c"}, "type"),
        ("POST", "schema/Case", {"nam": "New__c", "type": "string"}, "nam"),
        ("POST", "schema/Case", {"rename": {"Nope__c": "New__c"}}, "rename"),
        ("POST", "schema/Case", {"rename": {"Subject": "New__c"}}, "rename"),
        ("POST", "schema/Case", {"rename": {KEY: "New"}}, "rename"),
        ("POST", "schema/Case", {"rename": {KEY: "New__c"}, "length": 1}, "length"),
        ("POST", "schema/Case", [], "body"),
        ("POST", "calls", {"use": 1}, "use"),
        ("POST", "calls", {}, "used"),
    ],
)
def test_a_wrong_request_names_the_key(
    org: Org, method: str, path: str, body: object, named: str
) -> None:
    answer = org.session.request(method, f"{org.url}/__sim__/{path}", json=body, timeout=20)
    assert (answer.status_code, answer.json()["key"]) == (400, named)


def test_another_org_answers_at_the_same_url(api: Api, org: Org) -> None:
    mine = api.case(**{KEY: "mine"})
    first = api.get("/services/oauth2/userinfo").json()["organization_id"]
    org.settings(daily_limit=1_234)
    other = org.swap()
    assert other != first
    assert org.state()["org_id"] == other
    assert api.get("/limits").status_code == 401
    with Api(org) as there:
        answer = there.get("/services/oauth2/userinfo").json()
        assert answer["organization_id"] == other
        assert other in answer["sub"]
        assert there.rows("SELECT Id FROM Organization") == [{"Id": other}]
        assert there.rows("SELECT Id FROM Case") == []
        bin_and_all = "/queryAll?q=" + quote("SELECT Id FROM Case")
        assert there.get(bin_and_all).json()["totalSize"] == 0
        assert there.get(f"/sobjects/Case/{mine}").status_code == 404
        assert there.case(**{KEY: "mine"}) != mine
        assert org.state()["behaviour"]["daily_limit"] == 1_234


def test_the_first_org_comes_back_with_its_records_and_sessions(api: Api, org: Org) -> None:
    mine = api.case(**{KEY: "mine"})
    org.swap()
    org.advance(60)
    now = org.state()["now"]
    org.swap()
    assert api.rows(f"SELECT Id, {KEY} FROM Case") == [{"Id": mine, KEY: "mine"}]
    assert org.state()["now"] >= now


def test_a_reset_ends_a_swap_and_empties_both_orgs(org: Org) -> None:
    first = org.state()["org_id"]
    org.swap()
    org.create("Case")
    org.reset()
    assert org.state()["org_id"] == first
    org.swap()
    assert org.records("Case") == []
