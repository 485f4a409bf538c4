"""What people do in the org's own pages, as the API shows it afterwards."""

from urllib.parse import quote

import pytest

from tests.orgsim.process import Org

from .api import KEY, Api, key

AGENT = "0058d0000000003AAA"


def bin_of(api: Api, fields: str = "Id") -> list[dict[str, object]]:
    """Read the deleted Cases."""
    soql = f"SELECT {fields} FROM Case WHERE IsDeleted = true ORDER BY SystemModstamp, Id"
    records = api.get("/queryAll?q=" + quote(soql)).json()["records"]
    return [{k: v for k, v in r.items() if k != "attributes"} for r in records]


def test_an_agent_deletes_a_case(api: Api, org: Org) -> None:
    kept, gone = api.case(), api.case()
    org.advance(60)
    org.delete(gone)
    [binned] = bin_of(api, "Id, IsDeleted, MasterRecordId, SystemModstamp, CreatedDate")
    assert (binned["Id"], binned["IsDeleted"], binned["MasterRecordId"]) == (gone, True, None)
    assert str(binned["SystemModstamp"]) > str(binned["CreatedDate"])
    assert [r["Id"] for r in api.rows("SELECT Id FROM Case WHERE IsDeleted = false")] == [kept]
    assert api.rows("SELECT Id FROM Case WHERE IsDeleted = true") == []
    with pytest.raises(ValueError, match="no such record"):
        org.delete(gone)


def test_the_losers_of_a_merge_name_the_record_that_was_kept(api: Api, org: Org) -> None:
    master, first, second = api.case(), api.case(**{KEY: "first"}), api.case(**{KEY: "second"})
    org.advance(60)
    org.merge(master, first, second)
    assert bin_of(api, f"Id, MasterRecordId, {KEY}") == [
        {"Id": first, "MasterRecordId": master, KEY: "first"},
        {"Id": second, "MasterRecordId": master, KEY: "second"},
    ]
    soql = f"SELECT Id FROM Case WHERE MasterRecordId = '{master}'"
    assert api.get("/queryAll?q=" + quote(soql)).json()["totalSize"] == 2
    [row] = api.rows("SELECT Id, LastModifiedById, SystemModstamp, CreatedDate FROM Case")
    assert (row["Id"], row["LastModifiedById"]) == (master, AGENT)
    assert row["SystemModstamp"] > row["CreatedDate"]
    assert api.get(f"/sobjects/Case/{first}").json()[0]["errorCode"] == "ENTITY_IS_DELETED"


def test_contacts_can_be_merged_too_and_tasks_cannot(api: Api, org: Org) -> None:
    kept, lost = (org.create("Contact", LastName=n)["Id"] for n in ("Meier", "Maier"))
    org.merge(kept, lost)
    assert [c["LastName"] for c in org.records("Contact")] == ["Meier"]
    tasks = [org.create("Task", Subject="Call")["Id"] for _ in range(2)]
    with pytest.raises(ValueError, match="Task records cannot be merged"):
        org.merge(*tasks)


def test_a_merge_of_other_kinds_of_too_many_or_of_itself_is_refused(api: Api, org: Org) -> None:
    case, other, contact = api.case(), api.case(), api.made("Contact", LastName="Meier")
    for losers in ([contact], [case], [other, other], [], [api.case() for _ in range(3)]):
        with pytest.raises(ValueError, match="losers"):
            org.merge(case, *losers)
    with pytest.raises(ValueError, match='"key":"master"'):
        org.merge("nonsense", other)
    assert bin_of(api) == []


def test_an_agent_enters_a_record(api: Api, org: Org) -> None:
    again = key()
    entered = org.create("Case", **{KEY: again, "Subject": "By hand"})
    assert (entered["CreatedById"], entered["OwnerId"]) == (AGENT, AGENT)
    assert api.get(f"/sobjects/Case/{KEY}/{again}?fields=Subject").json()["Subject"] == "By hand"
    with pytest.raises(ValueError, match="DUPLICATE_VALUE"):
        org.create("Case", **{KEY: again})


def test_what_an_agent_does_shows_up_in_a_poll_by_modification(api: Api, org: Org) -> None:
    untouched = api.case(**{KEY: "untouched"})
    case = api.case(**{KEY: "edited"})
    org.advance(60)
    org.edit(case, OwnerId=AGENT, Status="Closed")
    [before] = api.rows(f"SELECT SystemModstamp FROM Case WHERE Id = '{untouched}'")
    since = before["SystemModstamp"].replace("+0000", "Z")
    [row] = api.rows(
        "SELECT Id, CaseNumber, Status, IsClosed, ClosedDate, Owner.Name, Owner.Type FROM Case "
        f"WHERE {KEY} != null AND SystemModstamp > {since} AND IsClosed = true "
        f"AND ClosedDate > {since} AND Owner.Name = 'Anna Agent' "
        "ORDER BY SystemModstamp, Id LIMIT 2000"
    )
    assert (row["Id"], row["Status"], row["IsClosed"]) == (case, "Closed", True)
    assert (row["Owner"]["Name"], row["Owner"]["Type"]) == ("Anna Agent", "User")
    assert row["ClosedDate"] > before["SystemModstamp"]


def test_a_converted_lead_says_so(api: Api, org: Org) -> None:
    lead = org.create("Lead", LastName="Neu", Company="Neu & Partner", Phone="+49 30 23125099")[
        "Id"
    ]
    open_leads = "SELECT Id FROM Lead WHERE IsConverted = false"
    assert api.rows(open_leads) == [{"Id": lead}]
    org.convert(lead)
    assert api.rows(open_leads) == []
    assert api.get(f"/sobjects/Lead/{lead}?fields=IsConverted").json()["IsConverted"] is True
    with pytest.raises(ValueError, match="only leads"):
        org.convert(api.case())


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("merge", {"winner": "x"}, "winner"),
        ("merge", {"losers": []}, "master"),
        ("merge", {"master": "x", "losers": "y"}, "losers"),
        ("records/Case", [], "body"),
        ("records/Case", {"Nope": 1}, "INVALID_FIELD"),
    ],
)
def test_a_wrong_request_names_the_key(org: Org, path: str, body: object, named: str) -> None:
    answer = org.session.post(f"{org.url}/__sim__/{path}", json=body, timeout=20)
    assert (answer.status_code, answer.json()["key"]) == (400, named)
