"""Custom Apex REST resources below `jtelACD`: canned answers, which a test may replace."""

from collections.abc import Callable
from typing import Any

from .calls import Answer, Call
from .errors import ApiError
from .org import Org
from .search import matching
from .sosl import Search
from .store import digits

CONTACT_FIELDS = ("Id", "Name", "AccountId")
Canned = Callable[[Org, dict[str, Any]], Answer]


def taken(_org: Org, said: dict[str, Any]) -> Answer:
    """Say that a request was taken, repeating who called."""
    return Answer(200, {"CallerID": said.get("CallerID"), "Message": "taken by the org"})


def caller(org: Org, said: dict[str, Any]) -> Answer:
    """Look up a caller: 200 for one contact, 300 for several, 404 for none."""
    number = digits(str(said.get("CallerID", "")))
    wished = Search(((number,),) if number else (), "PHONE", ())
    rows = list(matching(org, org.schema.sobjects["Contact"], wished).values())
    if len(rows) == 1:
        known = {f"Contact.{n}": rows[0][n] for n in CONTACT_FIELDS}
        return Answer(200, {"CallerID": said.get("CallerID"), **known})
    status = 300 if rows else 404
    return Answer(status, {"CallerID": said.get("CallerID"), "Count": len(rows)})


def nothing(_org: Org, _said: dict[str, Any]) -> Answer:
    """Say that nothing was found."""
    return Answer(404, {"Message": "nothing found"})


CANNED: dict[tuple[str, str], Canned] = {
    ("POST", "createCallback"): taken,
    ("POST", "createVoiceMail"): taken,
    ("GET", "getCallerInformation"): caller,
    ("POST", "query"): nothing,
    ("GET", "onClickToDial"): nothing,
    ("POST", "writeCallStatistics"): taken,
}


def answer_to(org: Org, call: Call) -> Answer:
    """Answer a call below /services/apexrest."""
    name = "/".join(call.path[1:])
    if name in org.apex_answers:
        status, body = org.apex_answers[name]
        return Answer(status, body)
    folder, _, resource = name.partition("/")
    methods = [m for m, r in CANNED if r == resource and folder == "jtelACD"]
    if not methods:
        raise ApiError(404, "NOT_FOUND", "Could not find a match for URL")
    if call.method not in methods:
        message = f"HTTP Method '{call.method}' not allowed. Allowed are {','.join(methods)}"
        raise ApiError(405, "METHOD_NOT_ALLOWED", message)
    said = call.record if call.method == "POST" else dict(call.query)
    return CANNED[call.method, resource](org, said)
