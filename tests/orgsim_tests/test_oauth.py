"""Signing in, and being refused."""

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.orgsim.process import Org, running

from .api import Api
from .certificate import private_key, public_file


def sign_in(org: Org, **form: str) -> requests.Response:
    """Ask for a token."""
    return org.session.post(f"{org.url}/services/oauth2/token", data=form, timeout=20)


def credentials(**changes: str) -> dict[str, str]:
    """Give the right form, with changes."""
    right = {
        "grant_type": "client_credentials",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
    }
    return {**right, **changes}


def test_a_client_gets_a_token_for_its_id_and_secret(org: Org) -> None:
    body = sign_in(org, **credentials()).json()
    assert set(body) == {
        "access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at",
    }  # fmt: skip
    assert body["instance_url"] == org.url
    assert body["access_token"].startswith("00D8d0000000001!")
    assert len(body["access_token"]) == 109
    assert abs(int(body["issued_at"]) / 1000 - time.time()) < 60


def test_a_client_may_sign_in_by_basic_authentication(org: Org) -> None:
    url, form = f"{org.url}/services/oauth2/token", {"grant_type": "client_credentials"}
    right = org.session.post(url, data=form, auth=("demo-client", "demo-secret"), timeout=20)
    wrong = org.session.post(url, data=form, auth=("demo-client", "guess"), timeout=20)
    assert (right.status_code, wrong.status_code) == (200, 400)


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"client_id": "x"}, "invalid_client_id", "client identifier invalid"),
        ({"client_secret": "x"}, "invalid_client", "invalid client credentials"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type", "grant type not supported"),
        ({"grant_type": "password"}, "invalid_grant", "authentication failure"),
    ],
)
def test_a_refused_sign_in_is_an_object_not_a_list(
    org: Org, changes: dict[str, str], error: str, description: str
) -> None:
    answer = sign_in(org, **credentials(**changes))
    assert answer.status_code == 400
    assert answer.json() == {"error": error, "error_description": description}


def test_a_call_without_a_token_is_refused(org: Org) -> None:
    with Api(org, token="nonsense") as stranger:
        answer = stranger.get("/limits")
    assert answer.status_code == 401
    assert answer.json() == [
        {"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}
    ]
    assert "Sforce-Limit-Info" not in answer.headers


def test_the_scheme_may_be_oauth_but_not_basic(api: Api, org: Org) -> None:
    token = org.token()
    assert api.get("/limits", Authorization=f"OAuth {token}").status_code == 200
    basic = base64.b64encode(b"a:b").decode()
    answer = api.get("/limits", Authorization=f"Basic {basic}")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_AUTH_HEADER")


def test_a_revoked_token_is_dead(api: Api, org: Org) -> None:
    token = str(api.session.headers["Authorization"]).split()[1]
    url = f"{org.url}/services/oauth2/revoke"
    assert org.session.post(url, data={"token": token}, timeout=20).status_code == 200
    assert api.get("/limits").status_code == 401


def test_introspection_tells_when_a_token_dies(org: Org) -> None:
    url = f"{org.url}/services/oauth2/introspect"
    form = {"token": org.token(), "client_id": "demo-client", "client_secret": "demo-secret"}
    told = org.session.post(url, data=form, timeout=20).json()
    assert told["active"] is True
    assert 7_000 < told["exp"] - time.time() < 7_300
    dead = org.session.post(url, data={**form, "token": "x"}, timeout=20).json()
    assert dead == {"active": False}


def test_userinfo_names_the_user_and_the_org(api: Api) -> None:
    told = api.get("/services/oauth2/userinfo").json()
    assert told["user_id"] == "0058d0000000001AAA"
    assert told["organization_id"] == "00D8d0000000001EAA"
    assert told["preferred_username"] == "integration@example.com"


def test_the_identity_url_of_a_token_works(api: Api, org: Org) -> None:
    identity = sign_in(org, **credentials()).json()["id"]
    told = api.session.get(identity, timeout=20).json()
    assert told["username"] == "integration@example.com"


def assertion(signing_key: rsa.RSAPrivateKey | None = None, **changes: Any) -> str:
    """Sign an assertion."""
    claims = {
        "iss": "demo-client",
        "sub": "integration@example.com",
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 180,
        **changes,
    }
    return jwt.encode(claims, signing_key or private_key(), algorithm="RS256")


@pytest.fixture
def org_with_certificate(db: Path) -> Iterator[Org]:
    """An org that knows the client's public key, and takes passwords."""
    key = str(public_file(db.parent))
    with running(db, options=("--jwt-key", key, "--password", "pass-and-token")) as found:
        yield found


def test_jwt_bearer_checks_signature_audience_age_and_user(org_with_certificate: Org) -> None:
    def refused(told: str) -> str:
        grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        answer = sign_in(org_with_certificate, grant_type=grant, assertion=told).json()
        return str(answer.get("error_description", "none"))

    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert refused(assertion()) == "none"
    assert refused(assertion(aud=org_with_certificate.url)) == "none"
    assert "Signature verification failed" in refused(assertion(stranger))
    assert refused(assertion(aud="https://example.com")) == "audience is invalid"
    assert refused(assertion(exp=1)) == "expired authorization code"
    assert refused(assertion(iss="x")) == "client identifier invalid"
    assert refused(assertion(sub="x")) == "user hasn't approved this consumer"


def test_the_password_flow_works_only_where_it_is_enabled(org_with_certificate: Org) -> None:
    form = credentials(grant_type="password", username="integration@example.com")
    right = sign_in(org_with_certificate, **form, password="pass-and-token")
    wrong = sign_in(org_with_certificate, **form, password="guess")
    assert (right.status_code, wrong.status_code) == (200, 400)


def test_tokens_die_with_the_session_timeout(org: Org) -> None:
    org.settings(token_ttl_s=0.000001)
    with Api(org) as late:
        assert late.get("/limits").status_code == 401


def test_too_many_sign_ins_within_the_hour_are_refused(org: Org) -> None:
    org.settings(logins_per_hour=0)
    answer = sign_in(org, **credentials())
    assert (answer.status_code, answer.json()["error"]) == (400, "rate_limit_exceeded")


def test_soap_login_is_refused_where_no_password_is_configured(org: Org) -> None:
    url = f"{org.url}/services/Soap/u/59.0"
    answer = org.session.post(url, data="<x/>", headers={"SOAPAction": "login"}, timeout=20)
    assert answer.status_code == 500
    assert "disabled by default in this org" in answer.text


def test_soap_login_is_gone_from_version_65_on(org_with_certificate: Org) -> None:
    for version, code in (("65.0", "INVALID_OPERATION"), ("64.0", "INVALID_OPERATION")):
        url = f"{org_with_certificate.url}/services/Soap/u/{version}"
        answer = org_with_certificate.session.post(url, data="<x/>", timeout=20)
        assert f"<sf:exceptionCode>{code}</sf:exceptionCode>" in answer.text
