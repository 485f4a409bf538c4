"""The client over real sockets: with an org that behaves, and with listeners that do not."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django import Settings

import crm.client
from crm.access import Access
from crm.client import SIGN_INS_PER_MINUTE, SalesforceClient, Subrequest, get_client
from crm.errors import (
    CrmError,
    CrmLimitReached,
    CrmMisconfigured,
    CrmRejected,
    CrmUnavailable,
    Limit,
)
from crm.wire import Allowance, ApiUsage, Identity, Subresponse
from tests.crm.hostile import (
    ORG_ID,
    USER_ID,
    Answer,
    HostileOrg,
    drips,
    hostile,
    http,
    never,
    raw,
    says,
    token_answer,
)
from tests.orgsim.process import Org, running

KEY = "Jtel_Callback_ID__c"
DEADLINE = 0.4  # seconds, for calls that are meant to miss it
AT_ONCE = 10.0  # far above the deadline, far below what a listener without one would take

ENDED = says(401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])


def access(url: str, **changes: str) -> Access:
    given = {
        "api_version": "62.0",
        "client_id": "id",
        "client_secret": "not-to-be-seen",
        "username": "",
        "private_key": "",
    }
    return Access(url=url, **(given | changes))


def client_of(org: HostileOrg, **changes: str) -> SalesforceClient:
    return SalesforceClient(access(org.url, **changes))


def create(client: SalesforceClient, *keys: str, **fields: Any) -> Subrequest:
    records = [{"attributes": {"type": "Case"}, KEY: key, **fields} for key in keys]
    body = {"allOrNone": False, "records": records}
    headers = {"Sforce-Auto-Assign": "FALSE"}
    return Subrequest("POST", client.data_path("composite/sobjects"), "create", body, headers)


def read_back(client: SalesforceClient, key: str) -> Subrequest:
    query = f"query?q=SELECT+Id,CaseNumber+FROM+Case+WHERE+{KEY}='{key}'"
    return Subrequest("GET", client.data_path(query), "readBack")


# --- calls


def test_one_call_creates_and_reads_back(client: SalesforceClient, org: Org) -> None:
    requests = [create(client, "k-1", Subject="Call me"), read_back(client, "k-1")]
    created, found = client.composite(requests, deadline=10)
    assert (created.reference_id, found.reference_id) == ("create", "readBack")
    assert found.body["records"][0]["Id"] == created.body[0]["id"]
    assert org.records()[0]["Subject"] == "Call me"
    assert org.state()["api_calls"] == 1


def test_a_refused_subrequest_stops_no_other(client: SalesforceClient) -> None:
    wrong = Subrequest("GET", client.data_path("query?q=SELECT+Nope+FROM+Case"), "wrong")
    refused, created = client.composite([wrong, create(client, "k-1")], deadline=10)
    assert refused.status == 400
    assert refused.body[0]["errorCode"] == "INVALID_FIELD"
    assert created.body[0]["success"]


def test_describe_tells_what_a_field_can_hold(client: SalesforceClient) -> None:
    fields = client.describe("Case")
    assert (fields[KEY].length, fields[KEY].unique, fields[KEY].external_id) == (64, True, True)
    assert "Phone" in fields["Origin"].picklist_values
    assert not fields["CaseNumber"].createable


def test_limits_and_versions_are_told(client: SalesforceClient) -> None:
    assert client.limits()["DailyApiRequests"] == Allowance(100_000, 99_999)
    assert "62.0" in client.versions()


def test_the_org_is_known_by_its_ids(client: SalesforceClient, org: Org) -> None:
    assert client.identity() == Identity(ORG_ID, USER_ID, org.url)
    assert client.record_url("5008d00") == f"{org.url}/lightning/r/Case/5008d00/view"


def test_a_query_brings_all_its_pages() -> None:
    def pages(_org: HostileOrg, connection: Any, request: Any) -> None:
        more = {"done": False, "nextRecordsUrl": "/services/data/v62.0/query/01g-2"}
        last = {"done": True, "records": [{"Id": "2"}]}
        first = more | {"records": [{"Id": "1"}]}
        connection.sendall(http(200, last if request.path.endswith("01g-2") else first))

    with hostile(pages) as org:
        assert client_of(org).query("SELECT Id FROM Case") == [{"Id": "1"}, {"Id": "2"}]


def test_usage_is_known_after_each_answer(client: SalesforceClient) -> None:
    assert client.api_usage is None
    client.probe()
    assert client.api_usage == ApiUsage(1, 100_000)


def test_usage_is_known_from_a_refusal_too() -> None:
    info = {"Sforce_Limit_Info": "api-usage=101/100; per-app-api-usage=17/250(appName=x)"}
    body = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    with hostile(says(403, body, **info)) as org:
        client = client_of(org)
        with pytest.raises(CrmLimitReached) as caught:
            client.probe()
        assert caught.value.limit is Limit.DAILY
        assert client.api_usage == ApiUsage(101, 100)


def test_our_calls_are_marked_in_the_orgs_logs() -> None:
    with hostile(says(200, {"sobjects": "/"})) as org:
        client_of(org).probe()
    assert org.calls[0].headers["sforce-call-options"].startswith("client=jtelbridge/")


def test_what_json_cannot_hold_is_the_records_fault(client: SalesforceClient) -> None:
    with pytest.raises(CrmRejected) as caught:
        client.composite([create(client, "k", Subject="\ud800")], deadline=10)
    assert caught.value.code == "UNSENDABLE"


# --- sessions


def test_threads_share_one_sign_in() -> None:
    with hostile(says(200, {"a": 1})) as org:
        client = client_of(org)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: client.probe(), range(24)))
        assert len(org.sign_ins) == client.generation == 1
        assert len(org.calls) == 24


def _ends_first_session(org: HostileOrg, connection: Any, request: Any) -> None:
    answer = ENDED if request.token == "token-1" else says(200, {"compositeResponse": []})
    answer(org, connection, request)


def test_a_session_that_ended_is_renewed_and_the_call_repeated_as_it_was() -> None:
    with hostile(_ends_first_session) as org:
        client = client_of(org)
        assert client.composite([], deadline=10) == []
        first, second = org.calls
        assert (first.token, second.token) == ("token-1", "token-2")
        assert (first.body, first.path) == (second.body, second.path)
        assert first.headers | {"authorization": ""} == second.headers | {"authorization": ""}
        assert client.generation == 2


def test_threads_share_one_renewal() -> None:
    with hostile(_ends_first_session) as org:
        client = client_of(org)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: client.probe(), range(24)))
        assert len(org.sign_ins) == 2


def test_a_session_that_ends_again_at_once_is_not_renewed_again() -> None:
    with hostile(ENDED) as org:
        client = client_of(org)
        with pytest.raises(CrmMisconfigured) as caught:
            client.probe()
        assert caught.value.code == "INVALID_SESSION_ID"
        assert (len(org.sign_ins), len(org.calls)) == (2, 2)


def test_sign_ins_are_capped() -> None:
    with hostile(ENDED) as org:
        client = client_of(org)
        codes = [code_of(client.probe) for _ in range(2 * SIGN_INS_PER_MINUTE)]
        assert len(org.sign_ins) == SIGN_INS_PER_MINUTE
        assert codes[-1] == "TOO_MANY_SIGN_INS"


def test_a_refused_sign_in_is_told_again_when_the_cap_is_reached() -> None:
    refusal = says(400, {"error": "invalid_client", "error_description": "no"})
    with hostile(says(200), sign_in=refusal) as org:
        client = client_of(org)
        codes = {code_of(client.probe) for _ in range(2 * SIGN_INS_PER_MINUTE)}
        assert codes == {"invalid_client"}
        assert len(org.sign_ins) == SIGN_INS_PER_MINUTE


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(CrmError) as caught:
        call()
    return caught.value.code


def test_a_wrong_secret_is_told_as_such(client: SalesforceClient, org: Org) -> None:
    wrong = SalesforceClient(access(org.url, client_id=org.client_id, client_secret="wrong"))
    with pytest.raises(CrmMisconfigured) as caught:
        wrong.probe()
    assert caught.value.code == "invalid_client"
    assert "client id or its secret" in str(caught.value)


def test_a_sign_in_refused_for_an_unknown_reason_is_no_records_fault() -> None:
    with (
        hostile(says(200), sign_in=says(400, {"error": "something_new"})) as org,
        pytest.raises(CrmMisconfigured),
    ):
        client_of(org).probe()


def test_secrets_stay_out_of_errors_and_reprs() -> None:
    echo = {"error": "invalid_client", "error_description": "bad secret not-to-be-seen"}
    with hostile(says(200), sign_in=says(400, echo)) as org:
        client = client_of(org, private_key="")
        with pytest.raises(CrmMisconfigured) as caught:
            client.probe()
        error = caught.value
        shown = f"{error} {error!r} {error.detail} {error.args} {client.access!r}"
        assert "not-to-be-seen" not in shown
        assert error.detail == "bad secret [secret]"


def test_a_token_that_is_echoed_is_not_told() -> None:
    with hostile(says(400, [{"errorCode": "BAD", "message": "what is token-1?"}])) as org:
        with pytest.raises(CrmRejected) as caught:
            client_of(org).probe()
        assert caught.value.detail == "what is [secret]?"


def test_an_instance_elsewhere_gets_no_token() -> None:
    elsewhere = says(200, token_answer("http://198.51.100.7", "token"))
    with hostile(says(200), sign_in=elsewhere) as org:
        assert code_of(client_of(org).probe) == "UNSAFE_ADDRESS"


def test_http_is_for_this_machine_only() -> None:
    client = SalesforceClient(access("http://acme.my.salesforce.com"))
    assert code_of(client.probe) == "UNSAFE_ADDRESS"


def test_the_environment_adds_no_proxy(
    client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client.probe()


# --- JWT bearer


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_a_private_key_signs_in(tmp_path: Path, private_key: rsa.RSAPrivateKey) -> None:
    (tmp_path / "public.pem").write_bytes(public_pem(private_key))
    options = ("--jwt-key", str(tmp_path / "public.pem"), "--username", "bridge@acme.test")
    with running(tmp_path / "org.sqlite3", options=options) as org:
        given = access(
            org.url,
            client_id=org.client_id,
            client_secret="",
            username="bridge@acme.test",
            private_key=pem(private_key),
        )
        SalesforceClient(given).probe()


@pytest.mark.parametrize(
    ("host", "audience"),
    [
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--dev.sandbox.my.salesforce.com", "https://test.salesforce.com"),
    ],
)
def test_a_sandbox_is_another_audience(
    host: str, audience: str, private_key: rsa.RSAPrivateKey
) -> None:
    given = access(host, client_secret="", username="u", private_key=pem(private_key))
    assertion = given.token_form()["assertion"]
    claims = jwt.decode(assertion, public_pem(private_key), ["RS256"], audience=audience)
    assert (claims["iss"], claims["sub"]) == ("id", "u")


def test_a_key_that_is_none_is_told_before_anything_is_sent() -> None:
    with hostile(says(200)) as org:
        client = client_of(org, private_key="-----BEGIN nonsense", username="u")
        assert code_of(client.probe) == "BAD_PRIVATE_KEY"
        assert org.requests == []


# --- hostile answers


def rest(code: str, message: str = "no") -> list[dict[str, str]]:
    return [{"errorCode": code, "message": message}]


MAINTENANCE = "<html><body>We are down for maintenance.</body></html>"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
WELL_SAID = '{"sobjects": "/services/data/v62.0/sobjects"}'


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


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        never,
        drips(b"", b"H"),
        drips(HEAD, b"X-More: y\r\n"),
        drips(HEAD + b"Content-Length: 100000\r\n\r\n", b"{"),
        drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n"),
        drips(HEAD + b"Connection: close\r\n\r\n", b"{"),
    ],
)
def test_no_answer_outlives_the_deadline(answer: Answer) -> None:
    with hostile(answer) as org:
        client = client_of(org)
        client.identity()
        began = monotonic()
        with pytest.raises(CrmUnavailable):
            client.probe(deadline=DEADLINE)
        assert monotonic() - began < AT_ONCE


def test_a_sign_in_counts_against_the_deadline() -> None:
    began = monotonic()
    with hostile(says(200), sign_in=drips(HEAD, b"X-More: y\r\n")) as org:
        assert code_of(lambda: client_of(org).probe(deadline=DEADLINE)) == "NO_ANSWER"
    assert monotonic() - began < AT_ONCE


def test_waiting_for_another_threads_sign_in_counts_too() -> None:
    with hostile(says(200), sign_in=never) as org:
        client = client_of(org)
        with ThreadPoolExecutor(4) as pool:
            calls = [pool.submit(client.probe, deadline=DEADLINE) for _ in range(4)]
            codes = {code_of(call.result) for call in calls}
        assert codes == {"NO_ANSWER"}
        assert len(org.sign_ins) == 1


def test_a_closed_port_is_told_with_the_systems_words() -> None:
    with hostile(says(200)) as gone:
        url = gone.url
    with pytest.raises(CrmUnavailable) as caught:
        SalesforceClient(access(url)).probe()
    assert (caught.value.code, caught.value.detail) == ("NO_CONNECTION", "Connection refused")


def test_a_listener_without_tls_is_told_as_such() -> None:
    with hostile(says(200)) as org:
        client = SalesforceClient(access(org.url.replace("http:", "https:")))
        assert code_of(lambda: client.probe(deadline=AT_ONCE)) == "TLS_FAILED"


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


# --- the simulated org's faults


def test_a_lost_answer_is_not_sent_again(client: SalesforceClient, org: Org) -> None:
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    with pytest.raises(CrmUnavailable):
        client.composite([create(client, "k-1")], deadline=10)
    assert org.state()["records"]["Case"] == 1
    [again] = client.composite([create(client, "k-1")], deadline=10)
    assert again.body[0]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
    assert org.state()["records"]["Case"] == 1


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ({"action": "maintenance"}, CrmUnavailable),
        ({"action": "garbage_200"}, CrmUnavailable),
        ({"action": "redirect_302"}, CrmUnavailable),
        ({"action": "drop_before"}, CrmUnavailable),
        ({"action": "status", "params": {"status": 503}}, CrmUnavailable),
        ({"action": "auth_down"}, CrmUnavailable),
        ({"action": "limit_daily"}, CrmLimitReached),
        ({"action": "limit_concurrent"}, CrmLimitReached),
        ({"action": "api_disabled"}, CrmMisconfigured),
        ({"action": "session_invalid_for_rest"}, CrmMisconfigured),
        ({"action": "frozen_user"}, CrmMisconfigured),
        ({"action": "ip_restricted"}, CrmMisconfigured),
        ({"action": "token_expired", "params": {"mode": "always"}}, CrmMisconfigured),
    ],
)
def test_the_orgs_troubles_are_told_apart(
    client: SalesforceClient, org: Org, fault: dict[str, Any], trouble: type[CrmError]
) -> None:
    org.arm(fault)
    with pytest.raises(trouble):
        client.probe()
    org.clear()
    client.probe()


def test_an_expired_token_is_nobodys_trouble(client: SalesforceClient, org: Org) -> None:
    client.probe()
    org.arm({"action": "token_expired"})
    client.probe()
    assert client.generation == 2


# --- one client per process


def test_a_process_has_one_client_for_the_same_settings(org: Org, settings: Settings) -> None:
    client = get_client()
    assert get_client() is client
    settings.SALESFORCE_API_VERSION = "61.0"
    assert get_client() is not client


def test_a_child_process_makes_its_own_client(org: Org) -> None:
    client = get_client()
    crm.client._forget_parent()
    assert get_client() is not client


def test_without_an_org_nothing_is_misunderstood(settings: Settings) -> None:
    settings.SALESFORCE_URL = ""
    with pytest.raises(CrmMisconfigured) as caught:
        get_client()
    assert caught.value.code == "NOT_CONFIGURED"
