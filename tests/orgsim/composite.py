"""Composite calls: several subrequests in one, each with its own status (D)."""

import re
from contextlib import suppress
from typing import Any

from .calls import Answer, Call
from .errors import ApiError, unreadable_json
from .org import Org
from .records import RollBackError
from .routes import answer_to
from .versions import refuse_unspoken

MOST_PARTS, MOST_OF_MANY = 25, 5
REFERENCE = re.compile(r"@\{([A-Za-z0-9]\w*)((?:\.\w+|\[\d+\])*)\}")
STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
FORBIDDEN_HEADERS = {"accept", "authorization", "content-type"}
# Not in the documented list of resources that subrequests may use (D).
NOT_IN_PARTS = ("/search", "/parameterizedSearch", "/parameterizedSearch/")
HALTED = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same "
    "transaction failed.",
}


def parts_of(call: Call) -> list[Call]:
    """Give the calls inside a call as they are asked for, as far as they can be read."""
    if call.op != "composite" or call.method != "POST" or not isinstance(call.body, dict):
        return []
    said = call.body.get("compositeRequest")
    parts = said if isinstance(said, list) else call.body.get("batchRequests")
    if not isinstance(parts, list):
        return []
    return [inner(call, p) for p in parts if isinstance(p, dict)]


def inner(call: Call, said: dict[str, Any]) -> Call:
    """Make the call that one subrequest describes; batch URLs start at the version (D)."""
    url = str(said.get("url", ""))
    if not url.startswith("/"):
        url = "/services/data/" + url
    headers = said.get("httpHeaders")
    body = said.get("body", said.get("richInput"))
    return call.inside(
        str(said.get("method", "")).upper(), url, body, headers if isinstance(headers, dict) else {}
    )


def composite(org: Org, call: Call) -> Answer:
    """POST /composite."""
    said = call.record.get("compositeRequest")
    if not isinstance(said, list) or not all(isinstance(p, dict) for p in said):
        raise unreadable_json("Cannot deserialize: 'compositeRequest' must be a list")
    refuse_malformed(said, parts_of(call))
    if call.record.get("allOrNone") is True:
        return Answer(200, {"compositeResponse": all_or_none(org, call, said)})
    return Answer(200, {"compositeResponse": one_by_one(org, call, said)})


def refuse_malformed(said: list[dict[str, Any]], parts: list[Call]) -> None:
    """Refuse too many parts, missing or doubled reference ids, and what a part may not be (D)."""
    many = sum(p.op == "query" or p.path[:2] == ("composite", "sobjects") for p in parts)
    if len(said) > MOST_PARTS or many > MOST_OF_MANY:
        limit = MOST_PARTS if len(said) > MOST_PARTS else MOST_OF_MANY
        raise bad_request(f"The number of subrequests exceeds the limit of {limit}")
    seen: set[str] = set()
    for part in said:
        refuse_malformed_part(part)
        if part["referenceId"] in seen:
            raise bad_request(f"Duplicate referenceId: {part['referenceId']}")
        seen.add(part["referenceId"])


def refuse_malformed_part(part: dict[str, Any]) -> None:
    """Refuse a missing reference id, a forbidden resource and forbidden headers (D)."""
    if not isinstance(part.get("referenceId"), str):
        raise bad_request("Each subrequest needs a referenceId")
    if str(part.get("url", "")).split("?")[0].endswith(NOT_IN_PARTS):
        raise bad_request(f"The resource {part['url'][:80]} is not allowed in a subrequest")
    headers = part.get("httpHeaders") or {}
    if not isinstance(headers, dict):
        raise unreadable_json("Cannot deserialize: 'httpHeaders' must be an object")
    forbidden = {name.lower() for name in headers} & FORBIDDEN_HEADERS
    if forbidden:
        raise bad_request(f"Header not allowed in a subrequest: {', '.join(forbidden)}")


def bad_request(message: str) -> ApiError:
    """Refuse the whole composite call (M for the code)."""
    return ApiError(400, "INVALID_INPUT", message)


