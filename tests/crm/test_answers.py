"""Answers that no org should give, and what becomes of them."""

import json
from typing import Any

import pytest

from crm.errors import CrmError, CrmLimitReached, CrmMisconfigured, CrmRejected, CrmUnavailable
from crm.wire import Subresponse
from tests.crm.calls import AT_ONCE, WELL_SAID, client_of, create
from tests.crm.hostile import Answer, hostile, http, raw, says


def rest(code: str, message: str = "no") -> list[dict[str, str]]:
    return [{"errorCode": code, "message": message}]


MAINTENANCE = "<html><body>We are down for maintenance.</body></html>"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"


@pytest.mark.parametrize(
    ("answer", "trouble", "code"),
    [
        (says(503, MAINTENANCE), CrmUnavailable, "UNREADABLE_ANSWER"),
        (says(200, MAINTENANCE), CrmUnavailable, "UNREADABLE_ANSWER"),
        (says(200, ""), CrmUnavailable, "UNREADABLE_ANSWER"),
        (says(200, "5"), CrmUnavailable, "UNREADABLE_ANSWER"),
        (says(200, "[" * 100_000), CrmUnavailable, "UNREADABLE_ANSWER"),
        (says(500, rest("UNKNOWN_EXCEPTION")), CrmUnavailable, "UNKNOWN_EXCEPTION"),
        (says(503, rest("SERVER_UNAVAILABLE")), CrmUnavailable, "SERVER_UNAVAILABLE"),
        (says(502, rest("SOMETHING_NEW")), CrmUnavailable, "SOMETHING_NEW"),
        (says(302, "", Location="/moved"), CrmUnavailable, "REDIRECTED"),
        (raw(b""), CrmUnavailable, "BROKEN_ANSWER"),
        (raw(HALF), CrmUnavailable, "BROKEN_ANSWER"),
        (raw(b"\x00\xff not HTTP at all\r\n\r\n"), CrmUnavailable, "BROKEN_ANSWER"),
        (
            raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno"),
            CrmUnavailable,
            "BROKEN_ANSWER",
        ),
        (says(400, rest("JSON_PARSER_ERROR")), CrmRejected, "JSON_PARSER_ERROR"),
        (says(400, rest("SOMETHING_NEW")), CrmRejected, "SOMETHING_NEW"),
        (says(431, "<html>Bad Message 431</html>"), CrmRejected, "REQUEST_TOO_LARGE"),
        (says(400, rest("INVALID_FIELD")), CrmMisconfigured, "INVALID_FIELD"),
        (says(403, rest("API_DISABLED_FOR_ORG")), CrmMisconfigured, "API_DISABLED_FOR_ORG"),
        (says(403, rest("SOMETHING_NEW")), CrmMisconfigured, "SOMETHING_NEW"),
        (says(404, rest("NOT_FOUND")), CrmMisconfigured, "NOT_FOUND"),
        (says(404, "<html>no such page</html>"), CrmMisconfigured, "NOT_AN_ORG"),
        (says(410, "gone"), CrmMisconfigured, "UNSUPPORTED_API_VERSION"),
        (says(403, rest("REQUEST_LIMIT_EXCEEDED")), CrmLimitReached, "REQUEST_LIMIT_EXCEEDED"),
    ],
)
def test_each_answer_becomes_one_of_four_errors(
    answer: Answer, trouble: type[CrmError], code: str
) -> None:
    with hostile(answer) as org, pytest.raises(CrmError) as caught:
        client_of(org).probe(deadline=AT_ONCE)
    assert (type(caught.value), caught.value.code) == (trouble, code)
    assert len(org.calls) == 1  # nothing is sent again, and no redirect is followed


@pytest.mark.parametrize(
    "body",
    [
        {"compositeResponse": [{"referenceId": "other", "httpStatusCode": 200, "body": []}]},
        {"compositeResponse": []},
        {"compositeResponse": 5},
        {"something": "else"},
        [1, 2],
    ],
)
def test_an_answer_that_leaves_a_subrequest_out_is_none(body: Any) -> None:
    with hostile(says(200, body)) as org:
        client = client_of(org)
        with pytest.raises(CrmUnavailable):
            client.composite([create(client, "k")], deadline=AT_ONCE)


def test_a_well_formed_answer_is_taken_as_it_is() -> None:
    inner = {"referenceId": "create", "httpStatusCode": 201, "body": {"id": "5"}, "httpHeaders": {}}
    with hostile(says(200, {"compositeResponse": [inner]})) as org:
        client = client_of(org)
        answers = client.composite([create(client, "k")], deadline=AT_ONCE)
        assert answers == [Subresponse("create", 201, {"id": "5"})]
        sent = json.loads(org.calls[0].body)
        assert (sent["allOrNone"], sent["collateSubrequests"]) == (False, False)
        assert sent["compositeRequest"][0]["httpHeaders"] == {"Sforce-Auto-Assign": "FALSE"}


def test_a_connection_that_the_org_closed_meanwhile_is_no_trouble() -> None:
    with hostile(raw(http(200, WELL_SAID))) as org:
        client = client_of(org)
        for _ in range(3):
            client.probe(deadline=AT_ONCE)
            org.wait_until_hung_up()
        assert len(org.calls) == 3


def test_cookies_are_not_kept() -> None:
    with hostile(says(200, WELL_SAID, Set_Cookie="BrowserId=abc; Path=/")) as org:
        client = client_of(org)
        client.probe()
        client.probe()
        assert not any("cookie" in request.headers for request in org.requests)
