"""Sends what was generated, judges each answer, and remembers what was accepted."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import requests
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import openapi
from tests.acd import Acd
from tests.fuzz.odd_requests import TAKING, Request
from tests.processes import Installation

TIMEOUT = 30
T = TypeVar("T")
AS_DESCRIBED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass
class Telephone:
    """An ACD that is signed in and has lost its mind."""

    site: Installation
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)  # by resource and status
    accepted: dict[UUID, bytes] = field(default_factory=dict)  # what was sent
    hung_up: int = 0

    def __post_init__(self) -> None:
        acd = Acd(self.site.url, *self.site.client)
        acd.sign_in()
        self.token = acd.access_token
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def sent(self) -> int:
        return self.answers.total()

    def sends(self, request: Request) -> None:
        answer = self._insists(lambda: self._sent(request))
        self.answers[request.resource, answer.status_code] += 1
        assert answer.status_code < 500, answer.text
        openapi.is_as_described(request.method, request.resource, answer)
        self._remembers(request.resource, request.body, answer.content)

    def sends_described(self, case: Case[Any]) -> None:
        """What schemathesis made of the OpenAPI document; it judges the answer, too."""
        ours = {"Authorization": self._ours}
        answer = self._insists(lambda: case.call(self.site.url, self._session, headers=ours))
        self.answers[case.path, answer.status_code] += 1
        case.validate_response(answer, checks=AS_DESCRIBED)
        self._remembers(case.path, answer.request.body, answer.content)

    def lost(self) -> list[UUID]:
        """What was accepted and is not stored byte for byte."""
        rows = self.site.query("SELECT id, raw_body FROM callbacks_callback")
        stored = {UUID(str(key)): bytes(body) for key, body in rows}
        return [key for key, body in self.accepted.items() if stored.get(key) != body]

    def _sent(self, request: Request) -> requests.Response:
        sender = request.authorization
        return self._session.request(
            request.method,
            f"{self.site.url}{request.path}",
            data=pieces(request.body) if request.in_chunks else request.body,
            headers={"Authorization": self._ours if sender is None else sender, **request.headers},
            timeout=TIMEOUT,
            allow_redirects=False,
        )

    def _insists(self, send: Callable[[], T]) -> T:
        """Once more where no answer came, as an ACD does.

        Who refuses a stranger does not wait for the rest of what that sends, and hangs up.
        """
        try:
            return send()
        except requests.ConnectionError:
            self.hung_up += 1
            return send()

    def _remembers(self, resource: str, body: bytes | str | None, content: bytes) -> None:
        said: dict[str, Any] = json.loads(content)
        if resource in TAKING and "CallbackID" in said and not said["Duplicate"]:
            sent = body.encode() if isinstance(body, str) else body or b""
            self.accepted[UUID(said["CallbackID"])] = sent

    @property
    def _ours(self) -> str:
        return f"Bearer {self.token}"


def pieces(body: bytes) -> Iterator[bytes]:
    """In chunks, without a length."""
    yield body[:7]
    yield body[7:]
