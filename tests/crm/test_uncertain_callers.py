"""What the search cannot tell, may not see, or is sent by somebody hostile."""

import re
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from callbacks.models.queue import NOBODY, Caller
from crm import contacts, phone_search
from crm.client import SalesforceClient
from crm.contacts import Wish, callers_of
from crm.errors import CrmLimitReached, CrmMisconfigured
from tests.crm.callers import (
    ALL,
    DEADLINE,
    EVA,
    PAUL,
    UNCERTAIN,
    caller,
    callers,
    calls,
    enter,
    enter_many,
    many,
    searches,
)
from tests.crm.calls import client_of
from tests.crm.hostile import HostileOrg, hostile, http
from tests.orgsim.process import Org

# --- what is not known


def test_the_index_lags_behind(client: SalesforceClient, org: Org) -> None:
    org.settings(search_lag_s=180)
    eva = enter(org, Phone="089 555010")
    assert caller(client, EVA) == NOBODY
    org.advance(181)
    contacts._memories.clear()
    assert caller(client, EVA).contact_id == eva


def test_too_many_records_hide_nobody(
    client: SalesforceClient, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_search, "MOST_RECORDS", 3)
    for n in range(4):
        enter(org, f"Switchboard {n}", Phone="089 555010")
    numbers = many(8)
    enter_many(client, numbers)
    found = callers(client, [*numbers, EVA])
    assert {number: found[number].name for number in numbers} == {n: n for n in numbers}
    assert found[EVA].is_uncertain
    assert len(found[EVA].candidates) == 3


def test_what_could_not_be_told_apart_is_unknown_not_none(
    client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_search, "MOST_RECORDS", 3)
    monkeypatch.setattr(contacts, "MOST_HALVES", 0)
    numbers = many(4)
    enter_many(client, numbers)
    assert set(callers(client, [*numbers, EVA]).values()) == {UNCERTAIN}


def test_one_of_perhaps_many_is_not_taken(
    client: SalesforceClient, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_search, "MOST_RECORDS", 1)
    enter(org, Phone="089 555010")
    enter(org, "Lead", "Lead", Phone="089 555010")
    assert caller(client, EVA, objects=("Contact", "Lead")) == UNCERTAIN


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "params": {"status": 503}},
        {"action": "garbage_200"},
        {"action": "drop_before"},
        {"action": "status", "params": {"status": 500, "body": "json", "code": "QUERY_TIMEOUT"}},
    ],
)
def test_a_search_without_an_answer_keeps_nobody_waiting(
    client: SalesforceClient, org: Org, fault: dict[str, Any]
) -> None:
    eva = enter(org, Phone="089 555010")
    org.arm(fault | {"match": {"op": "search"}})
    assert caller(client, EVA) == UNCERTAIN
    org.clear()
    assert caller(client, EVA).contact_id == eva


def test_a_slow_search_is_not_waited_for() -> None:
    eva = {"attributes": {"type": "Contact"}, "Id": "003", "Name": "Eva", "Phone": f"+{EVA}"}

    def late(org: HostileOrg, connection: Any, _request: Any) -> None:
        org.over.wait(2)
        connection.sendall(http(200, {"searchRecords": [eva]}))

    with hostile(late) as org:
        client = client_of(org)
        assert callers(client, [EVA], deadline=0.4) == {EVA: UNCERTAIN}
        org.over.set()
        assert callers(client, [EVA])[EVA].name == "Eva"


def test_a_lost_search_makes_only_its_own_callers_uncertain(
    client: SalesforceClient, org: Org
) -> None:
    client.probe()
    numbers = many(100)
    enter_many(client, numbers)
    org.arm({"action": "drop_before", "match": {"op": "search"}, "count": 1})
    found = callers(client, numbers)
    assert sum(caller.is_uncertain for caller in found.values()) == 50
    assert all(found[number].name in {number, ""} for number in numbers)


@pytest.mark.parametrize(
    "answer",
    [
        {"searchRecords": [{"Id": "003"}]},
        {"searchRecords": [{"attributes": {"type": "Case"}, "Id": "500"}]},
        {"searchRecords": ["Eva"]},
        {"searchRecords": [{"attributes": {"type": "Contact"}, "Id": "003", "Phone": 7}]},
        {"records": []},
        [],
    ],
)
def test_an_answer_of_another_shape_is_none(answer: Any) -> None:
    def said(_org: HostileOrg, connection: Any, _request: Any) -> None:
        connection.sendall(http(200, answer))

    with hostile(said) as org:
        assert caller(client_of(org), EVA) == UNCERTAIN


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ({"action": "limit_daily"}, CrmLimitReached),
        ({"action": "limit_concurrent"}, CrmLimitReached),
        ({"action": "api_disabled"}, CrmMisconfigured),
        ({"action": "frozen_user"}, CrmMisconfigured),
        ({"action": "session_invalid_for_rest"}, CrmMisconfigured),
    ],
)
def test_the_orgs_own_trouble_is_told(
    client: SalesforceClient, org: Org, fault: dict[str, Any], trouble: type[Exception]
) -> None:
    org.arm(fault)
    with pytest.raises(trouble):
        caller(client, EVA)


