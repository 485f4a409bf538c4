"""Look-ups, queries and what is passed through are answered as the OpenAPI document says."""

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from callbacks.authentication import clients_by_digest
from callbacks.models import AcdClient
from callbacks.throttling import Buckets, ClientThrottle
from crm.bulkhead import Bulkhead
from crm.models import NamedQuery
from crm.passthrough import live as passing
from crm.passthrough.listed import resources
from tests import openapi
from tests.crm.asking import CALLERS, EVA, QUERY, Acd, a_route, an_acd, enter_contact, forget_all
from tests.crm.hostile import hostile, never
from tests.crm.passing import DIAL, STATISTICS, listed
from tests.orgsim.process import Org

ALIASES = {
    CALLERS: "/services/apexrest/jtelACD/getCallerInformation",
    QUERY: "/services/apexrest/jtelACD/query",
}
PASSED = "/services/apexrest/"
SOQL = "SELECT Id, LastName, Account.Name, CreatedDate FROM Contact WHERE LastName = :Param1"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)
    resources.expire()


@pytest.fixture
def acd(org: Org) -> Acd:
    NamedQuery.objects.create(name="Contacts", soql=SOQL)
    return an_acd()


def asked(path: str, acd: Acd) -> Any:
    """A question, as `path` takes one."""
    if path in {CALLERS, ALIASES[CALLERS]}:
        return acd.asks(path, CallerID=EVA)
    return acd.posts(path, Query="Contacts", Param1="Meier")


@pytest.mark.parametrize("path", [*ALIASES, *ALIASES.values()])
@pytest.mark.parametrize(("contacts", "status"), [(0, 404), (1, 200), (2, 300)])
def test_what_is_found_is_as_described(
    acd: Acd, org: Org, path: str, contacts: int, status: int
) -> None:
    for _ in range(contacts):
        enter_contact(org)
    checked(path, asked(path, acd), status)


@pytest.mark.parametrize("action", ["find_caller", "find_case"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("contacts", [0, 1, 2])
def test_what_a_route_finds_is_as_described(
    acd: Acd, org: Org, action: str, method: str, contacts: int
) -> None:
    for _ in range(contacts):
        org.create("Case", Subject="Heating", ContactId=enter_contact(org))
    a_route(action, record_when_several=True, answers={"Greeting.Name": "{{ answer.ContactName }}"})
    if method == "GET":
        openapi.is_as_described("GET", CALLERS, acd.asks(CallerID=EVA))
    else:
        openapi.is_as_described("POST", "/api/v1/callbacks", acd.posts(CallerID=EVA))


@pytest.mark.parametrize("status", [200, 300, 404])
def test_an_answer_without_the_org_is_as_described(
    acd: Acd, settings: Settings, status: int
) -> None:
    settings.SALESFORCE_URL = ""
    a_route("find_caller", late_status=status)
    checked(CALLERS, acd.asks(CallerID=EVA), status)


def as_a_stranger(path: str, _acd: Acd, _settings: Settings) -> Any:
    return Client().generic(method_of(path), path)


def from_elsewhere(path: str, acd: Acd, _settings: Settings) -> Any:
    AcdClient.objects.update(allowed_networks="192.0.2.0/24")
    clients_by_digest.expire()
    return asked(path, acd)


def by_another_method(path: str, acd: Acd, _settings: Settings) -> Any:
    return acd.http.delete(path)


def too_large(path: str, acd: Acd, settings: Settings) -> Any:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    return acd.http.generic(method_of(path), path, b"x" * 20, "application/json")


def as_xml(path: str, acd: Acd, _settings: Settings) -> Any:
    return acd.http.generic(method_of(path), path, b"<CallerID/>", "text/xml")


def as_no_json(path: str, acd: Acd, _settings: Settings) -> Any:
    return acd.http.generic(method_of(path), path, b"{", "application/json")


def too_often(path: str, acd: Acd, settings: Settings) -> Any:
    settings.ACD_REQUESTS_PER_SECOND = 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientThrottle, "_buckets", Buckets(clock=lambda: 0.0))
        return [asked(path, acd) for _ in range(2)][-1]


def by_a_fault_of_ours(path: str, acd: Acd, _settings: Settings) -> Any:
    def fails(*_: Any) -> NoReturn:
        raise RuntimeError("a fault")

    acd.http.raise_request_exception = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientThrottle, "allow_request", fails)
        return asked(path, acd)


