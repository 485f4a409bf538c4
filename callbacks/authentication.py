"""Who may send requests: a static bearer secret, or HTTP Basic with client id and secret.

Secrets are random, so a plain SHA-256 identifies them: looked up in memory, no password hashing
and no database on the request path. A revoked client is refused within MAX_AGE_SECONDS.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, cast

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission

from callbacks.models import AcdClient
from callbacks.models.acd_client import digest
from callbacks.snapshot import Snapshot

if TYPE_CHECKING:
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
            return _client_with(credentials.strip()), None
        if scheme.lower() == "basic":
            client_id, secret = _basic(credentials)
            client = _client_with(secret)
            if client.client_id != client_id:
                raise AuthenticationFailed("Client id or secret is wrong.")
            return client, None
        return None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return 'Bearer realm="jtelbridge"'


class MayUseResource(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        client = request.user
        if not isinstance(client, AcdClient):
            return False
        if not client.allows_address(remote_address(request._request)):
            raise PermissionDenied("This client may not send from that network.")
        if client.kind == AcdClient.Kind.READER and request.method not in SAFE_METHODS:
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


def _client_with(secret: str) -> AcdClient:
    hashed = digest(secret)
    client = clients_by_digest.get().get(hashed) or clients_by_digest.get(
        max_age=UNKNOWN_RETRY_SECONDS
    ).get(hashed)
    if client is None:
        raise AuthenticationFailed("Client id or secret is wrong.")
    return client


def _basic(credentials: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AuthenticationFailed("The Authorization header cannot be read.") from error
    client_id, _colon, secret = text.partition(":")
    return client_id, secret
