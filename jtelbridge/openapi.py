"""The OpenAPI document: drf-spectacular walks the URLs, each resource is described beside its views.

`make openapi` writes the document to the file beside this one, which is served as it is. It is
public, so asking for it has to cost nothing, and no process has to hold the generator in memory. A
test says when the file is out of date. A resource that nobody described is a KeyError.
"""

from typing import Any

from drf_spectacular.openapi import AutoSchema

from callbacks.openapi import operations as of_callbacks
from callbacks.openapi.schemas import SCHEMAS, Json
from crm import openapi as of_crm

OPERATIONS = of_callbacks.OPERATIONS | of_crm.OPERATIONS
# A part of a path: as the views call it, and as people do.
NAMES = {"{key}": "{CallbackID}", "{path}": "{resource}"}

INFO: Json = {
    "title": "jtelbridge",
    "version": "1",
    "summary": "Takes callback requests from a jtel ACD and brings each to Salesforce as one Case.",
    "description": (
        "Every resource answers with and without a trailing slash, always in JSON, whatever the"
        " Accept header says. An answer is one flat object whose names a call flow can read:"
        " `CaseNumber` becomes `$SalesForce.CaseNumber`.\n\n"
        "**Status as an ACD understands it**: 200 one record was found or made, 300 several match,"
        " 404 none. A request that was stored says so by its `CallbackID`, whatever its status. An"
        " unknown path below `/api/` or `/services/` is a 404 with `Error` and `Message` alone, and"
        " so is every path below *Look-ups* and *Pass-through* on an installation that only stores."
        "\n\n"
        "**Authentication**: an access token of `/services/oauth2/token`, HTTP Basic with client id"
        " and secret, or `Authorization: Bearer` with the secret itself.\n\n"
        "**In place of Salesforce**: an ACD that talked to Salesforce is switched over by changing"
        " its URL, id and secret; it finds the same resources at the same paths."
    ),
}
TAGS = [
    {"name": "Callbacks", "description": "Stored before they are answered."},
    {"name": "Look-ups", "description": "Questions during a call, answered within a time budget."},
    {"name": "Sign-in", "description": "As Salesforce's."},
    {"name": of_callbacks.DROP_IN, "description": "The same resources for an ACD switched over."},
    {"name": "Pass-through", "description": "Resources of the org's own, reached through us."},
]
TOKEN_URL = "/services/oauth2/token"  # noqa: S105 - a path
SECURITY_SCHEMES: Json = {
    "AccessToken": {
        "type": "oauth2",
        "description": "An access token, got with client id and secret.",
        "flows": {
            "clientCredentials": {"tokenUrl": TOKEN_URL, "scopes": {}},
            "password": {"tokenUrl": TOKEN_URL, "scopes": {}},
        },
    },
    "Basic": {"type": "http", "scheme": "basic", "description": "Client id and secret."},
    "Secret": {"type": "http", "scheme": "bearer", "description": "The secret, as it is."},
}

Endpoint = tuple[str, str, str, Any]


class DescribedSchema(AutoSchema):
    """An operation as it was described; views that read bytes themselves tell nothing."""

    def get_operation(self, path: str, *others: Any) -> Json:
        method = others[2]
        return OPERATIONS[path][method]


def with_plain_paths(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Without the slash that may follow."""
    return [(_plain(path), *others) for path, *others in endpoints]


def complete(result: Json, **_generator: Any) -> Json:
    """All that belongs to no single operation."""
    return result | {
        "info": INFO,
        "tags": TAGS,
        "security": [{name: []} for name in SECURITY_SCHEMES],
        "components": {
            "schemas": SCHEMAS | of_crm.SCHEMAS,
            "responses": of_callbacks.RESPONSES | of_crm.RESPONSES,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _plain(path: str) -> str:
    for ours, plain in NAMES.items():
        path = path.replace(ours, plain)
    return path.rstrip("/")