def without_the_database(path: str, acd: Acd, _settings: Settings) -> Any:
    def away(*_: Any) -> NoReturn:
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        clients_by_digest.expire()
        return asked(path, acd)


REFUSALS: dict[int, Callable[[str, Acd, Settings], Any]] = {
    400: as_no_json,
    401: as_a_stranger,
    403: from_elsewhere,
    405: by_another_method,
    413: too_large,
    415: as_xml,
    429: too_often,
    500: by_a_fault_of_ours,
    503: without_the_database,
}


@pytest.mark.parametrize("path", [*ALIASES, *ALIASES.values()])
@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_is_as_described(acd: Acd, settings: Settings, path: str, status: int) -> None:
    checked(path, REFUSALS[status](path, acd, settings), status)


@pytest.mark.parametrize("path", [*ALIASES, *ALIASES.values()])
def test_every_status_that_is_described_can_be_seen(path: str) -> None:
    described = openapi.operation_at(method_of(path), path)["responses"]
    assert {int(status) for status in described} == {200, 300, 404, *REFUSALS}


def method_of(path: str) -> str:
    return "GET" if path in {CALLERS, ALIASES[CALLERS]} else "POST"


def checked(path: str, answer: Any, status: int) -> None:
    assert answer.status_code == status
    openapi.is_as_described(method_of(path), path, answer)


# --- passed through


def dialled(acd: Acd) -> Any:
    return acd.http.get(PASSED + DIAL, {"SalesForceID": "003", "CallerID": EVA})


def test_what_is_passed_through_is_as_described(acd: Acd, org: Org) -> None:
    listed(methods="GET", mode="live", budget_ms=10_000)
    listed(STATISTICS, methods="POST", mode="store")
    contact = enter_contact(org)
    for status, answer in {
        200: acd.http.get(PASSED + DIAL, {"SalesForceID": contact, "CallerID": EVA}),
        404: dialled(acd),
        400: acd.http.get(PASSED + DIAL),
        405: acd.http.post(PASSED + DIAL, b"{}", "application/json"),
        401: Client().get(PASSED + DIAL),
    }.items():
        assert answer.status_code == status
        openapi.is_as_described("GET", PASSED + DIAL, answer)
    stored = acd.posts(PASSED + STATISTICS, jtelStatisticsPartAID=1)
    assert stored.json()["Status"] == "stored"
    openapi.is_as_described("POST", PASSED + STATISTICS, stored)


def test_a_resource_that_is_not_listed_is_as_described(acd: Acd) -> None:
    answer = acd.http.get(f"{PASSED}jtelACD/other")
    assert answer.status_code == 404
    openapi.is_as_described("GET", PASSED + DIAL, answer)


def test_an_org_that_cannot_answer_is_as_described(
    acd: Acd, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(methods="GET", mode="live", budget_ms=200)
    with hostile(never) as silent:
        settings.SALESFORCE_URL = silent.url
        openapi.is_as_described("GET", PASSED + DIAL, no_answer(dialled(acd), 504))
    bulkhead = Bulkhead(1)
    monkeypatch.setattr(passing, "live_calls", bulkhead)
    with bulkhead.place():
        openapi.is_as_described("GET", PASSED + DIAL, no_answer(dialled(acd), 503))


def no_answer(answer: Any, status: int) -> Any:
    assert answer.status_code == status
    return answer
