"""What an ACD asks for and we do not answer goes to the org's own resource, over sockets."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from callbacks.models import AcdClient
from crm import client as client_module
from crm.bulkhead import Bulkhead, live_calls
from crm.meanings import MEANINGS
from crm.models import Org, StoredRequest
from crm.passthrough.listed import resources
from crm.passthrough.org_state import org_state
from tests.crm.hostile import ORG_ID, Answer, HostileOrg, hostile, never, raw, says
from tests.crm.passing import DIAL, SECRET, STATISTICS, Caller, an_acd, listed
from tests.orgsim import process as orgsim

pytestmark = pytest.mark.django_db(transaction=True)

JSON = "application/json;charset=UTF-8"
SAID = {"ServiceNumber": "498946134180", "ServiceNumberName": "Hotline"}
LONG = 3_600.0


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    resources.expire()
    org_state.expire()
    monkeypatch.setattr(client_module, "_shared", None)


@pytest.fixture
def acd(live_server: LiveServer) -> Caller:
    return an_acd(live_server.url)


@pytest.fixture
def theirs(settings: Settings) -> Iterator[HostileOrg]:
    """An org that answers every resource alike, and keeps all that came."""
    with hostile(says(200, SAID, Content_Type=JSON)) as org:
        settings.SALESFORCE_URL = org.url
        settings.SALESFORCE_CLIENT_ID, settings.SALESFORCE_CLIENT_SECRET = "id", "secret"
        yield org


def answering(org: HostileOrg, answer: Answer) -> None:
    org.answer = answer


def test_status_and_answer_are_kept(acd: Caller, theirs: HostileOrg) -> None:
    listed(methods="GET")
    statuses = (200, 201, 300, 400, 401, 403, 404, 409, 429, 500, 503)
    for status in statuses:
        answering(theirs, says(status, SAID, Content_Type=JSON))
        answer = acd.dials(CallerID="4989555010")
        assert (answer.status_code, answer.json()) == (status, SAID)
        assert answer.headers["Content-Type"] == JSON
    assert len(theirs.calls) == len(statuses)


def test_an_empty_answer_stays_empty(acd: Caller, theirs: HostileOrg) -> None:
    listed(methods="GET")
    answering(theirs, raw(b"HTTP/1.1 204 None\r\n\r\n"))
    answer = acd.dials()
    assert (answer.status_code, answer.content) == (204, b"")


def test_method_query_media_type_and_body_are_kept(acd: Caller, theirs: HostileOrg) -> None:
    listed("site/own", methods="POST PUT PATCH DELETE")
    query = "CallerID=%2B4989&UserData=%C3%A4%20%25&empty=&twice=1&twice=2"
    body = '{"Name": "Müller", "n": 12345678901234567890}'.encode()
    headers = {**SECRET, "Content-Type": "application/json; charset=utf-8"}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        acd.asks(method, f"site/own?{query}", data=body, headers=headers)
        came = theirs.calls[-1]
        assert (came.method, came.path) == (method, f"/services/apexrest/site/own?{query}")
        assert came.headers["content-type"] == "application/json; charset=utf-8"
        assert came.body == body


def test_a_slash_at_the_end_makes_no_difference(acd: Caller, theirs: HostileOrg) -> None:
    listed(methods="GET")
    assert acd.asks("GET", f"{DIAL}/?a=1").status_code == 200
    assert theirs.calls[0].path == f"/services/apexrest/{DIAL}?a=1"


def test_no_header_of_the_acds_goes_there(acd: Caller, theirs: HostileOrg) -> None:
    listed(methods="POST")
    noise = {
        "Cookie": "session=hush",
        "X-Forwarded-For": "203.0.113.7",
        "X-PrettyPrint": "1",
        "Sforce-Call-Options": "client=someone",
        "Accept": "application/xml",
        "User-Agent": "ACD",
        "Content-Type": "application/json",
    }
    acd.asks("POST", DIAL, data=b"{}", headers={**SECRET, **noise})
    assert theirs.calls[0].headers == {
        "host": theirs.url.removeprefix("http://"),
        "user-agent": "jtelbridge/1",
        "sforce-call-options": "client=jtelbridge/1",
        "accept": "application/json",
        "accept-encoding": "gzip, deflate",
        "connection": "keep-alive",
        "content-type": "application/json",
        "content-length": "2",
        "authorization": "Bearer token-1",
    }


def test_no_header_of_the_orgs_comes_back(acd: Caller, theirs: HostileOrg) -> None:
    listed(methods="GET")
    noise = {"Set_Cookie": "BrowserId=x", "Sforce_Limit_Info": "api-usage=1/9", "X_Own": "x"}
    answering(theirs, says(200, SAID, Content_Type=JSON, **noise))
    came_back = {name.lower() for name in acd.dials().headers}
    assert came_back & {"set-cookie", "sforce-limit-info", "x-own"} == set()


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("jtelACD/other", {}),
        (DIAL, {"enabled": False}),
        ("jtelacd/onclicktodial", {}),
        (f"{DIAL}%2F..%2Fother", {}),
        (f"/{DIAL}", {}),
    ],
)
def test_what_is_not_on_the_list_is_not_reached(
    path: str, facts: dict[str, Any], acd: Caller, theirs: HostileOrg
) -> None:
    listed(**{"methods": "GET", "enabled": True, **facts})
    answer = acd.asks("GET", path)
    assert (answer.status_code, answer.json()["Error"]) == (404, "not_found")
    assert "An administrator can put it there" in answer.json()["Message"]
    assert theirs.requests == []


@pytest.mark.parametrize("method", ["POST", "DELETE", "HEAD", "OPTIONS"])
def test_another_method_is_refused(method: str, acd: Caller, theirs: HostileOrg) -> None:
    listed(methods="GET")
    assert acd.asks(method, DIAL).status_code == 405
    assert theirs.requests == []


@pytest.mark.parametrize("query", ["_HttpMethod=DELETE", "a=1&_httpmethod=PATCH", "%5FHttpMethod"])
def test_a_method_cannot_be_smuggled(query: str, acd: Caller, theirs: HostileOrg) -> None:
    listed("site/own", methods="POST")
    answer = acd.asks("POST", f"site/own?{query}", data=b"{}")
    assert (answer.status_code, theirs.requests) == (405, [])


@pytest.mark.parametrize("path", [DIAL, "jtelACD/other"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
def test_strangers_learn_nothing(
    path: str, headers: dict[str, str], acd: Caller, theirs: HostileOrg
) -> None:
    listed(methods="GET")
    answer = acd.asks("GET", path, headers=headers)
    assert (answer.status_code, answer.json()["Error"]) == (401, "not_authenticated")
    assert theirs.requests == []


def test_a_reader_only_reads(live_server: LiveServer, theirs: HostileOrg) -> None:
    reader = an_acd(live_server.url, kind=AcdClient.Kind.READER)
    listed(methods="GET POST")
    assert reader.dials().status_code == 200
    assert reader.asks("POST", DIAL, data=b"{}").status_code == 403
    assert len(theirs.calls) == 1


def test_who_asks_too_often_is_told_so(acd: Caller, theirs: HostileOrg, settings: Settings) -> None:
    listed(methods="GET")
    settings.ACD_REQUESTS_PER_SECOND = 1
    assert 429 in {acd.dials().status_code for _ in range(5)}


@pytest.mark.parametrize("mode", ["live", "store"])
def test_large_bodies_are_refused(
    mode: str, acd: Caller, theirs: HostileOrg, settings: Settings
) -> None:
    listed("site/own", methods="POST", mode=mode, most_bytes=1_000)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000
    for size in (1_001, 2_001):
        answer = acd.asks("POST", "site/own", data=b"x" * size)
        assert (answer.status_code, answer.json()["Error"]) == (413, "too_large")
    assert theirs.requests == []
    assert not StoredRequest.objects.exists()


def test_large_answers_are_refused(acd: Caller, theirs: HostileOrg) -> None:
    listed(methods="GET", most_bytes=1_000)
    answering(theirs, says(200, "x" * 1_001))
    answer = acd.dials()
    assert (answer.status_code, answer.json()["Error"]) == (503, "salesforce_unavailable")


@pytest.mark.parametrize("silent", ["resource", "sign-in"])
def test_a_silent_org_costs_no_more_than_the_budget(
    silent: str, acd: Caller, theirs: HostileOrg
) -> None:
    listed(methods="GET", budget_ms=300)
    if silent == "sign-in":
        theirs.sign_in = never
    else:
        answering(theirs, never)
    answer = acd.dials()
    assert (answer.status_code, answer.json()["Error"]) == (504, "no_answer_in_time")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    "answer",
    [
        says(302, "", Location="http://127.0.0.1:1/"),
        says(503, "<h1>Maintenance</h1>", Content_Type="text/html"),
        raw(b"no HTTP at all"),
        says(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "Limit exceeded."}]),
    ],
    ids=["redirect", "page", "noise", "limit"],
)
def test_what_is_no_answer_is_said_to_be_none(
    answer: Answer, acd: Caller, theirs: HostileOrg
) -> None:
    listed(methods="GET")
    answering(theirs, answer)
    told = acd.dials()
    assert (told.status_code, told.json()["Error"]) == (503, "salesforce_unavailable")
    assert set(told.json()) == {"Error", "Message"}


def pausing(code: str) -> None:
    Org.objects.current()
    Org.note_trouble(code, MEANINGS[code], retry_in=LONG)


def test_an_org_in_trouble_is_not_asked(acd: Caller, theirs: HostileOrg) -> None:
    listed(methods="GET")
    pausing("NO_CONNECTION")
    answer = acd.dials()
    assert (answer.status_code, answer.json()["Error"]) == (503, "salesforce_unavailable")
    assert answer.json()["Message"].startswith("Salesforce cannot be reached from here.")
    assert answer.headers["Retry-After"] == "60"
    assert theirs.requests == []


def test_trouble_with_cases_alone_stops_nobody_at_a_telephone(
    acd: Caller, theirs: HostileOrg
) -> None:
    listed(methods="GET")
    pausing("QUOTA_RESERVE")
    assert acd.dials().status_code == 200


@pytest.mark.parametrize(("org_id", "status"), [(ORG_ID, 200), ("00D8d0000000002EAA", 503)])
def test_only_our_own_org_is_asked(
    org_id: str, status: int, acd: Caller, theirs: HostileOrg
) -> None:
    listed(methods="GET")
    Org.objects.create(org_id=org_id)
    assert acd.dials().status_code == status
    assert len(theirs.calls) == (status == 200)


def test_nobody_queues_for_the_org(acd: Caller, theirs: HostileOrg) -> None:
    listed(methods="GET")
    with live_calls.place() as got:
        assert got
        answer = acd.dials()
        assert (answer.status_code, answer.json()["Error"]) == (503, "too_busy")
        assert answer.headers["Retry-After"] == "1"
    assert theirs.requests == []
    assert acd.dials().status_code == 200


def test_who_waits_for_the_org_holds_no_connection() -> None:
    bulkhead = Bulkhead(1)
    connection.ensure_connection()
    with bulkhead.place(), bulkhead.place() as second:
        assert connection.connection is None
        assert not second


def test_without_an_org_that_is_said(acd: Caller, settings: Settings, theirs: HostileOrg) -> None:
    listed(methods="GET")
    settings.SALESFORCE_URL = ""
    answer = acd.dials()
    assert (answer.status_code, answer.json()["Error"]) == (503, "salesforce_unavailable")


def test_the_org_dials_by_a_click_through_us(acd: Caller, org: orgsim.Org) -> None:
    contact = org.create("Contact", LastName="Lindner", Phone="+4989555010")["Id"]
    listed(methods="GET")
    answer = acd.dials(SalesForceID=contact, CallerID="4989555010")
    assert (answer.status_code, "ServiceNumber" in answer.json()) == (200, True)
    unknown = acd.dials(SalesForceID="003000000000000AAA", CallerID="4989555010")
    assert unknown.status_code == 404


def test_a_stored_request_is_answered_before_it_is_sent(acd: Caller, theirs: HostileOrg) -> None:
    listed(STATISTICS, methods="POST", mode="store")
    pausing("NO_CONNECTION")
    answer = acd.asks("POST", f"{STATISTICS}?part=1", json={"jtelStatisticsPartAID": 7})
    assert (answer.status_code, answer.json()["Status"]) == (200, "stored")
    assert theirs.requests == []
    stored = StoredRequest.objects.get()
    assert (stored.method, stored.path, stored.query) == ("POST", STATISTICS, "part=1")
    assert (stored.content_type, bytes(stored.body)) == (
        "application/json",
        b'{"jtelStatisticsPartAID": 7}',
    )
    assert (stored.status, stored.client) == ("pending", AcdClient.objects.get())


def test_a_request_that_cannot_be_stored_is_not_confirmed(
    acd: Caller, theirs: HostileOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(STATISTICS, methods="POST", mode="store")
    assert acd.asks("POST", STATISTICS, data=b"{}").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE crm_storedrequest RENAME TO elsewhere")
    try:
        answer = acd.asks("POST", STATISTICS, data=b"{}")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO crm_storedrequest")
    assert (answer.status_code, answer.json()["Error"]) == (503, "not_stored")
