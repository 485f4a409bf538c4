"""A call of the data API, alone or as part of a composite one, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from .errors import unreadable_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .faults import Fault
    from .schema import Schema

DATA = "/services/data"
INHERITED = ("accept", "authorization", "content-type")


@dataclass(slots=True)
class Answer:
    """What goes back: a JSON value, or nothing when the body is None."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the caller is told that it did not work."""
        return self.status >= 300


@dataclass(kw_only=True)
class Work:
    """What all calls within one HTTP request share."""

    schema: Schema
    faults: tuple[Fault, ...] = ()
    user_id: str = ""
    seen_keys: dict[tuple[str, str, Any], tuple[str, ...]] | None = None
    locked_out: frozenset[str] = frozenset()
    committed: int = 0

    @property
    def private(self) -> frozenset[str]:
        """The sObjects of which the user sees only the records that it owns."""
        return frozenset(f.params["object"] for f in self.faults if f.action == "private_sharing")

    def sees(self, sobject: str, row: Mapping[str, Any]) -> bool:
        """Whether the user may see a record."""
        return sobject not in self.private or row["OwnerId"] == self.user_id


@dataclass
class Call:
    """One call: `path` holds the decoded segments below the version."""

    method: str
    version: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    work: Work
    inner: bool = False

    @cached_property
    def body(self) -> Any:
        """The body as JSON; {} if there is none."""
        if not self.raw.strip():
            return {}
        try:
            return orjson.loads(self.raw)
        except orjson.JSONDecodeError as wrong:
            reason = f"Unexpected character or end of input: {wrong}"
            raise unreadable_json(reason) from None

    @property
    def record(self) -> dict[str, Any]:
        """The body, which must be one record."""
        if not isinstance(self.body, dict):
            raise unreadable_json("Cannot deserialize instance of SObject: expected an object")
        return self.body

    @property
    def data_url(self) -> str:
        """The start of this version's URLs."""
        return f"{DATA}/v{self.version}"

    @property
    def op(self) -> str:
        """The kind of operation, as faults name it."""
        return operation(self.method, self.path)

    def header(self, name: str, default: str = "") -> str:
        """Give a header by its lower-case name."""
        return self.headers.get(name, default)

    def inside(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Call:
        """Make a call that is part of this one; few headers are inherited (D)."""
        version, path, query = located(url)
        own = {name.lower(): str(value) for name, value in headers.items()}
        inherited = {name: self.headers[name] for name in INHERITED if name in self.headers}
        call = Call(method, version, path, query, {**inherited, **own}, b"", self.work, inner=True)
        call.body = {} if body is None else body
        return call


def located(url: str) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """Take a URL apart: version, segments, query; doubled slashes go (D).

    Segments start below the version of the data API, or below /services.
    """
    split = urlsplit(url)
    segments = tuple(unquote(s) for s in split.path.split("/") if s)
    query = dict(parse_qsl(split.query, keep_blank_values=True))
    if segments[:2] != ("services", "data"):
        return "", segments[1:] if segments[:1] == ("services",) else segments, query
    version = segments[2].removeprefix("v") if len(segments) > 2 else ""
    return version, segments[3:], query


SIMPLE_OPERATIONS = {
    "query": "query",
    "queryAll": "query",
    "search": "search",
    "parameterizedSearch": "search",
    "limits": "limits",
    "composite": "composite",
    "token": "token",
    "apexrest": "apex",
}
BY_ID = 2
BY_METHOD = {"POST": "create", "DELETE": "delete", "GET": "read", "HEAD": "read"}


def operation(method: str, path: tuple[str, ...]) -> str:
    """Name the operation that a method and a path ask for."""
    if path[:2] == ("composite", "sobjects"):
        return in_collections(method, path[2:])
    if path[:1] == ("sobjects",):
        return on_records(method, path[1:])
    return SIMPLE_OPERATIONS.get(path[0], "other") if path else "other"


def on_records(method: str, rest: tuple[str, ...]) -> str:
    """Name the operation on a kind of record, or on one record."""
    if method == "PATCH":
        return "update" if len(rest) == BY_ID else "upsert"
    if rest[1:] == ("describe",):
        return "describe"
    return BY_METHOD.get(method, "other")


def in_collections(method: str, rest: tuple[str, ...]) -> str:
    """Name the operation on a collection."""
    if method == "PATCH":
        return "upsert" if rest else "update"
    if method == "POST" and rest:
        return "read"
    return BY_METHOD.get(method, "other")


def sobject_of(call: Call) -> str:
    """Name the sObject that a call's path is about, "" if it does not say."""
    match call.path:
        case ("sobjects", name, *_) | ("composite", "sobjects", name, *_):
            return name
    return ""


def records_of(call: Call) -> list[dict[str, Any]]:
    """Give the records that a call brings; [] for anything that brings none."""
    if call.op not in {"create", "update", "upsert"}:
        return []
    body = call.body if isinstance(call.body, dict) else {}
    found = body.get("records", []) if call.path[0] == "composite" else [body]
    return [r for r in found if isinstance(r, dict)] if isinstance(found, list) else []
