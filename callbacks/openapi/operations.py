"""The operations of the case store's resources, by path and method."""

from django.conf import settings

from callbacks.models import Callback
from callbacks.openapi import examples
from callbacks.openapi.examples import named
from callbacks.openapi.refusals import (
    ALLOW,
    ALWAYS,
    JSON,
    READING,
    REFUSALS,
    RETRY_AFTER,
    refusals,
    response,
    shared,
)
from callbacks.openapi.schemas import BASE_FIELDS, Json, schema

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
DROP_IN = "In place of Salesforce"


def in_query(fields: Json) -> list[Json]:
    """Everything is text in a query string."""
    return [
        {
            "name": name,
            "in": "query",
            "description": field["description"],
            "schema": {"type": "string"},
        }
        for name, field in fields.items()
    ]


def body(shape: str, bodies: Json) -> Json:
    return {"schema": schema(shape), "examples": named(bodies)}


def aliased(operation: Json) -> Json:
    """The same view, where an ACD that talked to Salesforce looks for it."""
    name = f"{operation['operationId']}InPlaceOfSalesforce"
    return operation | {"operationId": name, "tags": [DROP_IN]}


def alias_of(resource: str) -> str:
    return f"/{settings.ACD_ALIAS_ROOT}/{settings.ACD_ALIASES[resource]}"


IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "The same key again, for the same caller and service number, is a repeat. Without it"
        " `AcdEventsID` is the key, else all fields within the window CALLBACK_DEDUPE_SECONDS."
    ),
    "schema": {"type": "string"},
    "example": "call-20261120-091431-7",
}
RESPONSES: Json = REFUSALS | {
    "Taken": response(
        "Stored, and committed before the answer. Also a repeat, and what a live function found, with"
        " the variables of `LookUp`. In the ACD-event dialect, which knows 200 and 500 only, also what"
        " is 300 or 404 otherwise.",
        "CallbackRecord",
        {
            "Accepted": examples.ACCEPTED,
            "Accepted and the route waited for its Case": examples.SYNCED,
            "A repeat once the Case is there": examples.SYNCED | {"Duplicate": True},
            "A comment on the open Case or a change of it": examples.COMMENTED,
            "Merged into an open wish that has its Case": examples.MERGED,
            "Merged into an open wish that has none yet": examples.MERGED_EARLY,
            "The route only stores": examples.standing(Callback.Status.ANSWERED),
            "The route waited and Salesforce refused it": examples.standing(Callback.Status.FAILED),
            "A repeat of what staff dismissed": examples.standing(Callback.Status.DISMISSED)
            | {"Duplicate": True},
            "No route, ACD-event dialect": examples.HELD,
        },
    ),
    "Several": response(
        "Several records match. If the request was a POST of a callback, it is stored. Or the route"
        " says 300 for what is not known in time.",
        "Several",
        {"Several": examples.SEVERAL, "Not in time": examples.UNKNOWN_AS_SEVERAL},
    ),
    "TakenWithoutRecord": response(
        "Stored all the same. No route is configured for it: it is `held`, and goes out by itself"
        " once there is one. Or a live function found no record, or none in time: `answered`. Or a"
        " change of a Case was not made in time: `pending`, and it follows.",
        "CallbackWithoutRecord",
        {"No route": examples.NO_ROUTE},
    ),
}
TAKEN: Json = {
    "200": shared("Taken"),
    "300": shared("Several"),
    "404": shared("TakenWithoutRecord"),
}
CREATE_CALLBACK: Json = {
    "operationId": "createCallback",
    "tags": ["Callbacks"],
    "summary": "Take a callback request, in either dialect",
    "description": (
        "Fields may travel in a JSON body, in a form, or in the query string of the POST; on a"
        " clash the body wins. Fields of the ACD-event dialect are understood there as well.\n\n"
        "The route for the service number and function says what is done: a record is made (and its"
        " number waited for, if the route says how long), the caller or his open Case is looked up,"
        " the open Case is commented on or changed, or the request is only stored. A service number"
        " may have a window in which the same caller's second wish is `merged` into the first."
    ),
    "parameters": [IDEMPOTENCY_KEY, *in_query(BASE_FIELDS)],
    "requestBody": {
        "content": {
            JSON: body(
                "CallbackRequest",
                {"Base dialect": examples.BASE, "ACD-event dialect": examples.EVENT},
            ),
            FORM: body("BaseRequest", {"Base dialect": examples.BASE}),
            MULTIPART: body("BaseRequest", {"Base dialect": examples.BASE}),
        },
    },
    "responses": TAKEN | READING,
}
CREATE_VOICEMAIL: Json = {
    "operationId": "createVoicemail",
    "tags": ["Callbacks"],
    "summary": "Take a voice mail",
    "description": (
        "As a callback request, and what is understood there is understood here. Keys of the two"
        " kinds never meet, and a wish is merged into one of its kind alone."
    ),
    "parameters": [IDEMPOTENCY_KEY],
    "requestBody": {
        "required": True,
        "content": {
            kind: body("AcdEventRequest", {"Voice mail": examples.EVENT})
            for kind in (JSON, FORM, MULTIPART)
        },
    },
    "responses": TAKEN | READING,
}
GET_CALLBACK: Json = {
    "operationId": "getCallback",
    "tags": ["Callbacks"],
    "summary": "Show a callback as it stands now",
    "description": "A client sees what it sent itself; a reader sees all.",
    "parameters": [
        {
            "name": "CallbackID",
            "in": "path",
            "required": True,
            "description": "From the answer to the request.",
            "schema": {"type": "string", "format": "uuid"},
            "example": examples.ACCEPTED["CallbackID"],
        }
    ],
    "responses": {
        "200": response(
            "The record.",
            "CallbackRecord",
            {
                "In Salesforce": examples.SYNCED,
                "Waiting": examples.ACCEPTED,
                "Merged into an open wish": examples.MERGED,
                "No route yet": examples.HELD,
                "Refused by Salesforce": examples.standing(Callback.Status.FAILED),
                "Dismissed by staff": examples.standing(Callback.Status.DISMISSED),
                "Nothing to send": examples.standing(Callback.Status.ANSWERED),
            },
        ),
        **ALWAYS,
        **refusals(404),
    },
}


