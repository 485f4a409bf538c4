"""The shapes of requests and answers, as JSON Schema."""

from typing import Any

from callbacks.models import Callback

Json = dict[str, Any]


def schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str, **more: Any) -> Json:
    return {"type": "string", "description": description, **more}


def maybe(description: str, **more: Any) -> Json:
    """A text, or null if it is not known; never left out."""
    return {"type": ["string", "null"], "description": description, **more}


def loose(description: str) -> Json:
    """Text, or the number that some releases make of it."""
    return {"type": ["string", "integer"], "description": description}


CALLER_ID = loose(
    "Number of the caller, E.164, without `+`. What is no number, such as `anonymous`, is taken"
    " and flagged as not dialable."
)
BASE_FIELDS: Json = {
    "CallerID": CALLER_ID,
    "ServiceNumber": loose("Service number called."),
    "ServiceName": text("Name of the service called."),
    "Function": text("Which action is wanted. With the service number it picks the route."),
    "UserData": loose("Free text of the call flow."),
    "UserData2": loose("Free text of the call flow."),
    "UserData3": loose("Free text of the call flow."),
}
EVENT_FIELDS: Json = {
    "Caller": loose("Number of the caller, E.164, with or without `+`."),
    "CallbackNumber": loose("Number to call back, if it is another than the caller's."),
    "ServiceNumbersNumber": loose("Service number called, with or without `+`."),
    "ServiceNumbersName": text("Name of the service called."),
    "AcdGroupsID": {"type": "integer", "description": "Id of the ACD group."},
    "AcdGroupsName": text("Name of the ACD group."),
    "AcdGroupsForeignSystemID": text("The group's reference for us: taken as the function."),
    "dtCallStart": text("Begin of the call, `yyyy-MM-ddTHH:mm:ss` in the ACD's local time."),
    "dtCallEnd": text("End of the call, likewise."),
    "AcdEventsID": {
        "type": "integer",
        "description": "Id of the event in the ACD. The same id again is a repeat.",
    },
    "Subject": text("Subject of the event."),
    "Body": text("Text of the event."),
}
OPEN = " Other fields are no error: they are kept, and templates can use them."

STATES = (
    "How far it has come. `pending`: stored, and on its way, by the worker if not in time."
    " `synced`: in Salesforce; the Case is the one that was made, commented on or changed."
    " `merged`: the same caller's wish was open already; this one joined it, and the Case is that"
    " one's, null as long as it has none. `held`: no route applies; it goes out once there is one."
    " `failed`: Salesforce refused it, and staff has to look. `dismissed`: staff decided that nobody"
    " is called back. `answered`: done in the call itself, there is nothing to send."
)
WHY = {
    "no_route": "no route applies",
    "not_found": "there is no such record",
    "no_number": "the request names no number that could be looked up",
    "too_late": "not known within the time budget; what is to be changed follows",
    "too_busy": "too many callers wait for Salesforce already",
    "salesforce_away": "Salesforce cannot be reached, or the conversation with it pauses",
    "refused": "Salesforce refused the question, and staff has to look",
    "no_look_ups": "this installation only stores",
}
ANSWER: Json = {
    "CallbackID": maybe(
        "Key of the callback, also its external id in Salesforce. Null if nothing was stored.",
        format="uuid",
    ),
    "Status": text(STATES, enum=list(Callback.Status.values)),
    "Duplicate": {
        "type": "boolean",
        "description": "The request repeats one that is stored already; this is its record.",
    },
    "CallerID": maybe("The caller's number, E.164 without `+`. Null: not dialable."),
    "CallbackNumber": maybe("The number to dial, in the same form."),
    "ServiceNumber": maybe("Service number called, in the same form if it is one."),
    "ServiceName": maybe("Name of the service."),
    "Function": maybe("The function asked for."),
    "ReceivedAt": text("When the request arrived, in UTC.", format="date-time"),
    "CaseID": maybe("Id of the Case in Salesforce."),
    "CaseNumber": maybe("Number of the Case."),
    "CaseStatus": maybe("Status of the Case, in the org's words."),
    "CaseURL": maybe("Page of the Case."),
    "ContactID": maybe("Id of the contact."),
    "ContactName": maybe("Name of the contact."),
    "Message": text("One plain sentence about it."),
}
MAY_COME: Json = {
    "Error": text(
        f"Why there is no record. {'; '.join(f'`{code}`: {why}' for code, why in WHY.items())}.",
        enum=list(WHY),
    ),
    "Count": {"type": ["integer", "null"], "description": "How many records were found."},
}
OWN_VARIABLE: Json = {
    "description": "A variable of the route's own, nested one level at most.",
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {
            "type": "object",
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        },
    ],
}

