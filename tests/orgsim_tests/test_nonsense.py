"""Nonsense is refused; it never makes the org stumble."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .api import KEY, Api

NAMES = st.sampled_from(
    ["records", "attributes", "type", "Case", "Subject", "id", "Id", KEY, "ContactId", "allOrNone",
     "compositeRequest", "batchRequests", "method", "url", "referenceId", "body", "httpHeaders",
     "richInput", "ids", "fields", "q", "in", "sobjects", "name", "limit", "collateSubrequests",
     "GET", "POST", "PATCH", "/services/data/v62.0/sobjects/Case", "v62.0/limits", "@{a.b[0]}",
     "/services/data/v62.0/query?q=SELECT+Id+FROM+Case", "5008d0000000001AAA", "IsEscalated",
     "Jtel_Requested_At__c", "OwnerId"]
)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)
TYPES = st.sampled_from(["Case", "Contact", "Task", "User", "", 7, None])
RECORDS = st.builds(
    lambda kind, rest: {"attributes": {"type": kind}, **rest},
    TYPES,
    st.dictionaries(NAMES, VALUES, max_size=4),
)
PARTS = st.fixed_dictionaries(
    {"method": NAMES | VALUES, "url": NAMES | VALUES, "referenceId": NAMES | VALUES},
    optional={"body": VALUES, "httpHeaders": VALUES, "richInput": VALUES},
)
SHAPED = (
    st.fixed_dictionaries({"records": st.lists(RECORDS, max_size=3)})
    | st.fixed_dictionaries({"compositeRequest": st.lists(PARTS, max_size=3)})
    | st.fixed_dictionaries({"batchRequests": st.lists(PARTS, max_size=3)})
    | RECORDS
)
CALM = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
RESOURCES = [
    ("POST", "/sobjects/Case"),
    ("PATCH", f"/sobjects/Case/{KEY}/x"),
    ("PATCH", "/sobjects/Case/5008d0000000001AAA"),
    ("POST", "/composite/sobjects"),
    ("PATCH", "/composite/sobjects"),
    ("PATCH", f"/composite/sobjects/Case/{KEY}"),
    ("POST", "/composite/sobjects/Case"),
    ("POST", "/composite"),
    ("POST", "/composite/batch"),
    ("POST", "/parameterizedSearch"),
    ("POST", "/services/apexrest/jtelACD/createCallback"),
]


@pytest.mark.parametrize(("method", "path"), RESOURCES)
@CALM
@given(body=VALUES | SHAPED)
def test_no_body_makes_a_resource_stumble(api: Api, method: str, path: str, body: Any) -> None:
    answer = api.ask(method, path, body)
    assert answer.status_code < 500, answer.text


WORDS = st.lists(
    st.sampled_from(
        ["SELECT", "Id", ",", "FROM", "Case", "WHERE", "Subject", "=", "!=", "'x'", "'", "(", ")",
         "IN", "NOT", "LIKE", "AND", "OR", "ORDER", "BY", "LIMIT", "1", "OFFSET", "null", "TRUE",
         "TODAY", "LAST_N_DAYS:3", "LAST_N_DAYS:99999999999", "Owner.Name", "COUNT()", "FIELDS(ALL)",
         "CreatedDate", ">", "2026-11-23T00:00:00Z", "2026-99-99T00:00:00Z", "2026-99-99", "\\",
         "99999999999999999999", "-1", "{", "}", "ASC", "NULLS", "IsClosed", ";", "ä"]
    ),
    max_size=16,
)  # fmt: skip


@CALM
@given(words=WORDS)
def test_no_statement_makes_a_query_stumble(api: Api, words: list[str]) -> None:
    for statement in (" ".join(words), "SELECT Id FROM Case WHERE " + " ".join(words)):
        answer = api.session.get(
            f"{api.url}/services/data/v62.0/query", params={"q": statement}, timeout=20
        )
        assert answer.status_code < 500, answer.text


@CALM
@given(text=st.text(max_size=40), words=WORDS)
def test_no_search_stumbles(api: Api, text: str, words: list[str]) -> None:
    for statement in (text, f"FIND {{{text}}} IN PHONE FIELDS RETURNING {' '.join(words)}"):
        answer = api.session.get(
            f"{api.url}/services/data/v62.0/search", params={"q": statement}, timeout=20
        )
        assert answer.status_code < 500, answer.text


@CALM
@given(
    said=st.dictionaries(
        st.sampled_from(["action", "match", "rate", "count", "params", "for_s", "seed", "id"]),
        VALUES | st.sampled_from(["row_lock", "status", "latency"]),
    )
)
def test_no_fault_is_armed_by_nonsense(api: Api, said: Any) -> None:
    answer = api.session.post(f"{api.url}/__sim__/faults", json=said, timeout=20)
    assert answer.status_code < 500, answer.text
    api.session.delete(f"{api.url}/__sim__/faults", timeout=20)
