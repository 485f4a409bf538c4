"""The HTTP around calls and answers: sizes, encodings, content types, cookies."""

import gzip
import secrets
import zlib
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request

from .calls import Answer, Call
from .errors import ApiError

LARGEST_HEAD = 16_384
WORTH_PACKING = 1_024
JSON = "application/json;charset=UTF-8"


def too_large(request: Request) -> Answer | None:
    """Refuse a URI with headers of more than 16,384 bytes, with a page as Jetty does (D, 3)."""
    path = request.scope["raw_path"] + b"?" + request.scope["query_string"]
    if len(path) > LARGEST_HEAD:
        return bad_message(414, "URI Too Long")
    # Each header line also has a colon, a blank and a line end.
    size = len(path) + sum(len(n) + len(v) + 4 for n, v in request.scope["headers"])
    if size > LARGEST_HEAD:
        return bad_message(431, "Request Header Fields Too Large")
    return None


def bad_message(status: int, reason: str) -> Answer:
    """Write the page of a request that did not reach the org (3)."""
    page = f"<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>"
    return Answer(status, page, {"Content-Type": "text/html;charset=iso-8859-1"})


def unpacked(raw: bytes, encoding: str) -> bytes:
    """Give a body without its compression; what is not compressed well is no JSON either."""
    try:
        if encoding.lower() == "gzip":
            return gzip.decompress(raw)
        return zlib.decompress(raw) if encoding.lower() == "deflate" else raw
    except (OSError, EOFError, zlib.error):
        return raw


def refuse_other_than_json(call: Call) -> None:
    """Refuse a body of another kind (D); Salesforce would also take XML, this org does not."""
    kind = call.header("content-type").partition(";")[0].strip().lower()
    if call.raw and kind not in {"", "application/json"} and call.op != "apex":
        message = f"Content type {kind} is not supported"
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", message)


def written(body: Any, *, pretty: bool) -> bytes:
    """Write a JSON value; a text is a page and goes out as it is."""
    if isinstance(body, str):
        return body.encode()
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 if pretty else None)


def packed(content: bytes, accepted: str) -> tuple[bytes, dict[str, str]]:
    """Compress a longer body for who takes that."""
    if len(content) < WORTH_PACKING or "gzip" not in accepted:
        return content, {}
    return gzip.compress(content, compresslevel=1, mtime=0), {"Content-Encoding": "gzip"}


def cookie(cookies: Mapping[str, str]) -> dict[str, str]:
    """Mark a browser that has no mark yet, as every answer of an org does (R)."""
    if "BrowserId" in cookies:
        return {}
    return {"Set-Cookie": f"BrowserId={secrets.token_urlsafe(16)}; path=/; SameSite=Lax"}
