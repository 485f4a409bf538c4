"""The query resources: statements answered in pages."""

import re
from typing import Any

from .calls import Answer, Call
from .errors import ApiError
from .org import Org
from .records import attributes, json_value
from .soql import MalformedQueryError, Query, parse
from .soql.translate import Scope, Statement, translate

LARGEST_PAGE, SMALLEST_PAGE = 2_000, 200
BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


def query(org: Org, call: Call) -> Answer:
    """GET /query with a statement in `q`."""
    return answered(org, call, deleted=False)


def query_all(org: Org, call: Call) -> Answer:
    """GET /queryAll: the recycle bin too."""
    return answered(org, call, deleted=True)


def answered(org: Org, call: Call, *, deleted: bool) -> Answer:
    """Run a statement and give its first page."""
    text = call.query.get("q", "")
    if not text.strip():
        raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified")
    parsed, statement = understood(org, call, text, deleted=deleted)
    if parsed.counting:
        total = org.store.value(statement.counting_sql, statement.values)
        return Answer(200, {"totalSize": total, "done": True, "records": []})
    rows = org.store.db.execute(statement.sql, statement.values).fetchall()
    return page(org, call, statement, rows)


def understood(org: Org, call: Call, text: str, *, deleted: bool) -> tuple[Query, Statement]:
    """Read a statement, or refuse it."""
    try:
        parsed = parse(text)
        return parsed, translate(parsed, call.work.schema, org.clock.now(), scope(call, deleted))
    except MalformedQueryError as wrong:
        raise ApiError(400, wrong.code, wrong.message) from None


def scope(call: Call, deleted: bool) -> Scope:
    """Say which records a statement may see."""
    return Scope(deleted=deleted, own_only=call.work.private, user_id=call.work.user_id)


def page(org: Org, call: Call, statement: Statement, rows: list[tuple[Any, ...]]) -> Answer:
    """Give the first page of a result, with the URL of the next one."""
    size = page_size(call)
    locator = org.cursors.keep(statement, rows) if len(rows) > size else None
    return part(call, statement, rows, 0, locator)


def page_size(call: Call) -> int:
    """Read the wished page size from the header (D)."""
    wished = BATCH_SIZE.search(call.header("sforce-query-options"))
    size = int(wished.group(1)) if wished else LARGEST_PAGE
    return min(max(size, SMALLEST_PAGE), LARGEST_PAGE)


def more(org: Org, call: Call, locator: str) -> Answer:
    """GET /query/{locator}-{offset}."""
    name, _, offset = locator.rpartition("-")
    if not offset.isdigit():
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    statement, rows = org.cursors.find(name)
    return part(call, statement, rows, int(offset), name)


def part(
    call: Call,
    statement: Statement,
    rows: list[tuple[Any, ...]],
    start: int,
    locator: str | None,
) -> Answer:
    """Write the records from an offset on."""
    end = start + page_size(call)
    done = end >= len(rows)
    body: dict[str, Any] = {"totalSize": len(rows), "done": done}
    if not done:
        body["nextRecordsUrl"] = f"{call.data_url}/query/{locator}-{end}"
    shown = Shown(call, statement)
    body["records"] = [shown.record(row) for row in rows[start:end]]
    return Answer(200, body)


class Shown:
    """Writes rows of a statement as records, parents nested."""

    def __init__(self, call: Call, statement: Statement) -> None:
        self.call, self.statement = call, statement
        self.url = f"{call.data_url}/sobjects/{statement.sobject}/"
        self.own = [
            (index, path[0], column.field.type == "boolean")
            for index, (path, column) in enumerate(statement.columns)
            if len(path) == 1
        ]

    def record(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """Write one record; behind the fields come the ids of parents and of itself."""
        shown: dict[str, Any] = {
            "attributes": {"type": self.statement.sobject, "url": self.url + row[-1]}
        }
        for index, name, boolean in self.own:
            shown[name] = bool(row[index]) if boolean else row[index]
        parent_ids = row[len(self.statement.columns) : -1]
        for parents, parent_id in zip(self.statement.parents, parent_ids, strict=True):
            self.nest(shown, row, parents, parent_id)
        return shown

    def nest(
        self, shown: dict[str, Any], row: tuple[Any, ...], parents: tuple[str, ...], parent_id: Any
    ) -> None:
        """Write one parent's fields into its place; null if there is no parent (D)."""
        place: Any = shown
        for name in parents[:-1]:
            place = place[name]
            if place is None:
                return
        place[parents[-1]] = None
        if parent_id is None:
            return
        sobject = self.call.work.schema.of_id(parent_id)
        kind = sobject.name if sobject else "Name"
        inner: dict[str, Any] = {"attributes": attributes(self.call.data_url, kind, parent_id)}
        for value, (path, column) in zip(row, self.statement.columns, strict=False):
            if path[:-1] == parents:
                inner[path[-1]] = json_value(column.field, value)
        place[parents[-1]] = inner
