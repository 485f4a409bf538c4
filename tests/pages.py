"""Every page of the back office, by asking the program itself: a new one is found by itself."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse
from django.urls.resolvers import URLResolver

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
ROOT = reverse("admin:index")
KINDS = ("status", "state", "kind", "mode")  # one page of each is looked at
# Order, paging, the way back, a window of its own: the same page again.
SAME_AGAIN = {"o", "p", "all", "e", "_changelist_filters", "_popup"}
LINK = re.compile(r'href="([^"#]+)"')
NOBODY_KNOWS = "?q=zzz"
REFUSED = {302, 403, 404, 405}


@dataclass(frozen=True)
class Address:
    path: str
    model: type[Model] | None  # whose screen it belongs to


def addresses() -> Iterator[Address]:
    """Whatever answers below the admin: pages, dialogs, figures for scripts."""
    models = {reverse(_list_of(model)): model for model in admin.site._registry}
    for route, pattern in _routes(get_resolver().url_patterns):
        if not route.startswith(ROOT) or pattern.name is None or "(?P" in route:
            continue
        model = next((model for root, model in models.items() if route.startswith(root)), None)
        for record in _records(model, is_page=route.endswith("/change/")) if model else [None]:
            parameters = PARAMETER.findall(route)
            if record or not parameters:
                yield Address(PARAMETER.sub(str(record.pk if record else ""), route), model)
    for label in {model._meta.app_label for model in admin.site._registry}:
        yield Address(reverse("admin:app_list", args=[label]), None)


def _list_of(model: type[Model]) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"


def _routes(
    patterns: Iterable[URLPattern | URLResolver], before: str = "/"
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern
        else:
            yield from _routes(pattern.url_patterns, route)


def _records(model: type[Model], *, is_page: bool) -> list[Model | None]:
    """The youngest of each kind, or just one."""
    known = {field.name for field in model._meta.get_fields()}
    kind = next((name for name in KINDS if name in known), None)
    records = model._default_manager.order_by("pk")
    if not kind or not is_page:
        return [records.last()]
    values = model._default_manager.order_by().values_list(kind, flat=True).distinct()
    return [records.filter(**{kind: value}).last() for value in sorted(values)] or [None]


def pages(browser: Client) -> list[str]:
    """Each whole page that opens for whoever `browser` is signed in as, and what those link to."""
    found: dict[str, None] = {}
    waiting = [address.path for address in addresses() if "/login/" not in address.path]
    looks = {_look(path) for path in waiting}
    for address in waiting:
        text = _page(browser, address)
        if text is None:
            continue
        found[address] = None
        for link in _links(address, text):
            if (look := _look(link)) not in looks:
                looks.add(look)
                waiting.append(link)
    return list(found)


def _page(browser: Client, address: str) -> str | None:
    answer = browser.get(address)
    assert answer.status_code in REFUSED | {200}, (address, answer.status_code)
    is_page = answer["Content-Type"].startswith("text/html") if answer.status_code == 200 else False
    return answer.text if is_page and "<html" in answer.text[:500].lower() else None


def _links(address: str, text: str) -> Iterator[str]:
    """Where a page leads inside of the back office; lists also to their views, and to nothing."""
    place, is_view = urlsplit(address).path, "?" in address
    for link in map(unescape, LINK.findall(text)):
        target = place + link if link.startswith("?") else link
        if is_view and target.startswith(f"{place}?"):
            continue  # a view of a view; there is no end of them
        if target.startswith(ROOT) and not SAME_AGAIN & _query(target).keys():
            yield target
    if 'id="searchbar"' in text and "?" not in address:
        yield address + NOBODY_KNOWS


def _look(address: str) -> tuple[str, ...]:
    """What tells a page from others that look the same: its view and what is asked of that."""
    try:
        view = resolve(urlsplit(address).path).view_name
    except Resolver404:
        view = address
    query = _query(address)
    kinds = [value for name, value in query.items() if name.split("__")[0] in KINDS]
    return (view, *sorted(query), *kinds)


def _query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
