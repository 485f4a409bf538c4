"""Custom Apex REST resources below `jtelACD`, as an org's own classes; a test may replace answers."""

from collections.abc import Callable
from typing import Any

import orjson

from . import ids
from .calls import Answer, Call
from .errors import ApiError
from .org import Org
from .rows import saved
from .search import matching
from .sosl import Search
from .store import digits
from .writing import Draft

CONTACT_FIELDS = ("Id", "Name", "AccountId")
CASE_FIELDS = ("CaseNumber", "Subject", "Status")
SHOWN = {"ServiceNumber": "498946134180", "ServiceNumberName": "Service Hotline"}
Canned = Callable[[Org, Call, dict[str, Any]], Answer]


def taken(org: Org, call: Call, said: dict[str, Any]) -> Answer:
    """Make a Case of a callback or a voice mail, one for each request, and tell its number."""
    who = said.get("CallerID") or said.get("Caller")
    case = {
        "Subject": call.path[-1],
        "SuppliedPhone": who,
        "Description": orjson.dumps(said).decode(),
    }
    sobject = org.schema.sobjects["Case"]
    draft = saved(org, call, sobject, Draft(case))
    [row] = org.store.where_in(sobject, "Id", [draft.id])
    return Answer(200, {"CallerID": who, "CaseID": draft.id, "CaseNumber": row["CaseNumber"]})


def caller(org: Org, _call: Call, said: dict[str, Any]) -> Answer:
    """Look up a caller: 200 for one contact, 300 for several, 404 for none."""
    number = digits(str(said.get("CallerID", "")))
    wished = Search(((number,),) if number else (), "PHONE", ())
    rows = list(matching(org, org.schema.sobjects["Contact"], wished).values())
    if len(rows) == 1:
        known = {f"Contact.{n}": rows[0][n] for n in CONTACT_FIELDS}
        return Answer(200, {"CallerID": said.get("CallerID"), **known})
    status = 300 if rows else 404
    return Answer(status, {"CallerID": said.get("CallerID"), "Count": len(rows)})


def asked(org: Org, _call: Call, said: dict[str, Any]) -> Answer:
    """Look up a Case by its number, the one query that there is."""
    number = str(said.get("Param1") or "")
    known = said.get("Query") == "CaseByNumber" and number
    rows = org.store.where_in(org.schema.sobjects["Case"], "CaseNumber", [number]) if known else []
    for case in rows:
        return Answer(200, {name: case[name] for name in CASE_FIELDS})
    return Answer(404, {"Message": "nothing found"})


def dialled(org: Org, _call: Call, said: dict[str, Any]) -> Answer:
    """Let an agent dial a record's number, and name the number that is shown."""
    if not (said.get("SalesForceID") and said.get("CallerID")):
        return Answer(400, {"Message": "SalesForceID and CallerID are needed"})
    return Answer(200, SHOWN) if living(org, said["SalesForceID"]) else Answer(404, {})


def counted(org: Org, call: Call, said: dict[str, Any]) -> Answer:
    """Write a part of a call's figures as an activity: one for each request, also a repeated one."""
    record_id = living(org, said.get("SalesForceID"))
    related = {"WhoId" if record_id[:3] == "003" else "WhatId": record_id} if record_id else {}
    figures = orjson.dumps(said).decode()
    task = {"Subject": "Call", "Status": "Completed", "Description": figures, **related}
    draft = saved(org, call, org.schema.sobjects["Task"], Draft(task))
    return Answer(200, {"TaskID": draft.id})


def living(org: Org, record_id: object) -> str:
    """Give the long id of a record that is there and not in the recycle bin, else ""."""
    long_id = ids.lengthen(record_id)
    sobject = org.schema.of_id(long_id) if long_id else None
    found = sobject and org.store.where_in(sobject, "Id", [long_id])
    return str(long_id) if found else ""


CANNED: dict[tuple[str, str], Canned] = {
    ("POST", "createCallback"): taken,
    ("POST", "createVoiceMail"): taken,
    ("GET", "getCallerInformation"): caller,
    ("POST", "query"): asked,
    ("GET", "onClickToDial"): dialled,
    ("POST", "writeCallStatistics"): counted,
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
    return CANNED[call.method, resource](org, call, said)
