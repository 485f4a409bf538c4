"""Who is calling, asked of a simulated org over a socket."""

import threading
from typing import Any

import pytest

from callbacks.models.queue import NOBODY, Caller
from crm import contacts
from crm.client import SalesforceClient
from crm.phone_search import WANTED_FIELDS, parameters, portions
from tests.crm.callers import (
    ALL,
    DEADLINE,
    EVA,
    PAUL,
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
from tests.crm.test_numbers import STORED
from tests.orgsim.process import Org

# --- who it is


def test_one_contact_with_the_number_is_the_caller(client: SalesforceClient, org: Org) -> None:
    account = enter(org, "Meier KG", "Account")
    eva = enter(org, "Meier", FirstName="Eva", AccountId=account, Phone="+49 89 555010")
    enter(org, "Fuchs", Phone="+49 89 555011")
    assert caller(client, EVA) == Caller(contact_id=eva, account_id=account, name="Eva Meier")


@pytest.mark.parametrize(("text", "number"), STORED)
def test_a_contact_is_found_however_the_number_is_stored(
    client: SalesforceClient, org: Org, text: str, number: str
) -> None:
    eva = enter(org, Phone=text)
    assert caller(client, number).contact_id == eva


@pytest.mark.parametrize("field", ["Phone", "MobilePhone", "HomePhone", "OtherPhone"])
def test_a_contact_is_found_by_each_of_its_numbers(
    client: SalesforceClient, org: Org, field: str
) -> None:
    eva = enter(org, **{field: "089 555010"})
    assert caller(client, EVA).contact_id == eva


@pytest.mark.parametrize("field", ["Fax", "AssistantPhone"])
def test_the_number_of_somebody_else_is_not_the_contacts(
    client: SalesforceClient, org: Org, field: str
) -> None:
    enter(org, **{field: "089 555010"})
    assert caller(client, EVA) == NOBODY


def test_several_are_named_and_nobody_is_guessed(client: SalesforceClient, org: Org) -> None:
    paul = enter(org, "Fuchs", FirstName="Paul", Phone="089 555010")
    lena = enter(org, "Fuchs", FirstName="Lena", MobilePhone="+49 89 555010")
    assert caller(client, EVA) == Caller(
        candidates=(
            {"object": "Contact", "id": lena, "name": "Lena Fuchs"},
            {"object": "Contact", "id": paul, "name": "Paul Fuchs"},
        )
    )


def test_at_most_ten_candidates_are_named(client: SalesforceClient, org: Org) -> None:
    for n in range(12):
        enter(org, f"Fuchs {n:02}", Phone="089 555010")
    assert [found["name"] for found in caller(client, EVA).candidates] == [
        f"Fuchs {n:02}" for n in range(10)
    ]


def test_an_unknown_caller_is_nobody(client: SalesforceClient, org: Org) -> None:
    enter(org, Phone="089 555011")
    assert caller(client, EVA) == NOBODY


def test_the_digits_of_another_country_do_not_count(client: SalesforceClient, org: Org) -> None:
    enter(org, Phone="089 555010")
    assert caller(client, "4389555010") == NOBODY
    assert searches(org)[0].split(" OR ")[3] == "089555010"


def test_the_first_object_in_which_somebody_is_found_decides(
    client: SalesforceClient, org: Org
) -> None:
    contact = enter(org, "Contact", Phone="089 555010")
    lead = enter(org, "Lead", "Lead", Phone="089 555010")
    account = enter(org, "Account", "Account", Phone="089 555010")
    assert caller(client, EVA, objects=ALL).contact_id == contact
    assert caller(client, EVA, objects=("Lead", "Contact")) == Caller(
        name="Lead", candidates=({"object": "Lead", "id": lead, "name": "Lead"},)
    )
    assert caller(client, EVA, objects=("Account",)) == Caller(account_id=account, name="Account")
    org.delete(contact)
    contacts._memories.clear()
    assert caller(client, EVA, objects=("Contact", "Account")).account_id == account


def test_a_converted_lead_is_no_lead_any_more(client: SalesforceClient, org: Org) -> None:
    org.convert(enter(org, "Neu", "Lead", Phone="089 555010"))
    assert caller(client, EVA, objects=("Lead",)) == NOBODY


def test_the_number_to_call_back_tells_as_well(client: SalesforceClient, org: Org) -> None:
    paul = enter(org, "Fuchs", Phone="089 555011")
    assert caller(client, EVA, PAUL).contact_id == paul
    enter(org, "Meier", Phone="089 555010")
    contacts._memories.clear()
    assert [found["name"] for found in caller(client, EVA, PAUL).candidates] == ["Fuchs", "Meier"]


def test_one_contact_with_both_numbers_is_one(client: SalesforceClient, org: Org) -> None:
    eva = enter(org, Phone="089 555010", MobilePhone="089 555011")
    assert caller(client, EVA, PAUL).contact_id == eva


def test_nobody_is_searched_without_a_number_or_an_object(
    client: SalesforceClient, org: Org
) -> None:
    assert caller(client) == NOBODY
    assert caller(client, EVA, objects=()) == NOBODY
    assert calls(org) == 0


# --- how many searches


def test_two_hundred_callers_take_four_searches(client: SalesforceClient, org: Org) -> None:
    numbers = many(200)
    enter_many(client, numbers)
    before = calls(org)
    found = callers(client, numbers)
    assert {number: found[number].name for number in numbers} == {n: n for n in numbers}
    assert calls(org) - before == 4


@pytest.mark.parametrize("digits", [8, 11, 12, 13, 15])
def test_no_search_is_longer_than_operators_live(digits: int) -> None:
    numbers = many(200, digits=digits)
    asked = [parameters(portion, WANTED_FIELDS)["q"] for portion in portions(numbers)]
    assert max(map(len, asked)) <= 4_000
    assert len(asked) <= 6
    assert sum(len(portion) for portion in portions(numbers)) == 200


def test_searches_are_out_at_the_same_time() -> None:
    together = threading.Barrier(4, timeout=DEADLINE / 2)

    def answer(_org: HostileOrg, connection: Any, _request: Any) -> None:
        together.wait()
        connection.sendall(http(200, {"searchRecords": []}))

    with hostile(answer) as org:
        assert set(callers(client_of(org), many(200)).values()) == {NOBODY}


def test_a_caller_who_calls_again_costs_nothing(client: SalesforceClient, org: Org) -> None:
    eva = enter(org, Phone="089 555010")
    assert caller(client, EVA).contact_id == eva
    assert caller(client, PAUL) == NOBODY
    before = calls(org)
    assert caller(client, EVA).contact_id == eva
    assert caller(client, PAUL) == NOBODY
    assert calls(org) == before


def test_what_was_found_is_forgotten_after_a_minute(client: SalesforceClient, org: Org) -> None:
    assert caller(client, EVA) == NOBODY
    eva = enter(org, Phone="089 555010")
    assert caller(client, EVA) == NOBODY
    later = contacts._memory_of(client).clock() + 61
    contacts._memory_of(client).clock = lambda: later
    assert caller(client, EVA).contact_id == eva


def test_no_more_is_remembered_than_there_is_room_for(
    client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "MOST_KEPT", 5)
    numbers = many(9)
    callers(client, numbers)
    kept = [key for _, (_, key) in contacts._memory_of(client)._findings]
    assert kept == numbers[-5:]


def test_what_one_sign_in_found_does_not_count_for_the_next(
    client: SalesforceClient, org: Org
) -> None:
    eva = enter(org, Phone="089 555010")
    assert caller(client, EVA).contact_id == eva
    org.swap()
    org.arm({"action": "token_expired"})
    client.probe()
    assert caller(client, EVA) == NOBODY
