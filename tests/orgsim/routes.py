"""Which resource answers a call of the data API; composite calls are put together elsewhere."""

from collections.abc import Callable
from typing import Any

from . import collection, describe, early, query, replication, rows, search, versions
from .calls import Answer, Call
from .errors import ApiError, not_found
from .org import Org

Resource = Callable[..., Answer]
Methods = dict[str, Resource]

# A segment in braces stands for any text and is handed to the resource. The first match wins.
ROUTES: list[tuple[tuple[str, ...], Methods]] = [
    ((), {"GET": versions.resources}),
    (("limits",), {"GET": versions.limits}),
    (("limits", "recordCount"), {"GET": versions.record_count}),
    (("query",), {"GET": query.query}),
    (("query", "{}"), {"GET": query.more}),
    (("queryAll",), {"GET": query.query_all}),
    (("queryAll", "{}"), {"GET": query.more}),
    (("search",), {"GET": search.search}),
    (("parameterizedSearch",), {"GET": search.parameterized, "POST": search.parameterized}),
    (("sobjects",), {"GET": describe.listed}),
    (("sobjects", "{}"), {"GET": describe.basic, "POST": rows.create}),
    (("sobjects", "{}", "describe"), {"GET": describe.describe}),
    (("sobjects", "{}", "updated"), {"GET": replication.updated}),
    (("sobjects", "{}", "deleted"), {"GET": replication.deleted}),
    (
        ("sobjects", "{}", "{}"),
        {"GET": rows.read, "PATCH": rows.update, "DELETE": rows.delete},
    ),
    (
        ("sobjects", "{}", "{}", "{}"),
        {
            "GET": rows.by_key(rows.read),
            "PATCH": rows.upsert,
            "DELETE": rows.by_key(rows.delete),
        },
    ),
    (
        ("composite", "sobjects"),
        {"POST": collection.create, "PATCH": collection.update, "DELETE": collection.delete},
    ),
    (("composite", "sobjects", "{}"), {"GET": collection.read, "POST": collection.read}),
    (("composite", "sobjects", "{}", "{}"), {"PATCH": collection.upsert}),
]
REFUSED = {
    ("composite", "graph"): "composite graphs",
    ("composite", "tree"): "sObject trees",
    ("tooling",): "the Tooling API",
    ("jobs",): "the Bulk API",
    ("analytics",): "the Analytics API",
    ("event",): "platform events",
}


def answer_to(org: Org, call: Call) -> Answer:
    """Let the right resource answer a call, or refuse it as an org would."""
    versions.refuse_unspoken(call.version)
    if answer := struck(call):
        return answer
    for pattern, methods in ROUTES:
        values = matched(pattern, call.path)
        if values is not None:
            return allowed(methods, call)(org, call, *values)
    raise refused(call.path)


def struck(call: Call) -> Answer | None:
    """Give the answer of an armed fault that is meant for single subrequests."""
    for fault in call.work.faults:
        if fault.params.get("inner") and fault.match.call(call):
            return early.status(fault)
    return None


def matched(pattern: tuple[str, ...], path: tuple[str, ...]) -> list[str] | None:
    """Give the texts that stand where the pattern has braces; None if it does not fit."""
    if len(pattern) != len(path):
        return None
    pairs = list(zip(pattern, path, strict=True))
    if any(wanted not in {"{}", given} for wanted, given in pairs):
        return None
    return [given for wanted, given in pairs if wanted == "{}"]


def allowed(methods: Methods, call: Call) -> Resource:
    """Give the resource for the method; HEAD is a GET without a body."""
    method = "GET" if call.method == "HEAD" else call.method
    if method not in methods:
        raise MethodNotAllowedError(methods)
    return methods[method]


class MethodNotAllowedError(ApiError):
    """The path is right, the method is not (D)."""

    def __init__(self, methods: dict[str, Any]) -> None:
        self.allow = ",".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))
        message = f"HTTP Method not allowed. Allowed are {self.allow}"
        super().__init__(405, "METHOD_NOT_ALLOWED", message)


def refused(path: tuple[str, ...]) -> ApiError:
    """Refuse what an org has and this one has not, and what no org has."""
    for start, what in REFUSED.items():
        if path[: len(start)] == start:
            message = f"{what} are not part of this simulated org"
            return ApiError(501, "NOT_IMPLEMENTED", message)
    return not_found()
