"""All service numbers and functions in one table: which route wins, and where there is none."""

from typing import NamedTuple

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from callbacks import matrix
from callbacks.admin import held
from callbacks.admin.wording import phone, translated
from callbacks.matrix import Cell, Row
from callbacks.models import FunctionRoute, ServiceNumber
from callbacks.models.route import Reach

GAPS = "gaps"


LINK = '<a class="jb-cell" data-how="{}" href="{}"><span title="{}">{}</span><small>{}</small></a>'
TEXT = '<span class="jb-cell" data-how="{}"><span title="{}">{}</span><small>{}</small></span>'


class Line(NamedTuple):
    name: str
    number: str
    link: str
    cells: list[SafeString]


def matrix_page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("callbacks.view_functionroute"):
        raise PermissionDenied
    found = matrix.matrix(timezone.now())
    only_gaps = GAPS in request.GET
    rows = [row for row in found.rows if row.has_gap or not only_gaps]
    drawing = _Drawing(request)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Matrix"),
        "functions": [name or gettext("Others, or none") for name in found.functions],
        "lines": [drawing.line(row) for row in rows],
        "only_gaps": only_gaps,
        "gaps": sum(row.has_gap for row in found.rows),
        "is_fullwidth": True,
    }
    return TemplateResponse(request, "callbacks/matrix.html", context)


class _Drawing:
    """What whoever looks may follow up: a page of a route, or the form for a new one."""

    def __init__(self, request: HttpRequest) -> None:
        has = request.user.has_perm
        self.may_add = has("callbacks.add_functionroute")
        self.may_make = has("callbacks.view_callback") and all(
            has(f"callbacks.{right}") for right in held.RIGHTS
        )
        self.sees_numbers = has("callbacks.view_servicenumber")
        self.add_url = reverse("admin:callbacks_functionroute_add")
        self.routes: dict[int, tuple[str, str]] = {}

    def line(self, row: Row) -> Line:
        number = row.number
        cells = [self.cell(cell, number) for cell in row.cells]
        if number is None:
            return Line(gettext("Any other number"), "", "", cells)
        link = reverse("admin:callbacks_servicenumber_change", args=[number.pk])
        written = phone(number.number)
        return Line(
            number.name or written,
            written if number.name else "",
            link if self.sees_numbers else "",
            cells,
        )

    def cell(self, cell: Cell, number: ServiceNumber | None) -> SafeString:
        if cell.route is None:
            return self._gap(cell, number)
        title, link = self._route(cell.route)
        words = [_reach(cell.route), number_format(cell.lately) if cell.lately else ""]
        waiting = _held(cell.held) if cell.held else ""
        return _drawn(cell.route.reach, title, " · ".join(filter(None, [*words, waiting])), link)

    def _gap(self, cell: Cell, number: ServiceNumber | None) -> SafeString:
        detail = _held(cell.held) if cell.held else _came(cell.lately) if cell.lately else ""
        how = "gap" if cell.is_gap else "nothing"
        return _drawn(how, gettext("No route"), detail, self._form(cell.function, number))

    def _route(self, route: FunctionRoute) -> tuple[str, str]:
        if route.pk not in self.routes:
            link = reverse("admin:callbacks_functionroute_change", args=[route.pk])
            self.routes[route.pk] = translated(route.name), link
        return self.routes[route.pk]

    def _form(self, function: str, number: ServiceNumber | None) -> str:
        """Filled in; a number that was only seen is adopted on the way."""
        if number and not number.adopted:
            words = {"service_number": number.number, "function": function}
            return held.url("route", words) if self.may_make else ""
        if not self.may_add:
            return ""
        title = (number.name or number.number) if number else ""
        initial = {
            "name": " · ".join(filter(None, [title, function])),
            "service_number": number.pk if number else "",
            "function": function,
        }
        return f"{self.add_url}?{urlencode(initial)}"


def _drawn(how: str, title: str, detail: str, link: str) -> SafeString:
    """The border says how it applies, and so do the words. There are thousands: no template."""
    if link:
        return format_html(LINK, how, link, title, title, detail)
    return format_html(TEXT, how, title, title, detail)


def _reach(route: FunctionRoute) -> str:
    return {
        Reach.PAIR: gettext("own route"),
        Reach.NUMBER: gettext("all functions"),
        Reach.FUNCTION: gettext("all numbers"),
        Reach.ALL: gettext("everything"),
    }[Reach(route.reach)]


def _held(n: int) -> str:
    return ngettext("%(n)s callback held", "%(n)s callbacks held", n) % {"n": number_format(n)}


def _came(n: int) -> str:
    text = ngettext("%(n)s callback lately", "%(n)s callbacks lately", n)
    return text % {"n": number_format(n)}
