"""The OpenAPI document by itself: whole, valid, and what is really there."""

import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from callbacks.models.callback import Status
from jtelbridge.api_docs import DOCUMENT
from tests import openapi

STATUSES = Path(__file__).parents[2] / "docs" / "statuses.md"
OTHER_WORDS = {
    *("null", "true", "password", "client_credentials", "stored", "error", "error_description"),
    "no_look_ups",  # of an installation that has no document of look-ups
}
NOT_LOADED = """
import sys
from jtelbridge.wsgi import application
from django.test import Client
assert Client().get("/api/schema/").status_code == 200
assert Client().get("/api/v1/callbacks").status_code == 401
print([name for name in sys.modules if name.startswith(("drf_spectacular.open", "jsonschema"))])
"""


def parts(of: Any) -> Iterator[dict[str, Any]]:
    """Every object in it, however deep."""
    if isinstance(of, dict):
        yield of
    for inner in of.values() if isinstance(of, dict) else of if isinstance(of, list) else ():
        yield from parts(inner)


def test_the_file_is_valid_and_up_to_date() -> None:
    written = StringIO()
    options = {"validate": True, "fail_on_warn": True, "format": "openapi-json"}
    call_command("spectacular", stdout=written, **options)
    assert written.getvalue().strip() == DOCUMENT.read_text("utf-8").strip(), "run `make openapi`"


def test_every_reference_leads_somewhere() -> None:
    references = [part for part in parts(openapi.document) if "$ref" in part]
    assert references
    for reference in references:
        openapi.resolved(reference)


def test_every_component_is_used() -> None:
    used = {part["$ref"] for part in parts(openapi.document) if "$ref" in part}
    components = openapi.document["components"]
    there = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "responses")
        for name in components[kind]
    }
    assert there == used


def test_every_example_is_as_its_schema_says() -> None:
    shown = [part for part in parts(openapi.document) if "schema" in part and "examples" in part]
    assert shown
    for part in shown:
        for example in part["examples"].values():
            openapi.is_like(example["value"], part["schema"])


def test_every_body_and_status_has_an_example() -> None:
    bare = [
        part
        for operation in openapi.operations.values()
        for response in map(openapi.resolved, operation["responses"].values())
        for part in (*response["content"].values(), *bodies(operation))
        if "examples" not in part and part["schema"].get("$ref", "")[-10:] != "Salesforce"
    ]
    assert not bare


def test_every_state_of_a_callback_has_an_example() -> None:
    taken = openapi.document["components"]["responses"]["Taken"]["content"][openapi.JSON]
    assert {said["value"]["Status"] for said in taken["examples"].values()} == set(Status.values)


def test_every_code_that_is_told_on_the_page_of_statuses_has_an_example() -> None:
    codes = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", STATUSES.read_text("utf-8")))
    shown = {code for part in parts(openapi.document) for code in codes_in(part)}
    assert shown <= codes
    assert codes - set(Status.values) - OTHER_WORDS <= shown


def codes_in(part: dict[str, Any]) -> list[str]:
    value = part.get("value")
    said = value if isinstance(value, dict) else {}
    return [said[name] for name in ("Error", "error") if name in said]


def bodies(operation: dict[str, Any]) -> list[dict[str, Any]]:
    return list(operation.get("requestBody", {"content": {}})["content"].values())


@pytest.mark.django_db
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("method", "path"), openapi.operations)
def test_every_operation_is_there(method: str, path: str, slash: str) -> None:
    answer = Client().generic(method, path.replace("{", "").replace("}", "") + slash)
    assert answer.status_code == (400 if "oauth2" in path else 401)
    openapi.is_as_described(method, path, answer)


@pytest.mark.parametrize("page", ["/api/schema", "/api/schema/", "/api/docs", "/api/docs/"])
def test_who_asks_for_the_document_need_not_sign_in(page: str) -> None:
    assert Client().get(page).status_code == 200
    assert Client().post(page).json()["Error"] == "method_not_allowed"


def test_a_process_that_serves_the_document_has_no_generator_in_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", NOT_LOADED],
        env={"DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split("\n")[0] == "[]"