def _no_token(description: str, sentences: dict[str, str], *, headers: Json | None = None) -> Json:
    """`sentences` are the descriptions by code."""
    bodies = {
        code: {"error": code, "error_description": sentence} for code, sentence in sentences.items()
    }
    return response(description, "TokenError", bodies, headers=headers)


SIGN_IN: Json = {
    "operationId": "signIn",
    "tags": ["Sign-in"],
    "summary": "Exchange client id and secret for an access token",
    "description": (
        "As Salesforce does, refusals included. Id and secret come in the form or as HTTP Basic."
        " The grant `password` is there for clients that were given a user name."
    ),
    "security": [{}, {"Basic": []}],
    "requestBody": {
        "required": True,
        "content": {
            FORM: body(
                "SignIn",
                {
                    "Client credentials": examples.SIGN_IN,
                    "Old password flow": examples.OLD_SIGN_IN,
                },
            )
        },
    },
    "responses": {
        "200": response("Signed in.", "Token", {"Signed in": examples.TOKEN}),
        "400": _no_token(
            "Refused: `invalid_client` (wrong secret), `invalid_client_id` (unknown client),"
            " `invalid_grant` (wrong network or password), `unsupported_grant_type`, or"
            " `invalid_request` (no form).",
            {
                "invalid_client": "invalid client credentials",
                "invalid_client_id": "client identifier invalid",
                "invalid_grant": "authentication failure",
                "unsupported_grant_type": "grant type not supported",
                "invalid_request": f"Send a form, {FORM}.",
            },
        ),
        "405": _no_token("Not a POST.", {"invalid_request": "Use POST."}, headers=ALLOW),
        "413": _no_token("The form is too large.", {"invalid_request": "The form is too large."}),
        "429": _no_token(
            "Too many failed or too many successful sign-ins.",
            {"rate_limit_exceeded": "login rate exceeded"},
            headers=RETRY_AFTER,
        ),
        "503": _no_token(
            "The database cannot serve it just now.",
            {"unknown_error": "Try again in a few seconds."},
            headers=RETRY_AFTER,
        ),
    },
}

OPERATIONS: dict[str, dict[str, Json]] = {
    "/services/oauth2/token": {"POST": SIGN_IN},
    "/api/v1/callbacks": {"POST": CREATE_CALLBACK},
    "/api/v1/callbacks/{CallbackID}": {"GET": GET_CALLBACK},
    alias_of("callbacks"): {"POST": aliased(CREATE_CALLBACK)},
    "/api/v1/voicemails": {"POST": CREATE_VOICEMAIL},
    alias_of("voicemails"): {"POST": aliased(CREATE_VOICEMAIL)},
}
