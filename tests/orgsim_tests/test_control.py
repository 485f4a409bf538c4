"""The control plane besides faults."""

from pathlib import Path

import pytest

from tests.orgsim.process import Org, running
from tests.orgsim.scenarios import SCENARIOS

from .api import KEY, Api, create_and_read_back, key

AGENT = "0058d0000000003AAA"


def test_the_state_counts_calls_and_records(api: Api, org: Org) -> None:
    api.case()
    state = org.state()
    assert state["api_calls"] == 1
    assert state["records"]["Case"] == 1


def test_records_come_with_all_their_fields(api: Api, org: Org) -> None:
    api.case(Subject="s")
    [record] = org.records("Case")
    assert record["Subject"] == "s"
    assert {"Id", "CaseNumber", KEY, "SystemModstamp", "IsClosed"} <= set(record)
    with pytest.raises(ValueError, match="no such sObject"):
        org.records("Nothing")


def test_an_agent_edits_and_closes_a_case(api: Api, org: Org) -> None:
    case = api.case(Origin="Phone")
    edited = org.edit(case, OwnerId=AGENT, Status="Closed")
    assert (edited["OwnerId"], edited["IsClosed"]) == (AGENT, True)
    assert edited["LastModifiedById"] == AGENT
    with pytest.raises(ValueError, match="No such column 'Nope'"):
        org.edit(case, Nope=1)


def test_the_audit_sees_what_the_api_took_from_an_agent(api: Api, org: Org) -> None:
    case, left_alone = api.case(Origin="Phone"), api.case(Origin="Phone")
    for record in (case, left_alone):
        org.edit(record, OwnerId=AGENT, Status="Working")
    assert org.audit()["reassigned_after_owner_change"] == []
    api.patch(f"/sobjects/Case/{case}", {"Status": "New"})
    audit = org.audit()
    assert audit["reassigned_after_owner_change"] == [case]
    assert audit["status_overwritten"] == [case]


def test_the_audit_counts_cases_and_keys(api: Api, org: Org) -> None:
    api.create_many([{KEY: key()}, {KEY: key()}, {}])
    assert org.audit() == {
        "cases": 3,
        "keys": 2,
        "duplicate_keys": [],
        "reassigned_after_owner_change": [],
        "status_overwritten": [],
        "rows_committed_but_client_saw_error": 0,
    }


def test_the_audit_finds_doubled_values_of_any_field(api: Api, org: Org) -> None:
    api.create_many([{"Subject": "same"}, {"Subject": "same"}, {"Subject": "other"}])
    assert org.control("GET", "audit", field="Subject")["duplicate_keys"] == ["same"]
    with pytest.raises(ValueError, match="no such field"):
        org.control("GET", "audit", field="Nope")


def test_twenty_percent_loss_is_seen_by_the_audit_and_not_by_the_client(api: Api, org: Org) -> None:
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "rate": 0.2, "seed": 7})
    acknowledged: set[str] = set()
    for _ in range(50):
        try:
            answer = api.post("/composite", create_and_read_back([key() for _ in range(4)]))
        except OSError:
            continue
        acknowledged |= {r[KEY] for r in answer.json()["compositeResponse"][1]["body"]["records"]}
    audit = org.audit()
    assert audit["keys"] == 200
    lost = audit["rows_committed_but_client_saw_error"]
    assert lost == 200 - len(acknowledged)
    assert 0 < lost < 100


def test_a_frozen_user_can_neither_sign_in_nor_call(api: Api, org: Org) -> None:
    org.freeze()
    assert api.get("/limits").status_code == 401
    with pytest.raises(OSError, match="400"):
        org.token()
    org.freeze(frozen=False)
    assert api.get("/limits").status_code == 200


def test_the_clock_can_be_advanced(api: Api, org: Org) -> None:
    before = org.state()["now"]
    org.advance(86_400)
    assert org.state()["now"] > before
    assert api.get("/limits").status_code == 401  # the session is older than two hours now


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_scenarios_can_be_played(api: Api, org: Org, name: str) -> None:
    org.play(name, seed=5)
    assert [f["action"] for f in org.state()["faults"]] == [f["action"] for f in SCENARIOS[name]]
    try:
        api.post("/composite", create_and_read_back([key()]))
    except OSError:
        assert name != "calm"
    org.play("calm")
    assert org.state()["faults"] == []


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("scenarios/nothing", {}, "name"),
        ("scenarios/lossy", {"sed": 1}, "sed"),
        ("settings", {"race": 1}, "race"),
        ("settings", {"race_ms": "1"}, "race_ms"),
        ("settings", {"soft_quota": 1}, "soft_quota"),
        ("clock", {"advance": 1}, "advance"),
        ("clock", {"advance_s": 0}, "advance_s"),
        ("clock", {"advance_s": 1e18}, "advance_s"),
        ("users/integration", {}, "frozen"),
        ("records/5008d0000000zzzAAA", {}, "id"),
        ("apex/x", {"stats": 1}, "stats"),
    ],
)
def test_wrong_control_input_names_the_key(
    org: Org, path: str, body: dict[str, object], named: str
) -> None:
    answer = org.session.post(f"{org.url}/__sim__/{path}", json=body, timeout=20)
    assert (answer.status_code, answer.json()["key"]) == (400, named)


def test_a_body_that_is_no_json_is_refused(org: Org) -> None:
    answer = org.session.post(f"{org.url}/__sim__/faults", data="{", timeout=20)
    assert (answer.status_code, answer.json()["key"]) == (400, "body")


def test_a_reset_empties_the_org_and_keeps_the_sessions(api: Api, org: Org) -> None:
    api.case()
    org.arm({"action": "maintenance"})
    org.reset()
    assert api.get("/limits").status_code == 200
    assert org.state()["records"]["Case"] == 0
    assert org.state()["records"]["User"] == 3


def test_the_demo_starts_with_people(db: Path) -> None:
    with running(db, options=("--seed-demo", "--contact-requests")) as org:
        assert org.state()["records"]["Contact"] == 8
        assert org.state()["records"]["ContactRequest"] == 0
    with running(db, options=("--seed-demo",)) as again:
        assert again.state()["records"]["Contact"] == 8
