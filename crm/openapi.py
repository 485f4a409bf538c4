"""What the OpenAPI document says of questions during a call, and of what is passed through.

As `callbacks.openapi`: declared for the generator, compared with real answers by tests.
"""

from callbacks.models import Callback, FunctionRoute
from callbacks.openapi import examples as stored
from callbacks.openapi.examples import named
from callbacks.openapi.operations import (
    FORM,
    MULTIPART,
    alias_of,
    aliased,
    body,
    in_query,
)
from callbacks.openapi.operations import RESPONSES as OF_CALLBACKS
from callbacks.openapi.refusals import (
    JSON,
    READING,
    RETRY_AFTER,
    refusals,
    response,
    shared,
)
from callbacks.openapi.schemas import BASE_FIELDS, Json, loose, maybe, schema, text
from crm.answers import COMMON, NONE_FOUND, ONE_FOUND, VARIABLES
from crm.live import AWAY, BUSY, REFUSED, TOO_LATE
from crm.models.passthrough import METHODS
from crm.passthrough.views import STORED
from crm.queries import UNKNOWN
from crm.responder import FOLLOWS, NO_NUMBER

DESCRIPTIONS = {
    "RecordObject": "What kind of record was found: Contact, Lead, Account or Case.",
    "RecordID": "Its id.",
    "RecordName": "What people call it by.",
    "RecordURL": "Its page.",
    "UserData": "For the screen-pop: the id, or if one of several is named, how many there are.",
    "AccountID": "Account found, or account of the contact or of the Case.",
    "AccountName": "Find the caller: name of the account found.",
    "LeadID": "Find the caller: lead found.",
    "LeadName": "Find the caller: name of the lead.",
    "CaseSubject": "Find the Case: its subject.",
    "CasePriority": "Find the Case: its priority.",
    "CaseCreatedAt": "Find the Case: when it was made.",
}
COUNT: Json = {
    "type": ["integer", "null"],
    "description": "How many records were found, at most 10. Null: not known.",
}
SCHEMAS: Json = {
    "LookUp": {
        "description": (
            "The record of a callback, and what the look-up found: the variables of its action are"
            " there each time, null if not known, and so are the route's own."
        ),
        "allOf": [schema("CallbackRecord")],
        "type": "object",
        "properties": {
            "Count": COUNT,
            **{name: maybe(description) for name, description in DESCRIPTIONS.items()},
            "CaseIsClosed": {
                "type": ["boolean", "null"],
                "description": "Find the Case: whether it is closed.",
            },
        },
        "required": list(COMMON),
    },
    "LookUpWithoutRecord": {
        "description": "Nothing was found, or nothing found out; why is in `Error`.",
        "allOf": [schema("LookUp")],
        "required": ["Error"],
    },
    "QueryRequest": {
        "type": "object",
        "properties": {
            "Query": text("Name of a query that an administrator wrote."),
            **{f"Param{n}": loose("What the query asks about.") for n in range(1, 5)},
        },
        "required": ["Query"],
    },
    "QueryRecord": {
        "type": "object",
        "description": "What the query selects, by Salesforce's names, and its own variables.",
        "properties": {
            "Query": text("Name of the query."),
            "Count": {"const": 1},
            "Message": text("One plain sentence."),
        },
        "required": ["Query", "Count", "Message"],
    },
    "QueryWithoutRecord": {
        "type": "object",
        "properties": {
            "Query": text("Name of the query."),
            "Count": COUNT,
            "Error": text("Why there is no record, as a code."),
            "Message": text("One plain sentence."),
        },
        "required": ["Query", "Error", "Message"],
    },
    "FromSalesforce": {"description": "What the org's own resource answers, unchanged."},
    "ForSalesforce": {"description": "What the org's own resource expects, passed on unchanged."},
}

