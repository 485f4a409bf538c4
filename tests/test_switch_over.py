"""One program does what an ACD does all day; whether the org answers it or we do, is the same to it.

The site's configuration here gives the call flow the variables that the org's own classes gave it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acd import Acd, Variable, variables
from tests.orgsim import process as orgsim
from tests.orgsim.org import USERNAME
from tests.orgsim.process import Org
from tests.processes import Installation, until

SERVICE = "498946134180"
EVA, SHARED, STRANGER = "493023125001", "493023125005", "498955599"  # as the org's seed has them
NO_RECORD = "003000000000000AAA"
PARTS = 3
PASSWORD = "password-and-token"
SITE = """
from callbacks.models import AnswerField, FunctionRoute
from crm.models import NamedQuery
FunctionRoute.objects.update(wait_ms=10_000)
who = FunctionRoute.objects.create(
    name="Who", function="WHO", action="find_caller", find_caller_in="Contact", budget_ms=10_000
)
AnswerField.objects.create(route=who, name="Contact.Id", template="{{ answer.ContactID }}")
AnswerField.objects.create(route=who, name="Contact.Name", template="{{ answer.ContactName }}")
NamedQuery.objects.create(
    name="CaseByNumber",
    soql="SELECT CaseNumber, Subject, Status FROM Case WHERE CaseNumber = :Param1",
    budget_ms=10_000,
)
"""

Heard = dict[str, Any]


@dataclass
class Day:
    """What an ACD asks in a day, and what its call flows hear: a status, and what they read."""

    acd: Acd
    contact: str
    case_number: str

    def heard(self) -> dict[str, Heard]:
        return {
            "a known caller": self._who(EVA, "Contact.Id", "Contact.Name"),
            "one of several": self._who(SHARED, "Count"),
            "a stranger": self._who(STRANGER),
            "a wish by call flow": self._sent("createCallback", self._base(), "CallerID"),
            "a wish by ACD group": self._sent("createCallback", self._event("493023125002", 1)),
            "a voice mail": self._sent("createVoiceMail", self._event("493023125003", 2)),
            "a Case by number": self._query(self.case_number, "CaseNumber", "Subject", "Status"),
            "no such Case": self._query("99999999"),
            "a click": self._click(self.contact, "ServiceNumber", "ServiceNumberName"),
            "a click on nothing": self._click(NO_RECORD),
            "half a click": self._click(""),
            **{f"figures {part}": self._figures(part) for part in range(PARTS)},
        }

    def _who(self, number: str, *names: str) -> Heard:
        asked = {"CallerID": number, "ServiceNumber": SERVICE, "Function": "WHO", "UserData": ""}
        return _read(self.acd.get("getCallerInformation", **asked), *names)

    def _sent(self, resource: str, fields: dict[str, Any], *names: str) -> Heard:
        """With its Case, whose number is another one every time."""
        answer = self.acd.post(resource, json=fields)
        number = variables(answer)["CaseNumber"]
        return _read(answer, *names) | {"a number": str(number).isdecimal()}

    def _query(self, number: str, *names: str) -> Heard:
        asked = {
            "Query": "CaseByNumber",
            "Param1": number,
            "Param2": "",
            "Param3": "",
            "Param4": "",
        }
        return _read(self.acd.post("query", json=asked), *names)

    def _click(self, record: str, *names: str) -> Heard:
        asked = {"SalesForceID": record, "CallerID": EVA, "AgentUID": "agent1"}
        return _read(self.acd.get("onClickToDial", **asked), *names)

    def _figures(self, part: int) -> Heard:
        figures = {
            "SalesForceID": self.contact,
            "jtelStatisticsPartAID": part,
            "AgentUID": "agent1",
            "bOutbound": 0,
            "CallerID": EVA,
            "ServiceNumber": SERVICE,
        }
        return {"status": self.acd.post("writeCallStatistics", json=figures).status_code}

    @staticmethod
    def _base() -> dict[str, Any]:
        return {
            "CallerID": EVA,
            "ServiceNumber": SERVICE,
            "ServiceName": "Service Hotline",
            "Function": "CALLBACK",
            "UserData": "4711",
            "UserData2": "",
            "UserData3": "",
        }

    @staticmethod
    def _event(caller: str, number: int) -> dict[str, Any]:
        return {
            "Caller": f"+{caller}",
            "CallbackNumber": f"+{caller}",
            "ServiceNumbersNumber": SERVICE,
            "ServiceNumbersName": "Service Hotline",
            "AcdGroupsID": 12,
            "AcdGroupsName": "B2B",
            "AcdGroupsForeignSystemID": "SERVICE_B2B",
            "dtCallStart": "2026-11-20T09:12:04",
            "dtCallEnd": "2026-11-20T09:14:31",
            "AcdEventsID": number,
            "Subject": "Callback",
            "Body": "Please call back.",
        }


def _read(answer: Any, *names: str) -> Heard:
    said: dict[str, Variable] = variables(answer)
    return {"status": answer.status_code} | {name: said[name] for name in names}


def a_day_at(org: Org, acd: Acd) -> dict[str, Heard]:
    contact = next(one["Id"] for one in org.records("Contact") if one["Name"] == "Eva Meier")
    case_number = min(str(case["CaseNumber"]) for case in org.records("Case"))
    return Day(acd, str(contact), case_number).heard()


def callers_with_a_case(org: Org) -> list[str]:
    """Of those who asked today: the seed's own Cases name no telephone."""
    phones = (case["SuppliedPhone"] for case in org.records("Case"))
    return sorted(str(phone).removeprefix("+") for phone in phones if phone)


