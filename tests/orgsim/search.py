"""The search resources. The index lags behind, and numbers are found by their digits only."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from . import clock, sosl
from .calls import Answer, Call
from .errors import ApiError, unreadable_json
from .org import Org
from .query import understood
from .records import as_json, chosen
from .schema import Field, SObject
from .store import Row, digits

MOST_PER_TERM = 2_000
ORDINARY = ("Contact", "Lead", "Account")
KINDS = {
    "PHONE": ("phone",),
    "EMAIL": ("email",),
    "NAME": (),
    "ALL": ("phone", "email"),
}


def search(org: Org, call: Call) -> Answer:
    """GET /search."""
    return found(org, call, sosl.parse(call.query.get("q", "")))


def parameterized(org: Org, call: Call) -> Answer:
    """GET and POST /parameterizedSearch."""
    said: Any = call.record if call.method == "POST" else from_query(call)
    try:
        wished = sosl.parameterized(said)
    except (TypeError, ValueError, AttributeError):
        raise unreadable_json("Cannot deserialize the parameters of the search") from None
    return found(org, call, wished)


def from_query(call: Call) -> dict[str, Any]:
    """Read the short form in a URL: `q`, `in`, `sobject`, `{sobject}.fields`, limits."""
    query = call.query
    names = [n for n in query.get("sobject", "").split(",") if n]
    entries = [
        {"name": n, **({"fields": f.split(",")} if (f := query.get(f"{n}.fields")) else {})}
        for n in names
    ]
    plain = {k: query[k] for k in ("q", "in", "defaultLimit", "overallLimit") if k in query}
    fields = {"fields": query["fields"].split(",")} if "fields" in query else {}
    return {**plain, **fields, "sobjects": entries}


def found(org: Org, call: Call, wished: sosl.Search) -> Answer:
    """Give the records that a search finds, sObject by sObject."""
    wanted = wished.wanted or tuple(sosl.Wanted(name) for name in ORDINARY)
    records: list[dict[str, Any]] = []
    for entry in wanted:
        sobject = call.work.schema.find(entry.name)
        if sobject is None or not sobject.searchable:
            raise ApiError(400, "INVALID_TYPE", f"sObject type '{entry.name}' is not supported.")
        names = chosen(sobject, ",".join(entry.fields))
        hits = matching(org, sobject, wished)
        if entry.where and hits:
            right = holding(org, call, entry)
            hits = {i: row for i, row in hits.items() if i in right}
        rows = [row for row in hits.values() if call.work.sees(sobject.name, row)]
        records += [as_json(call, sobject, row, names) for row in rows[: entry.limit]]
    return Answer(200, {"searchRecords": records[: wished.limit]})


def holding(org: Org, call: Call, entry: sosl.Wanted) -> set[str]:
    """Give the ids of the records for which a condition in SOQL holds (D)."""
    text = f"SELECT Id FROM {entry.name} WHERE {entry.where}"
    _, statement = understood(org, call, text, deleted=False)
    return {row[-1] for row in org.store.db.execute(statement.sql, statement.values)}


def matching(org: Org, sobject: SObject, wished: sosl.Search) -> dict[str, Row]:
    """Find an sObject's records for any of the alternatives, each once."""
    if wished.where not in KINDS:
        raise sosl.malformed(f"unknown scope {wished.where}")
    rows: dict[str, Row] = {}
    for terms in wished.alternatives:
        hits = [term_hits(org, sobject, term, wished.where) for term in terms]
        common = set.intersection(*(set(h) for h in hits))
        rows |= {i: row for i, row in hits[0].items() if i in common}
    return dict(sorted(rows.items()))


def term_hits(org: Org, sobject: SObject, term: str, where: str) -> dict[str, Row]:
    """Find the records that one term is in."""
    text = sosl.plain(term)
    if not text:
        return {}
    hits: dict[str, Row] = {}
    for field in searched(sobject, where):
        condition, value = (by_digits if field.type == "phone" else by_words)(field, text)
        if value:
            sql = (
                f'SELECT * FROM "{sobject.name}" WHERE {condition} AND IsDeleted = 0 '
                f"AND SystemModstamp <= ? LIMIT {MOST_PER_TERM}"
            )
            hits |= {r["Id"]: r for r in org.store.rows(sql, (value, indexed_until(org)))}
    return hits


def searched(sobject: SObject, where: str) -> Iterator[Field]:
    """Give the fields that a scope covers."""
    for field in sobject.fields:
        if (field.type in KINDS[where] and field.createable) or (
            field.name_field and where in {"NAME", "ALL"}
        ):
            yield field


def by_digits(field: Field, text: str) -> tuple[str, str | None]:
    """Compare digits with digits: nothing bridges a country code or a leading 0 (D)."""
    column = f'digits("{field.name}")'
    if text.endswith("*"):
        prefix = digits(text)
        return f"{column} GLOB ?", prefix and prefix + "*"
    return f"{column} = ?", digits(text)


def by_words(field: Field, text: str) -> tuple[str, str | None]:
    """Compare whole words, or their beginnings before a `*`."""
    tail = "%" if text.endswith("*") else " %"
    escaped = text.rstrip("*").replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"' ' || \"{field.name}\" || ' ' LIKE ? ESCAPE '!'", f"% {escaped}{tail}"


def indexed_until(org: Org) -> str:
    """Tell up to when the index knows what was written: it lags by minutes in an org (3)."""
    lag = timedelta(seconds=org.behaviour.search_lag_s)
    return clock.written(org.clock.now() - lag)