# --- what may not be read


def test_a_hidden_field_hides_no_contact(client: SalesforceClient, org: Org) -> None:
    eva = enter(org, Phone="089 555010")
    org.arm({"action": "field_hidden", "params": {"object": "Contact", "field": "HomePhone"}})
    org.arm({"action": "field_hidden", "params": {"object": "Contact", "field": "AccountId"}})
    assert caller(client, EVA) == Caller(contact_id=eva, name="Meier")
    before = calls(org)
    assert caller(client, PAUL) == NOBODY
    assert calls(org) - before == 1


def test_an_object_that_may_not_be_read_is_left_out(client: SalesforceClient, org: Org) -> None:
    org.arm({"action": "object_hidden", "params": {"object": "Contact"}})
    enter(org, "Meier KG", "Account", Phone="089 555010")
    found = caller(client, EVA, objects=("Contact", "Account"))
    assert (found.name, found.is_uncertain) == ("Meier KG", False)
    assert caller(client, PAUL, objects=("Contact", "Account")) == UNCERTAIN


def test_what_may_not_be_read_is_asked_for_again_after_minutes(
    client: SalesforceClient, org: Org
) -> None:
    eva = enter(org, Phone="089 555010")
    org.arm({"action": "object_hidden", "params": {"object": "Contact"}})
    assert caller(client, EVA) == UNCERTAIN
    org.clear()
    before = calls(org)
    assert caller(client, EVA) == UNCERTAIN
    assert calls(org) == before
    later = contacts._memory_of(client).clock() + 601
    contacts._memory_of(client).clock = lambda: later
    assert caller(client, EVA).contact_id == eva


def test_a_search_that_is_refused_whatever_is_asked_rests(
    client: SalesforceClient, org: Org
) -> None:
    refused = {"status": 403, "body": "json", "code": "FUNCTIONALITY_NOT_ENABLED"}
    org.arm({"action": "status", "match": {"op": "search"}, "params": refused})
    assert caller(client, EVA) == UNCERTAIN
    before = calls(org)
    assert caller(client, PAUL) == UNCERTAIN
    assert calls(org) == before


# --- whatever a caller sends


PIECES = st.sampled_from(
    ["4989555010", "089", " OR ", " AND ", "*", "?", '"', "'", "\\", "{", "}", "+", "-", "(", ")",
     "49*", "FIND", "\u0664\u0669", "\uff14\uff19", "\x00", "\ud800", "\n", "anonymous", "%", "_", ":", "~"]
)  # fmt: skip
HOSTILE = st.text(st.characters(exclude_categories=[]), max_size=40) | st.lists(
    PIECES, max_size=6
).map("".join)


@examples(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=st.lists(HOSTILE | st.from_regex(r"\A\d{7,17}\Z"), min_size=1, max_size=4))
def test_a_hostile_number_is_never_a_search(
    client: SalesforceClient, org: Org, texts: list[str]
) -> None:
    org.reset()
    contacts._memories.clear()
    eva = enter(org, Phone="089 555010")
    hostiles = [Wish(uuid4(), (text,), ALL) for text in texts]
    found = callers_of(client, [Wish(UUID(int=1), (EVA,), ALL), *hostiles], deadline=DEADLINE)
    assert found[UUID(int=1)].contact_id == eva
    [asked] = searches(org)
    assert re.fullmatch(r"[0-9]{4,17}( OR [0-9]{4,17})*", asked)
    for wish in hostiles:
        assert found[wish.key] == NOBODY or wish.numbers == (EVA,)


def test_the_whole_request_says_what_is_wanted(client: SalesforceClient, org: Org) -> None:
    caller(client, EVA, objects=("Contact", "Lead"))
    [body] = [entry["request"] for entry in org.log() if "parameterizedSearch" in entry["path"]]
    asked: dict[str, Any] = orjson.loads(body)
    assert (asked["in"], asked["spellCorrection"], asked["overallLimit"]) == ("PHONE", False, 1_200)
    assert [(wanted["name"], wanted["limit"]) for wanted in asked["sobjects"]] == [
        ("Contact", 600),
        ("Lead", 600),
    ]
    assert asked["sobjects"][1]["fields"] == ["Id", "Name", "IsConverted", "Phone", "MobilePhone"]
