"""simple-salesforce against the simulated org: all its ways to sign in, and its daily work."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_soql

from tests.orgsim.process import Org, running

from .api import KEY, key
from .certificate import private_pem, public_file
from .detour import detoured

USER = "integration@example.com"
DOMAIN = "demo.my"


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    """An org that takes every kind of sign-in."""
    folder = tmp_path_factory.mktemp("orgsim-clients")
    options = ("--jwt-key", str(public_file(folder)), "--password", "secret123token")
    with running(folder / "org.sqlite3", options=options) as found:
        yield found


@pytest.fixture
def session(org: Org) -> Iterator[requests.Session]:
    with detoured(org.url) as found:
        yield found


CLIENT = {"consumer_key": "demo-client", "consumer_secret": "demo-secret"}
SIGN_INS: dict[str, dict[str, Any]] = {
    "client credentials": {**CLIENT, "domain": DOMAIN},
    "JWT bearer": {"username": USER, "consumer_key": "demo-client", "privatekey": private_pem()},
    "OAuth password": {**CLIENT, "username": USER, "password": "secret123token"},
    "SOAP with security token": {
        "username": USER,
        "password": "secret123",
        "security_token": "token",
    },
    "SOAP for an organization": {
        "username": USER,
        "password": "secret123token",
        "organizationId": "00D8d0000000001EAA",
    },
}


@pytest.mark.parametrize("how", SIGN_INS)
def test_every_way_to_sign_in_leads_in(session: requests.Session, how: str) -> None:
    client = Salesforce(session=session, **SIGN_INS[how])
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000


def test_a_token_of_ones_own_is_enough(org: Org, session: requests.Session) -> None:
    client = Salesforce(session_id=org.token(), instance_url=org.url, session=session)
    assert client.query("SELECT COUNT() FROM User") == {"totalSize": 3, "done": True, "records": []}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"consumer_secret": "x", "consumer_key": "demo-client"}, "invalid_client"),
        ({"username": USER, "password": "x", "security_token": "y"}, "INVALID_LOGIN"),
    ],
)
def test_a_wrong_secret_is_refused(
    session: requests.Session, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        Salesforce(session=session, domain=DOMAIN, **changes)
    assert refused.value.code == code


@pytest.fixture
def client(session: requests.Session) -> Any:
    return Salesforce(session=session, version="62.0", **SIGN_INS["client credentials"])


def test_a_record_lives_from_creation_to_deletion(client: Any) -> None:
    made = client.Case.create({"Subject": "Call me", KEY: key()})
    assert made["success"] is True
    assert client.Case.get(made["id"])["Subject"] == "Call me"
    assert client.Case.update(made["id"], {"Status": "Closed"}) == 204
    assert client.Case.get(made["id"])["IsClosed"] is True
    assert client.Case.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Case.get(made["id"])


def test_an_upsert_tells_by_its_status_what_it_did(client: Any) -> None:
    path = f"{KEY}/{key()}"
    assert client.Case.upsert(path, {"Subject": "new"}) == 201
    assert client.Case.upsert(path, {"Subject": "changed"}) == 200
    assert client.Case.get_by_custom_id(KEY, path.partition("/")[2])["Subject"] == "changed"


def test_queries_come_whole(client: Any) -> None:
    for _ in range(11):
        records = [{"attributes": {"type": "Task"}, "Subject": "many"}] * 200
        client.restful("composite/sobjects", method="POST", json={"records": records})
    found = client.query_all(format_soql("SELECT Id FROM Task WHERE Subject = {}", "many"))
    assert found["totalSize"] == len(found["records"]) == 2_200


def test_a_search_finds_a_number(client: Any) -> None:
    client.Contact.create({"LastName": "Suchmann", "Phone": "+49 30 23125 077"})
    found = client.search("FIND {493023125077} IN PHONE FIELDS RETURNING Contact(Id, LastName)")
    assert [r["LastName"] for r in found["searchRecords"]] == ["Suchmann"]
    assert client.quick_search("493023125077")["searchRecords"]


def test_metadata_is_described(client: Any) -> None:
    fields = {f["name"] for f in client.Case.describe()["fields"]}
    assert KEY in fields
    assert "Case" in {s["name"] for s in client.describe()["sobjects"]}


def test_errors_are_understood(client: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        client.Case.create({"Subject": "x" * 256})
    assert "STRING_TOO_LONG" in str(refused.value.content)


def test_a_dead_token_is_renewed(org: Org, client: Any) -> None:
    org.arm({"action": "token_expired"})
    assert client.limits()["DailyApiRequests"]


def test_the_use_of_the_day_is_read(client: Any) -> None:
    client.limits()
    assert client.api_usage["api-usage"].total == 100_000


def test_apex_rest_is_reached(client: Any) -> None:
    said = {"CallerID": "49"}
    answer: Any = client.apexecute("jtelACD/createCallback", method="POST", data=said)
    assert answer["CallerID"] == "49"
