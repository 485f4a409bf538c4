"""Workflow queries: the ACD names one that an administrator wrote, and fills in what it asks about.

What a query selects becomes variables of the call flow, by Salesforce's names: `CaseNumber`, and one
level deep `Account.Name`. A query's own variables are filled by templates, which may print
`record.<Field>`, `answer.<variable>` and `param1` to `param4`. Nothing is stored: it is a question,
and nobody is called back.
"""

from collections.abc import Mapping
from functools import partial
from time import monotonic
from typing import Any

import structlog

from callbacks.dialects import text_of
from callbacks.responders import NONE, OK, SEVERAL, Answer
from callbacks.snapshot import Snapshot
from crm import live
from crm.answers import (
    NONE_FOUND,
    ONE_FOUND,
    SEVERAL_FOUND,
    AnswerFacts,
    nothing_known,
    own_variables,
)
from crm.client import SalesforceClient
from crm.live import NoAnswer
from crm.lookups import plain_fields
from crm.models import NamedQuery
from crm.parameters import NAMES, UnfitError, bind, trouble_with

log = structlog.get_logger()

MAX_AGE_SECONDS = 10
UNKNOWN = "There is no query with this name. An administrator can write one, under “Queries”."

Rows = tuple[Mapping[str, Any], ...]


def _by_name() -> dict[str, NamedQuery]:
    """Of the sound ones: a query need not have come through a form."""
    stored = NamedQuery.objects.filter(enabled=True).prefetch_related("answer_fields")
    return {query.name.lower(): query for query in stored if not trouble_with(query.soql)}


queries = Snapshot(_by_name, max_age=MAX_AGE_SECONDS)


def answer(fields: Mapping[str, Any], *, began: float) -> Answer:
    """Answer within the query's budget; `began` is the request's, on the monotonic clock."""
    name = text_of(fields.get("Query"))
    query = queries.get().get(name.lower())
    if query is None:
        return {"Query": name, "Error": "unknown_query", "Message": UNKNOWN}, NONE
    values = {name: text_of(fields.get(name)) for name in NAMES}
    try:
        rows = _rows(query, values, began + query.budget_ms / 1000)
    except NoAnswer as why:
        said = _unknown(query, count=None) | {"Error": why.code, "Message": why.sentence}, NONE
    else:
        said = _told(query, values, rows)
    took = round((monotonic() - began) * 1000)
    log.info("queried", query=query.name, status=said[1], ms=took)
    return said


def _rows(query: NamedQuery, values: Mapping[str, str], ends: float) -> Rows:
    try:
        soql = bind(query.soql, values)
    except UnfitError as error:
        raise NoAnswer("unfit_parameter", str(error)) from error
    return live.ask(("query", soql), partial(_ask, soql), ends=ends)


def _ask(soql: str, client: SalesforceClient, seconds: float) -> Rows:
    return tuple(plain_fields(raw) for raw in client.query(soql, deadline=seconds))


def _told(query: NamedQuery, values: Mapping[str, str], rows: Rows) -> Answer:
    if len(rows) > 1:
        return {"Count": len(rows), "Message": SEVERAL_FOUND}, SEVERAL
    if not rows:
        return _unknown(query, count=0) | {"Error": "not_found", "Message": NONE_FOUND}, NONE
    ours = {"Query": query.name, "Count": 1, "Message": ONE_FOUND}
    body = _addressable(rows[0]) | ours
    said = {name.lower(): value for name, value in values.items()}
    facts = AnswerFacts(body, rows[0], said)
    return body | own_variables(query.answer_templates, facts), OK


def _unknown(query: NamedQuery, *, count: int | None) -> dict[str, Any]:
    return {"Query": query.name, "Count": count} | nothing_known(query.answer_templates)


def _addressable(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As far as a call flow can reach: one level deep."""
    return {name: _one_level(value) for name, value in fields.items()}


def _one_level(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: inner for name, inner in value.items() if not isinstance(inner, Mapping)}
