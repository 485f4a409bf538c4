"""What the OpenAPI document says of a request, and whether an answer or an example is like that."""

import json
import re
from collections.abc import Mapping
from typing import Any, Protocol

from jsonschema import Draft202012Validator

from jtelbridge.api_docs import DOCUMENT

JSON = "application/json"
document: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
operations: dict[tuple[str, str], dict[str, Any]] = {
    (method.upper(), path): operation
    for path, methods in document["paths"].items()
    for method, operation in methods.items()
}


class Answer(Protocol):
    """Of Django's test client, or over a socket."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...


def operation_at(method: str, path: str) -> dict[str, Any]:
    """The described operation; the most literal path that fits wins."""
    path = path.partition("?")[0].rstrip("/")
    fitting = [known for way, known in operations if way == method and _fits(known, path)]
    return operations[method, min(fitting, key=lambda known: known.count("{"))]


def response_of(operation: Mapping[str, Any], status: int) -> dict[str, Any]:
    responses = operation["responses"]
    return resolved(responses.get(str(status)) or responses["default"])


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """What a reference refers to; anything else as it is."""
    while "$ref" in part:
        *way, name = part["$ref"].removeprefix("#/").split("/")
        part = document[way[0]][way[1]][name]
    return part


def is_like(value: Any, schema: Mapping[str, Any]) -> None:
    """ValidationError, by which rule not."""
    whole = {**schema, "components": document["components"]}
    formats = Draft202012Validator.FORMAT_CHECKER
    Draft202012Validator(whole, format_checker=formats).validate(value)


def is_as_described(method: str, path: str, answer: Answer) -> None:
    """KeyError if nobody described such an answer, ValidationError if it is another."""
    response = response_of(operation_at(method, path), answer.status_code)
    assert answer.headers["Content-Type"].partition(";")[0] == JSON
    for name in response.get("headers", ()):
        assert name in answer.headers
    is_like(json.loads(answer.content), response["content"][JSON]["schema"])


def _fits(known: str, path: str) -> bool:
    pattern = re.sub(r"\{resource\}", ".+", known)
    return bool(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path))
