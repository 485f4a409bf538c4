"""The client's way to the org's own Apex REST resources: their answers as they are."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from socket import socket
from threading import Barrier

import pytest
from pytest_django import Settings

from crm.apex import ApexAnswer, ApexRequest
from crm.client import SalesforceClient
from crm.errors import CrmLimitReached, CrmMisconfigured
from tests.crm.calls import AT_ONCE, DEADLINE, client_of, code_of
from tests.crm.hostile import (
    ORG_ID,
    Answer,
    HostileOrg,
    Request,
    drips,
    hostile,
    http,
    never,
    raw,
    says,
)
from tests.orgsim.process import Org

MOST = 10_000
DIAL = "jtelACD/onClickToDial"
SAID = {"ServiceNumber": "498946134180", "ServiceNumberName": "Hotline"}
JSON = "application/json;charset=UTF-8"


def asked(client: SalesforceClient, request: ApexRequest, seconds: float = AT_ONCE) -> ApexAnswer:
    return client.apex(request, deadline=seconds, most_bytes=MOST)


def answered_by(answer: Answer) -> ApexAnswer:
    with hostile(answer) as org:
        return asked(client_of(org), ApexRequest("GET", DIAL))


def refused_by(answer: Answer, seconds: float = AT_ONCE) -> str:
    with hostile(answer) as org:
        return code_of(lambda: asked(client_of(org), ApexRequest("GET", DIAL), seconds))


@pytest.mark.parametrize("status", [200, 204, 300, 304, 400, 401, 403, 404, 409, 429, 500, 503])
def test_the_answer_is_kept_whatever_its_status(status: int) -> None:
    body = {} if status in {204, 304} else SAID
    answer = answered_by(says(status, body or "", Content_Type=JSON))
    assert answer.status == status
    assert answer.content_type == JSON
    assert bool(answer.body) == bool(body)


def test_a_refusal_of_the_class_is_its_answer_and_asks_once() -> None:
    refusal = [{"errorCode": "FORBIDDEN", "message": "You do not have access to the Apex class."}]
    with hostile(says(403, refusal)) as org:
        assert asked(client_of(org), ApexRequest("POST", DIAL, body=b"{}")).status == 403
        assert len(org.calls) == 1


def test_method_query_media_type_and_body_arrive_as_given() -> None:
    with hostile(says(200, SAID)) as org:
        query = "CallerID=%2B49%2089&UserData=%E4&a=1;b"
        asked(client_of(org), ApexRequest("PATCH", "site/own", query, "text/plain", b"\xe4\x00"))
        came = org.calls[0]
    assert (came.method, came.path) == ("PATCH", f"/services/apexrest/site/own?{query}")
    assert (came.headers["content-type"], came.body) == ("text/plain", b"\xe4\x00")
    assert came.token == "token-1"


def test_nothing_is_said_of_a_body_that_is_not_there() -> None:
    with hostile(says(200, SAID)) as org:
        asked(client_of(org), ApexRequest("GET", DIAL))
        assert "content-type" not in org.calls[0].headers


def test_a_connection_is_used_again() -> None:
    with hostile(says(200, SAID)) as org:
        client = client_of(org)
        for _ in range(3):
            asked(client, ApexRequest("GET", DIAL))
        assert len(org._connections) == 1


def test_as_many_connections_are_kept_as_callers_may_wait(settings: Settings) -> None:
    settings.LIVE_CALLS_AT_ONCE = callers = 16
    all_ask = Barrier(callers)

    def together(org: HostileOrg, connection: socket, request: Request) -> None:
        all_ask.wait(30)
        says(200, SAID)(org, connection, request)

    with hostile(together) as org, ThreadPoolExecutor(callers) as pool:
        client = client_of(org)
        client.identity()  # signed in, over a connection of its own
        for _ in range(2):
            asked_for = [
                pool.submit(asked, client, ApexRequest("GET", DIAL), 30.0) for _ in range(callers)
            ]
            assert [each.result().status for each in asked_for] == [200] * callers
        assert len(org._connections) <= callers + 1


def test_a_redirect_is_not_followed() -> None:
    assert refused_by(says(302, "", Location="http://127.0.0.1:1/elsewhere")) == "REDIRECTED"


def test_a_page_is_no_answer() -> None:
    page = "<h1>Down for maintenance</h1>"
    assert refused_by(says(503, page, Content_Type="text/html")) == "UNREADABLE_ANSWER"


@pytest.mark.parametrize(
    "answer",
    [
        says(200, "x" * (MOST + 1)),
        raw(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 50_000_000)
        ),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4098),
    ],
    ids=["long", "packed", "endless"],
)
def test_a_huge_answer_is_not_read(answer: Answer) -> None:
    assert refused_by(answer) == "UNREADABLE_ANSWER"


@pytest.mark.parametrize(
    "answer", [never, drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"x")]
)
def test_the_deadline_is_for_the_whole_answer(answer: Answer) -> None:
    assert refused_by(answer, DEADLINE) == "NO_ANSWER"


def test_the_deadline_is_for_the_sign_in_as_well() -> None:
    with hostile(says(200), sign_in=never) as org:
        request = ApexRequest("GET", DIAL)
        assert code_of(lambda: asked(client_of(org), request, DEADLINE)) == "NO_ANSWER"
        assert not org.calls


def test_a_session_that_ended_is_renewed_once(client: SalesforceClient, org: Org) -> None:
    org.control("POST", f"apex/{DIAL}", {"status": 300, "body": SAID})
    client.identity()
    org.arm({"action": "token_expired", "count": 1})
    assert asked(client, ApexRequest("GET", DIAL)).status == 300
    org.arm({"action": "token_expired", "params": {"mode": "always"}})
    with pytest.raises(CrmMisconfigured, match="INVALID_SESSION_ID"):
        asked(client, ApexRequest("GET", DIAL))


def test_used_up_calls_are_the_orgs_refusal(client: SalesforceClient, org: Org) -> None:
    org.arm({"action": "limit_daily"})
    with pytest.raises(CrmLimitReached):
        asked(client, ApexRequest("GET", DIAL))


def test_another_org_than_ours_is_not_asked() -> None:
    def asked_of(org: HostileOrg, org_id: str) -> ApexAnswer:
        request = ApexRequest("GET", DIAL)
        return client_of(org).apex(request, deadline=AT_ONCE, most_bytes=MOST, only_org=org_id)

    with hostile(raw(http(200, SAID))) as org:
        assert asked_of(org, ORG_ID).status == 200
        assert code_of(lambda: asked_of(org, "00D8d0000000002EAA")) == "ANOTHER_ORG"
        assert len(org.calls) == 1
