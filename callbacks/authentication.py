"""Who may send requests: an access token, a static bearer secret, or HTTP Basic with id and secret.

Secrets are random, so a plain SHA-256 identifies them: looked up in memory, no password hashing
and no database on the request path. A revoked client is refused within MAX_AGE_SECONDS, and so are
its tokens, which name the secret they were got with.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission

from callbacks import tokens
from callbacks.models import AcdClient
from callbacks.models.acd_client import digest
from callbacks.snapshot import Snapshot

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest
    from rest_framework.request import Request
    from rest_framework.views import APIView

MAX_AGE_SECONDS = 30
UNKNOWN_RETRY_SECONDS = 2  # a client made a moment ago need not wait for the next reload


def _clients_by_digest() -> dict[str, AcdClient]:
    clients = AcdClient.objects.filter(enabled=True)
    return {value: client for client in clients for value in client.secret_digests}


clients_by_digest = Snapshot(_clients_by_digest, max_age=MAX_AGE_SECONDS)


class AcdAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[AcdClient, None] | None:
        scheme, _space, credentials = request._request.META.get("HTTP_AUTHORIZATION", "").partition(
            " "
        )
        if scheme.lower() == "bearer":
            return _bearer(credentials.strip()), None
        if scheme.lower() == "basic":
            return _basic(credentials), None
        return None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return 'Bearer realm="jtelbridge"'


class MayUseResource(BasePermission):
    """A view whose POST changes nothing says so: `only_reads`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        client = request.user
        if not isinstance(client, AcdClient):
            return False
        if not client.allows_address(remote_address(request._request)):
            raise PermissionDenied("This client may not send from that network.")
        only_reads = request.method in SAFE_METHODS or getattr(view, "only_reads", False)
        if client.kind == AcdClient.Kind.READER and not only_reads:
            raise PermissionDenied("This client may only look up records.")
        return True


def client_of(request: Request) -> AcdClient:
    """Who sent an authenticated request; Django's users do not come here."""
    return cast("AcdClient", request.user)


def remote_address(request: HttpRequest) -> str:
    """The sender's address; behind TRUSTED_PROXIES proxies, what the outermost of them saw."""
    if settings.TRUSTED_PROXIES:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(hops) >= settings.TRUSTED_PROXIES and hops[-settings.TRUSTED_PROXIES].strip():
            return str(hops[-settings.TRUSTED_PROXIES].strip())
    return str(request.META.get("REMOTE_ADDR", ""))


def client_with(secret: str) -> AcdClient | None:
    return _client_of(digest(secret), max_age=UNKNOWN_RETRY_SECONDS)


def basic_credentials(encoded: str) -> tuple[str, str] | None:
    """Client id and secret of an HTTP Basic header, or None if it cannot be read."""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return None
    client_id, _colon, secret = text.partition(":")
    return client_id, secret


def _bearer(credentials: str) -> AcdClient:
    if tokens.looks_like_one(credentials):
        if client := _client_holding(credentials, timezone.now()):
            return client
        raise AuthenticationFailed("The access token has expired or was revoked. Sign in again.")
    if client := client_with(credentials):
        return client
    raise AuthenticationFailed("Client id or secret is wrong.")


def _basic(encoded: str) -> AcdClient:
    credentials = basic_credentials(encoded)
    if credentials is None:
        raise AuthenticationFailed("The Authorization header cannot be read.")
    client_id, secret = credentials
    client = client_with(secret)
    if client is None or client.client_id != client_id:
        raise AuthenticationFailed("Client id or secret is wrong.")
    return client


def _client_holding(token: str, now: datetime) -> AcdClient | None:
    grant = tokens.recognise(token, now)
    if grant is None:
        return None
    # A table that is older than the token may lack the secret with which it was got.
    age = (now - grant.created_at).total_seconds()
    client = _client_of(grant.secret_digest, max_age=min(age, UNKNOWN_RETRY_SECONDS))
    return client if client and client.token_generation <= grant.generation else None


def _client_of(secret_digest: str, *, max_age: float) -> AcdClient | None:
    """From the table in memory; if it is not there, from one that is at most so many seconds old."""
    return clients_by_digest.get().get(secret_digest) or clients_by_digest.get(max_age=max_age).get(
        secret_digest
    )
