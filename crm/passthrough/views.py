"""Whatever an ACD asks for below /services/apexrest/ that we do not answer ourselves."""

from time import monotonic
from urllib.parse import parse_qsl, quote

import orjson
import structlog
from django.http import HttpResponse
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from callbacks.authentication import client_of
from callbacks.errors import TooLarge
from callbacks.parsers import TooLargeError, body_of, storable
from callbacks.throttling import ClientThrottle
from crm.apex import ApexRequest
from crm.models import PassThroughResource, StoredRequest
from crm.models.passthrough import METHODS, Mode
from crm.passthrough import live
from crm.passthrough.listed import resource_at

log = structlog.get_logger()

PRINTABLE = "".join(map(chr, range(0x21, 0x7F))).replace("#", "")
MOST_OF_A_MEDIA_TYPE = 200
OVERRIDE = "_httpmethod"  # by which Salesforce takes a POST for another method
STORED = {
    "Status": "stored",
    "Message": "The request is stored. Salesforce gets it in order, and at least once.",
}


class PassThroughView(APIView):
    """Pass a listed resource on: method, query, media type, body there; status and answer back.

    No header of the ACD's but Content-Type goes there, and none but Content-Type comes back.
    """

    parser_classes: list[type[BaseParser]] = []  # bodies are none of our business
    throttle_classes = [ClientThrottle]
    http_method_names = [method.lower() for method in METHODS]

    def any_method(self, request: Request, path: str) -> HttpResponse:
        resource = resource_at(path, request.method or "")
        asked = _read(request, resource)
        if resource.mode == Mode.STORE:
            return _stored(request, asked)
        return _passed(resource, asked)

    get = post = put = patch = delete = any_method


def _read(request: Request, resource: PassThroughResource) -> ApexRequest:
    """Bytes that are no proper query are percent-encoded; nothing else changes."""
    raw, method = request._request, request.method or ""
    query = quote(raw.META.get("QUERY_STRING", "").encode("latin-1", "replace"), safe=PRINTABLE)
    if any(name.lower() == OVERRIDE for name, _value in parse_qsl(query, keep_blank_values=True)):
        raise MethodNotAllowed(method, "Another method cannot be asked for by _HttpMethod.")
    try:
        body = body_of(raw)
    except TooLargeError as error:
        raise TooLarge from error
    if len(body) > resource.most_bytes:
        raise TooLarge
    content_type = storable(raw.META.get("CONTENT_TYPE", ""))[:MOST_OF_A_MEDIA_TYPE]
    return ApexRequest(method, resource.path, query, content_type, body)


def _passed(resource: PassThroughResource, asked: ApexRequest) -> HttpResponse:
    started = monotonic()
    answer = live.ask(resource, asked)
    took = int((monotonic() - started) * 1000)
    log.info("passed through", resource=resource.path, status=answer.status, ms=took)
    return HttpResponse(answer.body, answer.content_type or "application/json", answer.status)


def _stored(request: Request, asked: ApexRequest) -> HttpResponse:
    """Committed before the answer: one statement."""
    stored = StoredRequest.objects.create(
        client=client_of(request),
        method=asked.method,
        path=asked.path,
        query=asked.query,
        content_type=asked.content_type,
        body=asked.body,
    )
    log.info("request stored to be forwarded", request=stored.pk, resource=asked.path)
    return HttpResponse(orjson.dumps(STORED), "application/json")
