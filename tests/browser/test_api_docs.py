"""The page that shows the OpenAPI document, without anything from elsewhere."""

import json

import pytest

from jtelbridge.api_docs import DOCUMENT
from tests.browser.visitor import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("visitor", ["stranger"], indirect=True),
]
ASKED_FOR = "return performance.getEntriesByType('resource').map((one) => one.name)"


def test_every_operation_is_shown(visitor: Visitor) -> None:
    paths = json.loads(DOCUMENT.read_text("utf-8"))["paths"]
    visitor.opens("/api/docs/")
    visitor.sees(".opblock")
    shown = "return [...document.querySelectorAll('[data-path]')].map((one) => one.dataset.path)"
    assert sorted(visitor.runs(shown)) == sorted(path for path in paths for _ in paths[path])
    assert not visitor.complaints()


def test_an_operation_opens_with_its_examples(visitor: Visitor) -> None:
    visitor.opens("/api/docs")
    visitor.presses("#operations-Callbacks-createCallback button")
    visitor.waits_until("document.querySelector('.opblock.is-open .responses-table')")
    assert "49199123456789" in visitor.sees(".opblock.is-open").text
    assert not visitor.complaints()


def test_a_secret_can_be_typed_in_and_a_request_sent(visitor: Visitor) -> None:
    visitor.opens("/api/docs/")
    visitor.presses(".btn.authorize")
    visitor.types("[aria-label=auth-bearer-value]", "no secret")
    visitor.presses(".auth-container:last-child .btn.authorize, .auth-btn-wrapper .authorize")
    visitor.presses(".btn-done")
    visitor.presses("#operations-Callbacks-getCallback button")
    visitor.presses(".try-out__btn")
    visitor.presses(".execute")
    visitor.waits_until("document.querySelector('.live-responses-table .response-col_status')")
    assert "401" in visitor.sees(".live-responses-table").text


def test_nothing_is_asked_of_others(visitor: Visitor) -> None:
    visitor.opens("/api/docs/")
    visitor.sees(".opblock")
    asked = visitor.runs(ASKED_FOR)
    assert asked
    assert [one for one in asked if not one.startswith(visitor.server)] == []
