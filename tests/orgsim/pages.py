"""Pages for people in a demonstration, at Salesforce's own addresses, and labelled as simulated."""

from html import escape
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from . import ids
from .actions import ControlError
from .agent import edit
from .org import Org
from .schema import SObject
from .store import Row
from .triggers import AGENT

MOST_LISTED = 200
LISTED = {
    "Case": ("CaseNumber", "Subject", "Status", "Priority", "SuppliedPhone", "CreatedDate"),
    "Contact": ("Name", "Phone", "MobilePhone", "CreatedDate"),
    "Account": ("Name", "Phone", "CreatedDate"),
    "Lead": ("Name", "Company", "Phone", "CreatedDate"),
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} (simulated org)</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">{refresh}
<style>
body {{ margin: 0; font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #f4f5f7; }}
p.label {{ margin: 0; padding: .5rem 1.5rem; background: #7a3b00; color: #fff; }}
nav, main {{ padding: 1rem 1.5rem; }}
nav a {{ margin-right: 1rem; }}
table {{ border-collapse: collapse; width: 100%; background: #fff; }}
th, td {{ padding: .4rem .7rem; border: 1px solid #ddd; text-align: left; vertical-align: top; }}
td {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
</style></head><body>
<p class="label">Simulated Salesforce org: for demonstrations and tests, not Salesforce.</p>
<nav>{links}</nav><main><h1>{title}</h1>{content}</main></body></html>
"""
REFRESH = '<meta http-equiv="refresh" content="5">'

BUTTONS = """<form method="post"><p>As agent Anna:
<button name="do" value="take">Take it</button> <button name="do" value="close">Close it</button>
<button name="do" value="reopen">Reopen it</button></p></form>"""
ACTIONS = {
    "take": {"OwnerId": AGENT, "Status": "Working"},
    "close": {"OwnerId": AGENT, "Status": "Closed"},
    "reopen": {"OwnerId": AGENT, "Status": "Working"},
}


class Pages:
    """The pages of one org."""

    def __init__(self, org: Org) -> None:
        self.org = org

    def routes(self) -> list[Route]:
        """List the addresses; the bare id is the classic one."""
        return [
            Route("/", self.home),
            Route("/lightning", self.home),
            Route("/lightning/o/{name}/list", self.listed),
            Route("/lightning/r/{name}/{id}/view", self.record, methods=["GET"]),
            Route("/lightning/r/Case/{id}/view", self.act, methods=["POST"]),
            Route("/lightning/r/{id}/view", self.short),
            *(Route(f"/{prefix}{{rest:str}}", self.short) for prefix in self.org.schema.by_prefix),
        ]

    async def home(self, _request: Request) -> Response:
        """Lead to the list of Cases."""
        return RedirectResponse("/lightning/o/Case/list")

    async def short(self, request: Request) -> Response:
        """Lead from an id to the record's page."""
        long_id = ids.lengthen(request.path_params.get("id", request.url.path[1:]))
        sobject = self.org.schema.of_id(long_id) if long_id else None
        if sobject is None:
            return missing()
        return RedirectResponse(f"/lightning/r/{sobject.name}/{long_id}/view")

    async def listed(self, request: Request) -> Response:
        """List the newest records of an sObject."""
        sobject = self.org.schema.find(request.path_params["name"])
        if sobject is None or sobject.name not in LISTED:
            return missing()
        sql = f'SELECT * FROM "{sobject.name}" WHERE IsDeleted = 0 ORDER BY Id DESC LIMIT ?'
        rows = self.org.store.rows(sql, (MOST_LISTED,))
        names = tuple(n for n in LISTED[sobject.name] if n in sobject.by_exact_name)
        content = table(names, [cells(sobject, row, names) for row in rows])
        return page(sobject.plural, content or "<p>None yet.</p>", refresh=True)

    async def record(self, request: Request) -> Response:
        """Show all fields of a record that have a value."""
        sobject = self.org.schema.find(request.path_params["name"])
        long_id = ids.lengthen(request.path_params["id"])
        found = self.org.store.where_in(sobject, "Id", [long_id]) if sobject else []
        if sobject is None or not found:
            return missing()
        title = f"{sobject.label} {name_of(sobject, found[0])}"
        buttons = BUTTONS if sobject.name == "Case" else ""
        return page(title, buttons + self.facts(sobject, found[0]))

    async def act(self, request: Request) -> Response:
        """Let the agent take or close a Case by a button."""
        said = parse_qs((await request.body()).decode())
        fields = ACTIONS.get(said.get("do", [""])[0])
        try:
            edit(self.org, request.path_params["id"], fields or {})
        except ControlError:
            return missing()
        return RedirectResponse(request.url.path, status_code=303)

    def facts(self, sobject: SObject, row: Row) -> str:
        """Write a record's fields as a table."""
        lines = []
        for field in sobject.fields:
            value = row[field.name]
            if value is None:
                continue
            shown = (
                self.linked(value) if field.type == "reference" else escape(text(field.type, value))
            )
            lines.append(f"<tr><th>{escape(field.label or field.name)}</th><td>{shown}</td></tr>")
        return f"<table>{''.join(lines)}</table>"

    def linked(self, record_id: str) -> str:
        """Write a reference with the name of what it points at."""
        sobject = self.org.schema.of_id(record_id)
        rows = self.org.store.where_in(sobject, "Id", [record_id], deleted=True) if sobject else []
        if sobject is None or not rows:
            return escape(record_id)
        return link(sobject, rows[0])


def missing() -> Response:
    """Say that there is no such page."""
    return page("Page not found", "<p>The record does not exist, or was deleted.</p>", status=404)


def page(title: str, content: str, *, refresh: bool = False, status: int = 200) -> Response:
    """Put a page together."""
    links = "".join(f'<a href="/lightning/o/{n}/list">{n}</a>' for n in LISTED)
    return HTMLResponse(
        PAGE.format(
            title=escape(title), content=content, links=links, refresh=REFRESH if refresh else ""
        ),
        status,
    )


def table(names: tuple[str, ...], rows: list[list[str]]) -> str:
    """Write rows of ready cells; "" if there are none."""
    if not rows:
        return ""
    head = "".join(f"<th>{escape(n)}</th>" for n in names)
    body = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def cells(sobject: SObject, row: Row, names: tuple[str, ...]) -> list[str]:
    """Write a record's line in a list, its name as a link."""
    first, *others = names
    plain = [escape(text(sobject.by_exact_name[n].type, row[n])) for n in others]
    return [link(sobject, row, first), *plain]


def link(sobject: SObject, row: Row, name: str | None = None) -> str:
    """Write a link to a record's page."""
    shown = row[name] if name else name_of(sobject, row)
    return f'<a href="/lightning/r/{sobject.name}/{row["Id"]}/view">{escape(str(shown))}</a>'


def name_of(sobject: SObject, row: Row) -> str:
    """Give the name of a record, its id if it has none."""
    names = [row[f.name] for f in sobject.fields if f.name_field]
    return str(names[0] if names else row["Id"])


def text(kind: str, value: Any) -> str:
    """Write a value for people."""
    if value is None:
        return ""
    return str(bool(value)) if kind == "boolean" else str(value)
