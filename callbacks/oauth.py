"""The sign-in of an ACD that was built to talk to Salesforce: `POST /services/oauth2/token`.

Shape of the answer, error codes and their statuses are those that Salesforce documents for its
OAuth endpoints, so that an ACD is switched over by changing its URL, id and secret.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any, NamedTuple

import structlog
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from callbacks import sightings, tokens
from callbacks.authentication import (
    basic_credentials,
    client_with,
    clients_by_digest,
    remote_address,
)
from callbacks.models import AcdClient
from callbacks.parsers import TooLargeError, UnreadableError, body_of, parse_form
from callbacks.throttling import Buckets, Limit

log = structlog.get_logger()

FORM = "application/x-www-form-urlencoded"
MAX_FORM_BYTES = 16 * 1024
NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}

# Random secrets cannot be guessed; this bounds what guessing costs us, and what it is told.
FAILURES = Limit(per_second=1 / 6, burst=20)
# 3,600 an hour is what Salesforce takes from one user, so no ACD needs more.
SIGN_INS = Limit(per_second=1, burst=3_600)

failures = Buckets()  # by address; for passwords by address and client
sign_ins = Buckets()  # by client

Form = Mapping[str, Any]


class Refused(exceptions.APIException):
    """`error` is a code of OAuth or of Salesforce; the description never repeats what was sent."""

    def __init__(self, error: str, description: str, *, status: int = 400, wait: float = 0) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status_code = status
        self.wait = ceil(wait)


class SignedIn(NamedTuple):
    client: AcdClient
    secret: str


class TokenView(APIView):
    """Exchange client id and secret for an access token."""

    http_method_names = ["post"]
    authentication_classes = []
    permission_classes = []
    parser_classes = []

    def post(self, request: Request) -> Response:
        who = sign_in(request._request)
        now = timezone.now()
        generation = _generation(who.client)
        token = tokens.issue(who.client, secret=who.secret, generation=generation, now=now)
        sightings.note(who.client, "", now)
        log.info("signed in", client=who.client.pk)
        base_url = request._request.build_absolute_uri("/").rstrip("/")
        issued_at = str(int(now.timestamp() * 1000))
        return Response(answer(token, who, base_url, issued_at), headers=NOT_KEPT)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return answer_error


def sign_in(request: HttpRequest) -> SignedIn:
    """Who signs in, or Refused. Failing is rationed by address, and the right secret never is."""
    address = remote_address(request)
    try:
        who = _checked(request, address)
    except Refused as refusal:
        if wait := failures.take(address, FAILURES):
            raise _too_many(wait) from refusal
        raise
    if wait := sign_ins.take(who.client.pk, SIGN_INS):
        raise _too_many(wait)
    return who


def answer(token: str, who: SignedIn, base_url: str, issued_at: str) -> dict[str, str]:
    """As Salesforce answers; it says no `expires_in` either: an ACD signs in again after a 401."""
    identity = f"{base_url}/id/jtelbridge/{who.client.client_id}"
    # The secret is stored hashed, but here it was just shown to us.
    signature = hmac.digest(who.secret.encode(), f"{identity}{issued_at}".encode(), "sha256")
    return {
        "access_token": token,
        "signature": base64.b64encode(signature).decode(),
        "scope": "api",
        "instance_url": base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:  # noqa: ARG001 - DRF's
    if isinstance(error, DatabaseError | InterfaceError):
        log.error("the database cannot serve a sign-in", exc_info=error)
        error = Refused("unknown_error", "Try again in a few seconds.", status=503, wait=5)
    if isinstance(error, exceptions.MethodNotAllowed):
        error = Refused("invalid_request", "Use POST.", status=405)
    if not isinstance(error, Refused):
        return None
    if error.error != "rate_limit_exceeded":  # who is refused all the time shall not fill the log
        log.warning("sign-in refused", status=error.status_code, error=error.error)
    headers = NOT_KEPT | ({"Retry-After": str(error.wait)} if error.wait else {})
    body = {"error": error.error, "error_description": error.description}
    return Response(body, error.status_code, headers=headers)


def _checked(request: HttpRequest, address: str) -> SignedIn:
    form = _form(request)
    check = GRANTS.get(str(form.get("grant_type", "")))
    if check is None:
        raise Refused("unsupported_grant_type", "grant type not supported")
    who = _client_of(request, form)
    if not who.client.allows_address(address):
        raise Refused("invalid_grant", "ip restricted")
    check(who.client, form, address)
    return who


def _form(request: HttpRequest) -> Form:
    """The fields of the body. Not of the query string: secrets do not belong into logs of URLs."""
    content_type = request.META.get("CONTENT_TYPE", "")
    body = _body(request)
    if content_type.partition(";")[0].strip().lower() not in {"", FORM}:
        raise Refused("invalid_request", f"Send a form, {FORM}.")
    try:
        return parse_form(body, content_type)
    except UnreadableError as error:
        raise Refused("invalid_request", str(error)) from error


def _body(request: HttpRequest) -> bytes:
    too_large = Refused("invalid_request", "The form is too large.", status=413)
    try:
        body = body_of(request)
    except TooLargeError as error:
        raise too_large from error
    if len(body) > MAX_FORM_BYTES:
        raise too_large
    return body


def _client_of(request: HttpRequest, form: Form) -> SignedIn:
    client_id, secret = _credentials(request, form)
    client = client_with(secret)
    if client and client.client_id == client_id:
        return SignedIn(client, secret)
    if any(client_id == known.client_id for known in clients_by_digest.get().values()):
        raise Refused("invalid_client", "invalid client credentials")
    raise Refused("invalid_client_id", "client identifier invalid")


def _credentials(request: HttpRequest, form: Form) -> tuple[str, str]:
    scheme, _space, encoded = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return str(form.get("client_id", "")), str(form.get("client_secret", ""))
    credentials = basic_credentials(encoded.strip())
    if credentials is None:
        raise Refused("invalid_client", "The Authorization header cannot be read.")
    return credentials


def _client_credentials(client: AcdClient, form: Form, address: str) -> None:
    """The secret was all."""


def _password(client: AcdClient, form: Form, address: str) -> None:
    """The old flow. Guessing needs the client's secret, and bars only who guesses from there."""
    if not client.sign_in_name:
        raise Refused("invalid_grant", "The password flow is switched off for this client.")
    guesser = (address, client.pk)
    if wait := failures.wait(guesser, FAILURES):
        raise _too_many(wait)
    if not client.takes_password(str(form.get("username", "")), str(form.get("password", ""))):
        failures.take(guesser, FAILURES)
        raise Refused("invalid_grant", "authentication failure")


GRANTS: dict[str, Callable[[AcdClient, Form, str], None]] = {
    "client_credentials": _client_credentials,
    "password": _password,
}


def _generation(client: AcdClient) -> int:
    """From the database: a token that is got just after all were revoked is a good one."""
    enabled = AcdClient.objects.filter(pk=client.pk, enabled=True)
    generation = enabled.values_list("token_generation", flat=True).first()
    if generation is None:
        raise Refused("invalid_client_id", "client identifier invalid")
    return generation


def _too_many(wait: float) -> Refused:
    return Refused("rate_limit_exceeded", "login rate exceeded", status=429, wait=wait)
