"""The ACD's resources. A request writes a row and is answered; nothing else happens here."""

from time import monotonic
from uuid import UUID

import orjson
import structlog
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from callbacks import rejections, responders
from callbacks.authentication import client_of
from callbacks.dialects import NoCallerError
from callbacks.errors import StoreUnavailable, TooLarge
from callbacks.intake import Accepted, KeyContestedError, accept
from callbacks.models import AcdClient, Callback
from callbacks.parsers import (
    Arrival,
    TooLargeError,
    UnknownMediaTypeError,
    UnreadableError,
    body_of,
    read,
)
from callbacks.phone import mask
from callbacks.throttling import ClientThrottle

log = structlog.get_logger()


class AcdView(APIView):
    """A resource that reads what an ACD sends; what cannot be read is kept for staff."""

    parser_classes: list[type[BaseParser]] = []  # `parsers.read` works on the bytes
    throttle_classes = [ClientThrottle]

    def _read(self, request: Request) -> Arrival:
        try:
            return read(request._request)
        except TooLargeError as error:
            raise TooLarge from error
        except UnreadableError as error:
            raise self._rejected(request, 400, "unreadable", str(error)) from error
        except UnknownMediaTypeError as error:
            reason = f"The media type {error} is not understood; send JSON or a form."
            raise self._rejected(request, 415, "media_type_not_understood", reason) from error

    def _nameless(self, request: Request) -> exceptions.APIException:
        reason = "The request names no caller: CallerID, Caller or CallbackNumber."
        return self._rejected(request, 400, "no_caller", reason)

    def _rejected(
        self, request: Request, status: int, code: str, reason: str
    ) -> exceptions.APIException:
        rejections.keep(
            request._request,
            body_of(request._request),
            client_of(request),
            status=status,
            code=code,
            reason=reason,
        )
        error = exceptions.APIException(reason)
        error.status_code = status
        error.error_code = code  # type: ignore[attr-defined]
        return error


class CallbacksView(AcdView):
    """Take a callback request or a voice mail in either dialect: committed before the answer."""

    kind = Callback.Kind.CALLBACK

    def post(self, request: Request) -> HttpResponse:
        began = monotonic()
        accepted = self._accept(request, self._read(request))
        _log(accepted)
        return answered(responders.respond(accepted, began=began))

    def _accept(self, request: Request, arrival: Arrival) -> Accepted:
        try:
            return self._store(request, arrival)
        except NoCallerError as error:
            raise self._nameless(request) from error
        except KeyContestedError as error:
            raise StoreUnavailable from error

    def _store(self, request: Request, arrival: Arrival) -> Accepted:
        """A connection that broke since its last use is worth one more try: the key is safe."""
        try:
            return self._store_once(request, arrival)
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or not _broken_since_last_use():
                raise
            connection.close()
            return self._store_once(request, arrival)

    def _store_once(self, request: Request, arrival: Arrival) -> Accepted:
        return accept(
            arrival,
            client=client_of(request),
            kind=self.kind,
            idempotency_key=request._request.META.get("HTTP_IDEMPOTENCY_KEY", ""),
            now=timezone.now(),
        )


class CallbackView(APIView):
    """The record as it stands now. A client sees what it sent; a reader sees all."""

    throttle_classes = [ClientThrottle]

    def get(self, request: Request, key: str) -> Response:
        try:
            callback = Callback.objects.defer("raw_body", "payload").filter(id=UUID(key)).first()
        except ValueError:
            callback = None
        client = client_of(request)
        if callback is None or not _may_see(client, callback):
            raise Http404
        return Response(responders.record(callback, duplicate=False))


def answered(answer: responders.Answer) -> HttpResponse:
    body, status = answer
    return HttpResponse(orjson.dumps(body), "application/json", status)


def _broken_since_last_use() -> bool:
    return connection.connection is not None and not connection.is_usable()


def _may_see(client: AcdClient, callback: Callback) -> bool:
    return client.kind == AcdClient.Kind.READER or callback.client_id == client.pk


def _log(accepted: Accepted) -> None:
    callback = accepted.callback
    log.info(
        "callback accepted",
        callback=str(callback.id),
        kind=callback.kind,
        client=callback.client_id,
        caller=mask(callback.caller_number),
        service_number=callback.service_number,
        status=str(callback.status),
        duplicate=accepted.duplicate,
    )