NOTHING = dict.fromkeys(
    ("Count", *COMMON, *VARIABLES[FunctionRoute.Action.FIND_CALLER])
)  # of a look-up for the caller
ASKED = stored.ACCEPTED | {"CallbackID": None, "Status": "answered"} | NOTHING
FOUND = ASKED | {
    "ContactID": "003QW00000FGHIJYA5",
    "ContactName": "Eva Meier",
    "Count": 1,
    "RecordObject": "Contact",
    "RecordID": "003QW00000FGHIJYA5",
    "RecordName": "Eva Meier",
    "RecordURL": "https://acme.my.salesforce.com/lightning/r/Contact/003QW00000FGHIJYA5/view",
    "UserData": "003QW00000FGHIJYA5",
    "AccountID": "001QW00000KLMNOYA5",
    "Message": ONE_FOUND,
}
NOTHING_FOUND = ASKED | {"Count": 0, "Message": NONE_FOUND, "Error": "not_found"}
NOT_KNOWN = {
    "Not in time": ASKED | {"Message": TOO_LATE, "Error": "too_late"},
    "Too many callers wait": ASKED | {"Message": BUSY, "Error": "too_busy"},
    "Salesforce is away": ASKED | {"Message": AWAY, "Error": "salesforce_away"},
    "Salesforce refused the question": ASKED | {"Message": REFUSED, "Error": "refused"},
}
NO_NUMBER_SENT = ASKED | {
    "CallerID": None,
    "CallbackNumber": None,
    "Message": NO_NUMBER,
    "Error": "no_number",
}
CASE: Json = {
    "CaseID": stored.SYNCED["CaseID"],
    "CaseNumber": stored.SYNCED["CaseNumber"],
    "CaseStatus": "Working",
    "CaseURL": stored.SYNCED["CaseURL"],
    "ContactID": "003QW00000FGHIJYA5",
    "ContactName": "Eva Meier",
    "Count": 1,
    "RecordObject": "Case",
    "RecordID": stored.SYNCED["CaseID"],
    "RecordName": stored.SYNCED["CaseNumber"],
    "RecordURL": stored.SYNCED["CaseURL"],
    "UserData": stored.SYNCED["CaseID"],
    "AccountID": "001QW00000KLMNOYA5",
    "CaseSubject": "Heating is out",
    "CasePriority": "High",
    "CaseIsClosed": False,
    "CaseCreatedAt": "2026-11-18T14:02:11.000+0000",
    "Message": ONE_FOUND,
}
OF_A_QUERY: Json = {"Query": "open orders", "Count": None}
RECORD_OF_A_QUERY: Json = {
    "OrderNumber": "00000107",
    "Account": {"Name": "Meier Ltd"},
    "Query": "open orders",
    "Count": 1,
    "Message": ONE_FOUND,
}


def _ours(description: str, code: str, sentence: str, *, headers: Json | None = None) -> Json:
    """A refusal of ours. With the same status the org may answer anything."""
    said = f"{description} Or what the org's resource answers."
    example = {code: {"Error": code, "Message": sentence}}
    return response(said, "FromSalesforce", example, headers=headers)


def _with_examples(name: str, bodies: Json) -> Json:
    """A response of the case store's, and what comes of it where Salesforce is asked as well."""
    base: Json = OF_CALLBACKS[name]
    content = base["content"][JSON]
    examples = content["examples"] | named(bodies)
    return base | {"content": {JSON: content | {"examples": examples}}}


def _stored(body: Json) -> Json:
    """As a POST is answered, which is stored."""
    return body | {"CallbackID": stored.ACCEPTED["CallbackID"]}


RESPONSES: Json = {
    "Taken": _with_examples(
        "Taken",
        {
            "The caller was found": _stored(FOUND),
            "The open Case of the caller was found": stored.ACCEPTED
            | {"Status": "answered"}
            | CASE,
        },
    ),
    "TakenWithoutRecord": _with_examples(
        "TakenWithoutRecord",
        {
            "Nothing found": _stored(NOTHING_FOUND),
            "No number to look up": _stored(NO_NUMBER_SENT),
            **{summary: _stored(said) for summary, said in NOT_KNOWN.items()},
            "No Case to be changed": stored.standing(Callback.Status.ANSWERED)
            | {"Count": 0, "Message": NONE_FOUND, "Error": "not_found"},
            "A change that follows": stored.ACCEPTED | {"Message": FOLLOWS, "Error": "too_late"},
        },
    ),
    "CallerFound": response(
        "One record.",
        "LookUp",
        {"One contact": FOUND, "The open Case": ASKED | CASE},
    ),
    "NoCallerFound": response(
        "No record, or none in time; for the latter the route may say another status.",
        "LookUpWithoutRecord",
        {"Nothing found": NOTHING_FOUND, "No number to look up": NO_NUMBER_SENT, **NOT_KNOWN},
    ),
    "QueryAnswered": response("One record.", "QueryRecord", {"One record": RECORD_OF_A_QUERY}),
    "QueryWithoutRecord": response(
        "No record, none in time, a value that fits no place, or no such query.",
        "QueryWithoutRecord",
        {
            "Nothing found": {
                "Query": "open orders",
                "Count": 0,
                "Error": "not_found",
                "Message": NONE_FOUND,
            },
            "No such query": {"Query": "orders", "Error": "unknown_query", "Message": UNKNOWN},
            "A value that does not fit": OF_A_QUERY
            | {"Error": "unfit_parameter", "Message": "Param1 is empty."},
            "Not in time": OF_A_QUERY | {"Error": "too_late", "Message": TOO_LATE},
            "Too many callers wait": OF_A_QUERY | {"Error": "too_busy", "Message": BUSY},
            "Salesforce is away": OF_A_QUERY | {"Error": "salesforce_away", "Message": AWAY},
            "Salesforce refused the question": OF_A_QUERY
            | {"Error": "refused", "Message": REFUSED},
        },
    ),
    "Passed": response(
        "What the org's resource answers; or, if it is to be stored and forwarded, that it is.",
        "FromSalesforce",
        {
            "Answered live": {"ServiceNumber": "498946134180", "ServiceNumberName": "Hotline"},
            "Stored and forwarded": STORED,
        },
    ),
    "PassedOtherwise": {
        "description": "Any other status of the org's resource, with its body.",
        "content": {JSON: {"schema": schema("FromSalesforce")}},
    },
    "NotListed": _ours("Not on the list.", "not_found", "This resource is not on the list."),
    "NotThisMethod": _ours(
        "Not with this method.", "method_not_allowed", "It is passed on with GET alone."
    ),
    "SalesforceAway": _ours(
        "Salesforce or the store cannot be reached (`salesforce_unavailable`, `not_stored`), or too"
        " many requests wait for it already (`too_busy`); nothing was done.",
        "salesforce_unavailable",
        "Salesforce cannot be reached. Nothing was sent there; please repeat it later.",
        headers=RETRY_AFTER,
    ),
    "SalesforceSilent": _ours(
        "No answer within the resource's time budget.",
        "no_answer_in_time",
        "Salesforce did not answer in time. What was asked for may have been done.",
        headers=RETRY_AFTER,
    ),
}

