"""Bytes in, fields out: JSON, form, multipart and the query string; on a clash the body wins."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError

MAX_DEPTH = 50
MAX_FIELDS = 1_000
EXACT_INTEGER_DIGITS = 18
LONG_NUMBER = re.compile(rb"\d{%d}" % (EXACT_INTEGER_DIGITS + 1))
NOT_ASCII = re.compile(rb"[\x80-\xff]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # refused by PostgreSQL's text and jsonb


class UnreadableError(Exception):
    """The body cannot be read; the text says where and why, in a plain sentence."""


class UnknownMediaTypeError(Exception):
    pass


class TooLargeError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as it came, and the fields in it."""

    fields: dict[str, Any]
    body: bytes
    query: str
    content_type: str


def read(request: HttpRequest) -> Arrival:
    query = request.META.get("QUERY_STRING", "")
    body = body_of(request)
    content_type = request.META.get("CONTENT_TYPE", "")
    fields = parse_form(query.encode("latin-1", "replace"), content_type) if query else {}
    if body:
        fields |= _parser_for(content_type, body)(body, content_type)
    return Arrival(fields, body, storable(query), content_type)


def body_of(request: HttpRequest) -> bytes:
    """The bytes, also of a body in chunks, whose length nobody said and Django takes for 0."""
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        return _chunked(request)
    try:
        return request.body
    except RequestDataTooBig as error:
        raise TooLargeError from error


def _chunked(request: HttpRequest) -> bytes:
    if not hasattr(request, "_body"):
        most = settings.MAX_BODY_BYTES
        body = request.META["wsgi.input"].read(most + 1)
        if len(body) > most:
            raise TooLargeError
        request._body = body  # noqa: SLF001 - where Django keeps what was read
    return bytes(request._body)  # noqa: SLF001


def parse_json(body: bytes, content_type: str) -> dict[str, Any]:  # noqa: ARG001 - one signature
    try:
        value = _loads(body)
        if not isinstance(value, dict):
            raise UnreadableError("The JSON text is not an object with named fields.")
        if _is_plain(value, body):
            return value
        return {storable(name): _storable_value(field, 0) for name, field in value.items()}
    except RecursionError as error:
        raise UnreadableError("The JSON text is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"The text is not JSON: line {error.lineno}, character {error.colno}."
        ) from error


def parse_form(body: bytes, content_type: str) -> dict[str, Any]:  # noqa: ARG001
    """Percent-encoded UTF-8, or what old releases send: Latin-1 as Windows understands it."""
    text = NOT_ASCII.sub(lambda match: b"%%%02X" % match[0][0], body).decode("ascii")
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            pairs = parse_qsl(
                text,
                keep_blank_values=True,
                encoding=encoding,
                errors="strict",
                max_num_fields=MAX_FIELDS,
            )
        except UnicodeDecodeError:
            continue
        except ValueError as error:
            raise UnreadableError("The form has too many fields.") from error
        return {storable(name): storable(value) for name, value in pairs}
    raise AssertionError("Latin-1 decodes every byte")


def parse_multipart(body: bytes, content_type: str) -> dict[str, Any]:
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": len(body)}
    try:
        # Latin-1 keeps every byte, so that each field can be decoded by what it holds.
        posted, _files = MultiPartParser(meta, BytesIO(body), [], "latin-1").parse()
    except (MultiPartParserError, SuspiciousOperation, ValueError) as error:
        raise UnreadableError("The multipart form is damaged or cut off.") from error
    return {_redecoded(name): _redecoded(str(posted[name])) for name in posted}


def storable(text: str) -> str:
    return UNSTORABLE.sub("\ufffd", text)


Parser = Callable[[bytes, str], dict[str, Any]]
PARSERS: dict[str, Parser] = {
    "application/json": parse_json,
    "text/json": parse_json,
    "application/x-www-form-urlencoded": parse_form,
    "multipart/form-data": parse_multipart,
}


def _parser_for(content_type: str, body: bytes) -> Parser:
    media_type = content_type.partition(";")[0].strip().lower()
    if not media_type:
        return parse_json if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else parse_form
    if media_type.endswith("+json"):
        return parse_json
    try:
        return PARSERS[media_type]
    except KeyError:
        raise UnknownMediaTypeError(media_type) from None


def _loads(body: bytes) -> Any:
    """Read with orjson, or as what it refuses or bends asks for.

    It refuses a byte-order mark, lone surrogates and Latin-1, and makes floats of long digits;
    the standard library's parser takes them, digits kept as text.
    """
    if not LONG_NUMBER.search(body):
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            pass
    return json.loads(
        _decoded(body), parse_int=_exact_integer, parse_float=str, parse_constant=str, strict=False
    )


def where_json_breaks(body: bytes) -> tuple[str, int] | None:
    """The text as it is read, and at which character it is no JSON any more."""
    text = _decoded(body)
    try:
        json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        return text, error.pos
    except RecursionError:
        pass
    return None


def _redecoded(latin: str) -> str:
    return storable(_decoded(latin.encode("latin-1", "replace")))


def _exact_integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= EXACT_INTEGER_DIGITS else digits


def _decoded(body: bytes) -> str:
    for encoding in (json.detect_encoding(body), "utf-8", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1")


def _is_plain(value: dict[str, Any], body: bytes) -> bool:
    """Whether nothing in it can be unstorable, nor deep: NULs and surrogates come by escapes.

    Or as they are, in what is no UTF-8: a NUL in the text, or in each character of another encoding.
    """
    return (
        b"\\u" not in body
        and b"\0" not in body
        and not any(isinstance(field, dict | list) for field in value.values())
    )


def _storable_value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict | list) and depth >= MAX_DEPTH:
        raise UnreadableError("The JSON text is nested too deeply.")
    if isinstance(value, dict):
        return {storable(key): _storable_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable_value(item, depth + 1) for item in value]
    return value