def activities(org: Org) -> list[tuple[str, str]]:
    tasks = sorted(org.records("Task"), key=lambda task: str(task["Id"]))
    return [(str(task["WhoId"]), str(task["Description"])) for task in tasks]


def with_password(user: str, password: str) -> dict[str, str]:
    """What the form of an old release says instead; password and token run together."""
    return {"grant_type": "password", "username": user, "password": password}


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[Org]:
    """An org that an ACD talks to without us."""
    options = ("--password", PASSWORD)
    with orgsim.running(tmp_path / "theirs.sqlite3", options=options) as running:
        running.seed()
        yield running


@pytest.fixture
def ours(org: Org, installation: Installation) -> Installation:
    """A bridge in front of another org with the same people in it."""
    org.seed()
    installation.talk_to(org)
    installation.python(SITE)
    installation.start_web(workers=1)
    installation.start_worker()
    installation.start_beat()
    return installation


def test_only_url_id_and_secret_change(theirs: Org, org: Org, ours: Installation) -> None:
    before = a_day_at(theirs, Acd(theirs.url, theirs.client_id, theirs.client_secret))
    after = a_day_at(org, Acd(ours.url, *ours.client))
    assert after == before
    statuses = [heard["status"] for heard in after.values()]
    assert statuses == [200, 300, 404, 200, 200, 200, 200, 404, 200, 404, 400, *[200] * PARTS]
    assert callers_with_a_case(org) == callers_with_a_case(theirs)
    until(lambda: len(activities(org)) == PARTS)
    assert activities(org) == activities(theirs)


def test_an_old_release_is_switched_over_with_its_password(
    theirs: Org, installation: Installation
) -> None:
    said = installation.manage("create_acd_client", "Old ACD", "--user-name", USERNAME)
    client_id, secret, user, password = re.findall(r": +(\S+)", said)
    installation.start_web(workers=1)
    before = Acd(
        theirs.url, theirs.client_id, theirs.client_secret, more=with_password(USERNAME, PASSWORD)
    )
    after = Acd(installation.url, client_id, secret, more=with_password(user, password))
    for acd in (before, after):
        acd.sign_in()
        assert acd.call("POST", "createCallback", json={"CallerID": STRANGER}).ok