LOOK_UP: Json = {
    "operationId": "findCaller",
    "tags": ["Look-ups"],
    "summary": "Look the caller up during the call",
    "description": (
        "Answered within the time budget of the route. A route for the service number and function"
        " says what is looked up, else it is the contact with this number. Nothing is stored."
    ),
    "parameters": [
        parameter | {"required": parameter["name"] == "CallerID"}
        for parameter in in_query(BASE_FIELDS)
    ],
    "responses": {
        "200": shared("CallerFound"),
        "300": shared("Several"),
        "404": shared("NoCallerFound"),
        **READING,
    },
}
QUESTION = {"Query": "open orders", "Param1": "4711", "Param2": "", "Param3": "", "Param4": ""}
QUERY: Json = {
    "operationId": "query",
    "tags": ["Look-ups"],
    "summary": "Run a query that an administrator wrote",
    "description": "The request fills in values, never words of the query. Nothing is stored.",
    "requestBody": {
        "required": True,
        "content": {
            kind: body("QueryRequest", {"A workflow's question": QUESTION})
            for kind in (JSON, FORM, MULTIPART)
        },
    },
    "responses": {
        "200": shared("QueryAnswered"),
        "300": shared("Several"),
        "404": shared("QueryWithoutRecord"),
        **READING,
    },
}

RESOURCE: Json = {
    "name": "resource",
    "in": "path",
    "required": True,
    "description": "What follows `/services/apexrest/`; may hold slashes.",
    "schema": {"type": "string"},
    "examples": {
        name: {"value": f"jtelACD/{name}"} for name in ("onClickToDial", "writeCallStatistics")
    },
}


PASSED: Json = {
    "200": shared("Passed"),
    **refusals(401, 403, 413, 429, 500),
    "404": shared("NotListed"),
    "405": shared("NotThisMethod"),
    "503": shared("SalesforceAway"),
    "504": shared("SalesforceSilent"),
    "default": shared("PassedOtherwise"),
}


def passed_through(method: str) -> Json:
    operation: Json = {
        "operationId": f"passThrough{method.capitalize()}",
        "tags": ["Pass-through"],
        "summary": f"{method} a listed Apex REST resource of the org",
        "description": (
            "Method, query, media type and body go to the org's resource of the same name, status,"
            " media type and body come back. An administrator lists what may be reached."
        ),
        "parameters": [RESOURCE],
        "responses": PASSED,
    }
    if method not in {"GET", "DELETE"}:
        operation["requestBody"] = {"content": {JSON: {"schema": schema("ForSalesforce")}}}
    return operation


OPERATIONS: dict[str, dict[str, Json]] = {
    "/api/v1/callers": {"GET": LOOK_UP},
    alias_of("callers"): {"GET": aliased(LOOK_UP)},
    "/api/v1/query": {"POST": QUERY},
    alias_of("query"): {"POST": aliased(QUERY)},
    "/services/apexrest/{resource}": {method: passed_through(method) for method in METHODS},
}
