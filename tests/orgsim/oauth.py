"""The OAuth endpoints: tokens for those who may have them, errors as objects (D)."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import jwt

from .calls import Answer
from .early import oauth_error
from .org import Org
from .triggers import INTEGRATION_USER

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCES = ["https://login.salesforce.com", "https://test.salesforce.com"]

Form = Mapping[str, str]


def token(org: Org, base_url: str, form: Form, authorization: str) -> Answer:
    """POST /services/oauth2/token."""
    form = {**form, **basic_credentials(authorization), "site": base_url}
    grant = GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        return oauth_error(400, "unsupported_grant_type", "grant type not supported")
    return (
        grant(org, form)
        or too_many(org)
        or issued(org, base_url, signed=form["grant_type"] != JWT_BEARER)
    )


def basic_credentials(authorization: str) -> dict[str, str]:
    """Read client id and secret from HTTP Basic."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": unquote(name), "client_secret": unquote(secret)}


def wrong_client(org: Org, form: Form) -> Answer | None:
    """Refuse unknown clients, and all of them while their user is frozen (M for the words)."""
    if org.frozen:
        return oauth_error(400, "invalid_grant", "user is frozen")
    if form.get("client_id") != org.settings.client_id:
        return oauth_error(400, "invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest(
        form.get("client_secret", "").encode(), org.settings.client_secret.encode()
    ):
        return oauth_error(400, "invalid_client", "invalid client credentials")
    return None


def client_credentials(org: Org, form: Form) -> Answer | None:
    """Check a sign-in of the client itself."""
    return wrong_client(org, form)


def password(org: Org, form: Form) -> Answer | None:
    """Check a sign-in with a password, which most orgs block (D)."""
    wanted = org.settings.password
    right = form.get("username") == org.settings.username and form.get("password") == wanted
    if wanted is None or not right:
        return oauth_error(400, "invalid_grant", "authentication failure")
    return wrong_client(org, form)


def jwt_bearer(org: Org, form: Form) -> Answer | None:
    """Check a signed assertion: signature, age and audience, then issuer and subject (D)."""
    if org.settings.jwt_key is None:
        return oauth_error(400, "invalid_grant", "no certificate is configured for the client")
    try:
        claims = claimed(form, org.settings.jwt_key)
    except jwt.PyJWTError as wrong:
        words = ASSERTION_ERRORS.get(type(wrong), f"invalid assertion: {wrong}")
        return oauth_error(400, "invalid_grant", words)
    if claims["iss"] != org.settings.client_id:
        return oauth_error(400, "invalid_client_id", "client identifier invalid")
    if org.frozen:
        return oauth_error(400, "invalid_grant", "user is frozen")
    if claims["sub"] != org.settings.username:
        return oauth_error(400, "invalid_grant", "user hasn't approved this consumer")
    return None


def claimed(form: Form, key: bytes) -> dict[str, Any]:
    """Give what an assertion claims, if its signature, age and audience are right."""
    return dict(
        jwt.decode(
            form.get("assertion", ""),
            key,
            algorithms=["RS256"],
            audience=[*AUDIENCES, form["site"]],
            options={"require": ["iss", "sub", "aud", "exp"]},
        )
    )


ASSERTION_ERRORS: dict[type[Exception], str] = {
    jwt.InvalidAudienceError: "audience is invalid",
    jwt.ExpiredSignatureError: "expired authorization code",
}
GRANTS: dict[str, Callable[[Org, Form], Answer | None]] = {
    "client_credentials": client_credentials,
    "password": password,
    JWT_BEARER: jwt_bearer,
}


def too_many(org: Org) -> Answer | None:
    """Refuse a user who signed in 3,600 times within the hour (D)."""
    if org.tokens.issued_last_hour() < org.behaviour.logins_per_hour:
        return None
    return oauth_error(400, "rate_limit_exceeded", "login rate exceeded")


def issued(org: Org, base_url: str, *, signed: bool) -> Answer:
    """Hand out a token; there is no `expires_in` and no refresh token (D)."""
    identity = f"{base_url}/id/{org.id}/{INTEGRATION_USER}"
    issued_at = str(int(org.clock.epoch() * 1000))
    key = org.settings.client_secret.encode()
    mac = hmac.new(key, (identity + issued_at).encode(), hashlib.sha256).digest()
    body = {
        "access_token": org.tokens.issue(INTEGRATION_USER, org.behaviour.token_ttl_s),
        "signature": base64.b64encode(mac).decode(),
        "scope": "api",
        "instance_url": base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    if not signed:
        del body["signature"]
    return Answer(200, body)


def revoke(org: Org, form: Form) -> Answer:
    """POST /services/oauth2/revoke."""
    if org.tokens.revoke(form.get("token", "")):
        return Answer(200, {})
    return oauth_error(400, "unsupported_token_type", "this token type is not supported")


def introspect(org: Org, form: Form, authorization: str) -> Answer:
    """POST /services/oauth2/introspect."""
    form = {**form, **basic_credentials(authorization)}
    if wrong := wrong_client(org, form):
        return wrong
    given = form.get("token", "")
    expires_at = org.tokens.expires_at(given)
    if expires_at is None:
        return Answer(200, {"active": False})
    return Answer(
        200,
        {
            "active": True,
            "scope": "api",
            "client_id": org.settings.client_id,
            "username": org.settings.username,
            "sub": f"{org.id}/{INTEGRATION_USER}",
            "token_type": "access_token",
            "exp": int(expires_at),
        },
    )


def userinfo(org: Org, base_url: str, user_id: str) -> Answer:
    """GET /services/oauth2/userinfo."""
    user = org.store.where_in(org.schema.sobjects["User"], "Id", [user_id])[0]
    return Answer(
        200,
        {
            "sub": f"{base_url}/id/{org.id}/{user_id}",
            "user_id": user_id,
            "organization_id": org.id,
            "preferred_username": user["Username"],
            "name": user["Name"],
            "email": user["Email"],
            "given_name": user["FirstName"],
            "family_name": user["LastName"],
            "active": bool(user["IsActive"]),
            "user_type": "STANDARD",
            "urls": {"rest": f"{base_url}/services/data/v{{version}}/"},
        },
    )


def identity(org: Org, base_url: str, user_id: str) -> Answer:
    """GET /id/{org}/{user}."""
    told = userinfo(org, base_url, user_id).body
    more = {
        "id": told["sub"],
        "asserted_user": True,
        "username": told["preferred_username"],
        "display_name": told["name"],
        "first_name": told["given_name"],
        "last_name": told["family_name"],
        "timezone": "UTC",
    }
    return Answer(200, {**told, **more})