SCHEMAS: Json = {
    "BaseRequest": {
        "type": "object",
        "title": "Base dialect",
        "description": f"A callback request of any ACD release.{OPEN}",
        "properties": BASE_FIELDS,
        "required": ["CallerID"],
    },
    "AcdEventRequest": {
        "type": "object",
        "title": "ACD-event dialect",
        "description": f"A callback request that an ACD group makes itself, from 3.28 on.{OPEN}",
        "properties": EVENT_FIELDS,
        "anyOf": [{"required": ["Caller"]}, {"required": ["CallbackNumber"]}],
        "not": {"required": ["CallerID"]},
    },
    "CallbackRequest": {
        "description": "Either dialect. `CallerID` tells them apart: only the base dialect has it.",
        "oneOf": [schema("BaseRequest"), schema("AcdEventRequest")],
    },
    "CallbackRecord": {
        "type": "object",
        "description": "One flat object, always with these keys in this order.",
        "properties": ANSWER | MAY_COME,
        "required": list(ANSWER),
        "additionalProperties": schema("OwnVariable"),
    },
    "CallbackWithoutRecord": {
        "description": "The request is stored; why it brought no record is in `Error`.",
        "allOf": [schema("CallbackRecord")],
        "required": ["Error"],
    },
    "Several": {
        "type": "object",
        "description": (
            "Several records match. None is named, unless the route names one (ACD release 3.30 and"
            " up): then the variables of a record are here as well."
        ),
        "properties": {
            "Count": {"type": ["integer", "null"], "description": "How many; null: not known."},
            "Message": text("One plain sentence."),
            "Error": text("Why it is not known, as in `CallbackRecord`."),
        },
        "required": ["Count", "Message"],
        "additionalProperties": schema("OwnVariable"),
    },
    "OwnVariable": OWN_VARIABLE,
    "Error": {
        "type": "object",
        "properties": {
            "Error": text("What is wrong, as a code."),
            "Message": text("One plain sentence."),
            "Fields": {
                "type": "object",
                "description": "The fields at fault, if any.",
                "additionalProperties": {"type": "string"},
            },
        },
        "required": ["Error", "Message"],
        "additionalProperties": False,
    },
    "SignIn": {
        "type": "object",
        "properties": {
            "grant_type": text("Which flow.", enum=["client_credentials", "password"]),
            "client_id": text("Of the client; left out with HTTP Basic."),
            "client_secret": text("Of the client; left out with HTTP Basic."),
            "username": text("Of the grant `password`."),
            "password": text("Of the grant `password`."),
        },
        "required": ["grant_type"],
    },
    "Token": {
        "type": "object",
        "description": "As Salesforce answers. Sign in again after a 401.",
        "properties": {
            "access_token": text("For `Authorization: Bearer …`."),
            "signature": text("Of `id` and `issued_at`, with the client secret."),
            "scope": text("Always `api`."),
            "instance_url": text("Below which the resources are."),
            "id": text("Names the client."),
            "token_type": text("Always `Bearer`.", const="Bearer"),
            "issued_at": text("Milliseconds since 1970.", pattern="^[0-9]+$"),
        },
        "required": [
            *("access_token", "signature", "scope", "instance_url", "id", "token_type"),
            "issued_at",
        ],
        "additionalProperties": False,
    },
    "TokenError": {
        "type": "object",
        "description": "As Salesforce refuses a sign-in.",
        "properties": {
            "error": text("A code of OAuth or of Salesforce."),
            "error_description": text("What it means."),
        },
        "required": ["error", "error_description"],
        "additionalProperties": False,
    },
}
