"""How the client is let in, and how seldom it asks."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from crm.client import SIGN_INS_PER_MINUTE, SalesforceClient
from crm.errors import CrmMisconfigured, CrmRejected
from tests.crm.calls import access, client_of, code_of, pem, private_key
from tests.crm.hostile import HostileOrg, hostile, says, token_answer
from tests.orgsim.process import Org, running

ENDED = says(401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])


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


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_a_private_key_signs_in(tmp_path: Path) -> None:
    (tmp_path / "public.pem").write_bytes(public_pem(private_key()))
    options = ("--jwt-key", str(tmp_path / "public.pem"), "--username", "bridge@acme.test")
    with running(tmp_path / "org.sqlite3", options=options) as org:
        given = access(
            org.url,
            client_id=org.client_id,
            client_secret="",
            username="bridge@acme.test",
            private_key=pem(private_key()),
        )
        SalesforceClient(given).probe()


@pytest.mark.parametrize(
    ("host", "audience"),
    [
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--dev.sandbox.my.salesforce.com", "https://test.salesforce.com"),
    ],
)
def test_a_sandbox_is_another_audience(host: str, audience: str) -> None:
    given = access(host, client_secret="", username="u", private_key=pem(private_key()))
    assertion = given.token_form()["assertion"]
    claims = jwt.decode(assertion, public_pem(private_key()), ["RS256"], audience=audience)
    assert (claims["iss"], claims["sub"]) == ("id", "u")


def test_a_key_that_is_none_is_told_before_anything_is_sent() -> None:
    with hostile(says(200)) as org:
        client = client_of(org, private_key="-----BEGIN nonsense", username="u")
        assert code_of(client.probe) == "BAD_PRIVATE_KEY"
        assert org.requests == []
