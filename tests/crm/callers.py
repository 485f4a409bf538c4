"""Callers, the contacts they are, and the searches that find them."""

import re
from uuid import uuid4

from callbacks.models.queue import Caller
from crm.client import SalesforceClient, Subrequest
from crm.contacts import Wish, callers_of
from tests.orgsim.process import Org

EVA, PAUL = "4989555010", "4989555011"
ALL = ("Contact", "Lead", "Account")
UNCERTAIN = Caller(is_uncertain=True)
DEADLINE = 10.0


def enter(org: Org, name: str = "Meier", sobject: str = "Contact", **fields: str) -> str:
    named = {"Name": name} if sobject == "Account" else {"LastName": name}
    more = {"Company": "Meier KG"} if sobject == "Lead" else {}
    return str(org.create(sobject, **named, **more, **fields)["Id"])


def enter_many(client: SalesforceClient, numbers: list[str]) -> None:
    records = [
        {"attributes": {"type": "Contact"}, "LastName": number, "Phone": f"+{number}"}
        for number in numbers
    ]
    body = {"allOrNone": True, "records": records}
    path = client.data_path("composite/sobjects")
    client.composite([Subrequest("POST", path, "enter", body)], deadline=DEADLINE)


def caller(
    client: SalesforceClient, *numbers: str, objects: tuple[str, ...] = ("Contact",)
) -> Caller:
    wish = Wish(uuid4(), numbers, objects)
    return callers_of(client, [wish], deadline=DEADLINE)[wish.key]


def callers(
    client: SalesforceClient, numbers: list[str], *, deadline: float = DEADLINE
) -> dict[str, Caller]:
    wishes = {number: Wish(uuid4(), (number,), ("Contact",)) for number in numbers}
    found = callers_of(client, list(wishes.values()), deadline=deadline)
    return {number: found[wish.key] for number, wish in wishes.items()}


def searches(org: Org) -> list[str]:
    """What was searched for, each time."""
    bodies = [entry["request"] for entry in org.log() if "parameterizedSearch" in entry["path"]]
    return [re.findall(r'"q":"(.*?)(?:"|$)', body)[0] for body in bodies]


def calls(org: Org) -> int:
    return int(org.state()["api_calls"])


def many(count: int, *, digits: int = 12) -> list[str]:
    return [str(49 * 10 ** (digits - 2) + 3_000_000 + n) for n in range(count)]
