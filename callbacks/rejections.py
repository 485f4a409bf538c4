"""Requests that could not become a callback, kept for staff: bounded, secrets removed."""

import re

import structlog
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone

from callbacks.models import AcdClient, RejectedRequest
from callbacks.parsers import storable

log = structlog.get_logger()

SECRET_NAMES = rb"password|client_secret|secret|token|access_token|assertion|api_?key|authorization"
NAME = rb"(?:" + SECRET_NAMES + rb")"  # with a bounded stretch around it: hostile text is long
SECRETS = (
    re.compile(  # JSON
        rb'(?i)("[^"]{0,80}' + NAME + rb'[^"]{0,80}"\s{0,9}:\s{0,9})("(?:[^"\\]|\\.)*"?|[^,}\s]+)'
    ),
    re.compile(rb"(?i)((?:^|[&?])[^&=]{0,80}" + NAME + rb"[^&=]{0,80}=)([^&\s]*)"),  # forms
    re.compile(  # multipart
        rb'(?i)(name="[^"]{0,80}' + NAME + rb'[^"]{0,80}"[^\r\n]{0,200}\r?\n\r?\n)([^\r\n]*)'
    ),
    re.compile(rb"(?i)(<[^<>]{0,80}" + NAME + rb"[^<>]{0,80}>)([^<]*)"),  # XML
)


def without_secrets(content: bytes) -> bytes:
    for pattern in SECRETS:
        content = pattern.sub(rb"\1***", content)
    return content


def keep(
    request: HttpRequest, body: bytes, client: AcdClient, *, status: int, code: str, reason: str
) -> None:
    """Store it for staff. Never the reason why the ACD gets another answer."""
    path = without_secrets(request.get_full_path().encode()).decode("utf-8", "replace")
    try:
        RejectedRequest.objects.create(
            received_at=timezone.now(),
            client=client,
            status=status,
            code=code,
            reason=reason,
            method=request.method or "",
            path=storable(path),
            content_type=storable(request.META.get("CONTENT_TYPE", "")),
            body=without_secrets(body[: RejectedRequest.KEPT_BYTES]),
            body_size=len(body),
        )
    except DatabaseError:
        log.warning("rejected request not kept", code=code, exc_info=True)
