"""What a resource answers when it refuses: the same everywhere, by status, each with an example."""

from callbacks.errors import StoreUnavailable, TooLarge, error_body
from callbacks.openapi.examples import named
from callbacks.openapi.schemas import Json, schema

JSON = "application/json"


def header(name: str, description: str, kind: str = "string") -> Json:
    return {name: {"description": description, "schema": {"type": kind}}}


RETRY_AFTER = header("Retry-After", "Seconds until it is worth another try.", "integer")
ALLOW = header("Allow", "The methods that there are.")
CHALLENGE = header("WWW-Authenticate", "How to authenticate.")


def response(description: str, shape: str, examples: Json, *, headers: Json | None = None) -> Json:
    """A JSON object of that shape; `examples` are bodies by a summary of each."""
    content = {JSON: {"schema": schema(shape), "examples": named(examples)}}
    return {"description": description, "headers": headers or {}, "content": content}


def refusal(description: str, sentences: dict[str, str], *, headers: Json | None = None) -> Json:
    """`sentences` are the messages by code."""
    bodies = {code: error_body(code, sentence) for code, sentence in sentences.items()}
    return response(description, "Error", bodies, headers=headers)


REFUSALS: Json = {
    "400": refusal(
        "The request cannot be read, or names no caller. It is kept for staff to see.",
        {
            "unreadable": "The text is not JSON: line 1, character 14.",
            "no_caller": "The request names no caller: CallerID, Caller or CallbackNumber.",
        },
    ),
    "401": refusal(
        "No or wrong credentials, or the access token has expired: sign in again.",
        {"not_authenticated": "The access token has expired or was revoked. Sign in again."},
        headers=CHALLENGE,
    ),
    "403": refusal(
        "The client may not use this resource, or not from this network.",
        {"not_allowed": "This client may not send from that network."},
    ),
    "404": refusal("There is no such record.", {"not_found": "There is no such record."}),
    "405": refusal(
        "The resource has no such method.",
        {"method_not_allowed": 'Method "PUT" not allowed.'},
        headers=ALLOW,
    ),
    "413": refusal(
        "The body is larger than the setting MAX_BODY_BYTES.",
        {"too_large": str(TooLarge.default_detail)},
    ),
    "415": refusal(
        "Neither JSON nor a form. The request is kept for staff to see.",
        {
            "media_type_not_understood": (
                "The media type text/xml is not understood; send JSON or a form."
            )
        },
    ),
    "429": refusal(
        "One client sends more than the setting ACD_REQUESTS_PER_SECOND.",
        {"too_many_requests": "Request was throttled. Expected available in 1 second."},
        headers=RETRY_AFTER,
    ),
    "500": refusal(
        "A fault of ours; it is in the log. Repeating is safe.",
        {"internal_error": "An internal error occurred; it has been logged."},
    ),
    "503": refusal(
        "The store cannot take it just now. It is not confirmed; repeating it is safe.",
        {"not_stored": str(StoreUnavailable.default_detail)},
        headers=RETRY_AFTER,
    ),
}


def shared(name: str) -> Json:
    """A response that several operations have, among the document's components."""
    return {"$ref": f"#/components/responses/{name}"}


def refusals(*statuses: int) -> Json:
    """The responses of these statuses, as part of an operation."""
    return {str(status): shared(str(status)) for status in statuses}


ALWAYS = refusals(401, 403, 405, 429, 500, 503)
READING = ALWAYS | refusals(400, 413, 415)