def one_by_one(org: Org, call: Call, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run the parts in order; a part that builds on a failed one is not run (D)."""
    done: dict[str, Answer] = {}
    for part in in_order(org, call, said):
        done[part["referenceId"]] = run(org, call, part, done)
    return [shown(part, done[part["referenceId"]]) for part in said]


def in_order(org: Org, call: Call, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the order of work: with collation, parts without references may be shuffled (D)."""
    if call.record.get("collateSubrequests") is False or b"@{" in call.raw:
        return said
    order = list(said)
    if all(not p.get("httpHeaders") and p.get("method") == "PATCH" for p in said):
        org.shuffle.shuffle(order)
    return order


def all_or_none(org: Org, call: Call, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run the parts in one transaction; what fails undoes all (D)."""
    done: dict[str, Answer] = {}
    committed = call.work.committed
    with suppress(RollBackError), org.store.transaction():
        for part in said:
            answer = run(org, call, part, done)
            done[part["referenceId"]] = answer
            if answer.failed or has_failed_rows(answer):
                raise RollBackError
        return [shown(part, done[part["referenceId"]]) for part in said]
    call.work.committed = committed
    culprit = next(reversed(done))
    halted = Answer(400, [HALTED])
    return [shown(p, done[culprit] if p["referenceId"] == culprit else halted) for p in said]


def has_failed_rows(answer: Answer) -> bool:
    """Whether a collection inside reports a failed row."""
    rows = answer.body if isinstance(answer.body, list) else []
    return any(isinstance(r, dict) and r.get("success") is False for r in rows)


def run(org: Org, call: Call, part: dict[str, Any], done: dict[str, Answer]) -> Answer:
    """Run one part with its references filled in."""
    try:
        filled = fill(part, done) if b"@{" in call.raw else part
        return answer_to(org, inner(call, filled))
    except ApiError as wrong:
        return Answer(wrong.status, wrong.body())


def fill(value: Any, done: dict[str, Answer]) -> Any:
    """Replace `@{reference.path}` in texts by what earlier parts answered."""
    if isinstance(value, dict):
        return {k: fill(v, done) if k != "referenceId" else v for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v, done) for v in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = REFERENCE.fullmatch(value)
    if whole:
        return looked_up(whole, done)
    return REFERENCE.sub(lambda found: str(looked_up(found, done)), value)


def looked_up(found: re.Match[str], done: dict[str, Answer]) -> Any:
    """Follow one reference; a part whose reference leads to no value is not run (D)."""
    reference, path = found.groups()
    answer = done.get(reference)
    value: Any = None if answer is None or answer.failed else answer.body
    try:
        for name, index in STEP.findall(path):
            value = value[name] if name else value[int(index)]
    except (KeyError, IndexError, TypeError):
        value = None
    if value is None:
        message = (
            f"Invalid reference specified. No value for {reference}{path} found in {reference}"
        )
        raise ApiError(400, "PROCESSING_HALTED", message)
    return value


def shown(part: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """Write one part's result (D)."""
    return {
        "body": answer.body,
        "httpHeaders": answer.headers,
        "httpStatusCode": answer.status,
        "referenceId": part["referenceId"],
    }


def batch(org: Org, call: Call) -> Answer:
    """POST /composite/batch: independent parts, each of which counts as a call (D)."""
    said = call.record.get("batchRequests")
    if not isinstance(said, list) or not all(isinstance(p, dict) for p in said):
        raise unreadable_json("Cannot deserialize: 'batchRequests' must be a list")
    if len(said) > MOST_PARTS:
        raise bad_request(f"The number of subrequests exceeds the limit of {MOST_PARTS}")
    org.calls.add(max(len(said) - 1, 0))
    halt = call.record.get("haltOnError") is True
    results: list[dict[str, Any]] = []
    for part in said:
        if halt and any(r["statusCode"] >= 300 for r in results):
            skipped = {"errorCode": "BATCH_PROCESSING_HALTED",
                       "message": "Batch processing halted per request"}  # fmt: skip
            results.append({"statusCode": 412, "result": [skipped]})
            continue
        answer = run(org, call, part, {})
        results.append({"statusCode": answer.status, "result": answer.body})
    failed = any(r["statusCode"] >= 300 for r in results)
    return Answer(200, {"hasErrors": failed, "results": results})


COMPOSITES = {("composite",): composite, ("composite", "batch"): batch}


def outer_answer(org: Org, call: Call) -> Answer:
    """Answer a call that may be a composite one; those do not nest (D)."""
    resource = COMPOSITES.get(call.path)
    if resource is None or call.method != "POST":
        return answer_to(org, call)
    refuse_unspoken(call.version)
    return resource(org, call)
