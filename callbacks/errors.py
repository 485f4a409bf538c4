"""Every error as one flat object in the ACD's own style, so that a call flow can read it."""

from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.http.response import HttpResponseBase
from django.template import loader
from rest_framework import exceptions, status
from rest_framework.response import Response

log = structlog.get_logger()

ERROR_CODES = {
    400: "unreadable",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "media_type_not_understood",
    429: "too_many_requests",
    500: "internal_error",
    503: "not_stored",
}


class StoreUnavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = (
        "The request could not be stored just now and is not confirmed. Repeating it is safe."
    )
    wait = 5


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is larger than this server takes."


def error_body(code: str, message: str, fields: dict[str, str] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"Error": code, "Message": message}
    return body | {"Fields": fields} if fields else body


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:  # noqa: ARG001
    """DRF's EXCEPTION_HANDLER. What it does not know becomes `internal_error` by Django."""
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is no such record.")
    if isinstance(error, DatabaseError | InterfaceError):
        log.error("the database cannot serve a request", exc_info=error)
        error = StoreUnavailable()
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    code = getattr(error, "error_code", None) or ERROR_CODES[error.status_code]
    log.warning("request refused", status=error.status_code, code=code)
    return Response(error_body(code, _sentence(error)), status=error.status_code, headers=headers)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:  # noqa: ARG001
    if _speaks_json(request):
        return JsonResponse(error_body("not_found", "There is nothing at this path."), status=404)
    return HttpResponseNotFound(loader.render_to_string("404.html", {}, request))


def server_error(request: HttpRequest) -> HttpResponseBase:
    if _speaks_json(request):
        body = error_body("internal_error", "An internal error occurred; it has been logged.")
        return JsonResponse(body, status=500)
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def _speaks_json(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/services/"))


def _sentence(error: exceptions.APIException) -> str:
    detail = error.detail
    return str(detail[0] if isinstance(detail, list) else detail)
