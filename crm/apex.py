"""Requests for the org's own Apex REST resources, and what they answer. Knows no HTTP library."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from crm.errors import CrmError, CrmUnavailable, from_response

ROOT = "/services/apexrest/"
REDIRECTS = (301, 302, 303, 307, 308)
# Said by the org before the resource was reached; whatever else it says is the resource's answer.
OF_THE_ORG = ("INVALID_SESSION_ID", "REQUEST_LIMIT_EXCEEDED")


@dataclass(frozen=True)
class ApexRequest:
    """`path` follows /services/apexrest/; `query` is percent-encoded already."""

    method: str
    path: str
    query: str = ""
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)

    @property
    def target(self) -> str:
        return ROOT + self.path + (f"?{self.query}" if self.query else "")

    @property
    def headers(self) -> dict[str, str]:
        own = {"Accept": "application/json"}
        return own | {"Content-Type": self.content_type} if self.content_type else own


@dataclass(frozen=True)
class ApexAnswer:
    """Whatever the resource answered, refusals and failures of its own included."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


def resource_answer(status: int, content_type: str, body: bytes) -> ApexAnswer:
    """The resource's own answer. CrmError if it is none: a page, a redirect, the org's refusal."""
    if status in REDIRECTS:
        raise from_response(status, "")
    if body and content_type.lower().startswith("text/html"):
        raise CrmUnavailable("UNREADABLE_ANSWER", f"HTTP {status}, a page")
    if refusal := _refusal_of_the_org(status, body):
        raise refusal
    return ApexAnswer(status, content_type, body)


def _refusal_of_the_org(status: int, body: bytes) -> CrmError | None:
    """By code: a class may answer with any status, also 401 and 403."""
    said = _json(body) if status in {401, 403} else None
    if not isinstance(said, list) or not said or not isinstance(said[0], dict):
        return None
    return from_response(status, said) if said[0].get("errorCode") in OF_THE_ORG else None


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
