"""Every page of the back office, by asking the admin itself: a new one is walked by itself."""

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, reverse

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
OF_THE_SITE = (
    *("admin:index", "admin:password_change", "admin:password_change_done"),
    *("changes", "exchange", "matrix", "try_route"),
)
KINDS = ("status", "state", "kind", "mode")  # one page of each is looked at
OF_EACH_KIND = ("/change/", "/correct/")
OF_A_LIST = {"o", "p", "all"}  # order and paging: the same page again
LINK = re.compile(r'href="(\?[^"]+)"')
NOBODY_KNOWS = "?q=zzz"
REFUSED = {302, 403, 404, 405}


def pages(browser: Client) -> list[str]:
    """The address of each whole page that opens for whoever `browser` is signed in as."""
    found: dict[str, None] = {}
    for address in _candidates():
        for page in _opened(browser, address):
            found[page] = None
    return list(found)


def _candidates() -> Iterator[str]:
    yield from (reverse(name) for name in OF_THE_SITE)
    yield from (reverse("try_route", query={"by": way}) for way in ("request", "stored"))
    for model, model_admin in admin.site._registry.items():
        yield from _of_model(model, model_admin)


def _of_model(model: type[Model], model_admin: "ModelAdmin[Model]") -> Iterator[str]:
    root = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    records = _records(model)
    for url in model_admin.get_urls():
        if not isinstance(url, URLPattern) or url.name is None:
            continue  # the last one only leads older addresses on
        route = str(url.pattern)
        if not PARAMETER.search(route):
            yield root + route
        elif records:
            chosen = records if route.endswith(OF_EACH_KIND) else records[:1]
            yield from (root + PARAMETER.sub(str(record.pk), route) for record in chosen)


def _records(model: type[Model]) -> list[Model]:
    """One of each kind, or just one."""
    known = {field.name for field in model._meta.get_fields()}
    kind = next((name for name in KINDS if name in known), None)
    if not kind:
        return list(model._default_manager.all()[:1])
    values = model._default_manager.order_by().values_list(kind, flat=True).distinct()
    return [model._default_manager.filter(**{kind: value})[0] for value in sorted(values)]


def _opened(browser: Client, address: str) -> Iterator[str]:
    """The page itself, and with a list what it links to that is narrowed down by one filter."""
    answer = browser.get(address)
    assert answer.status_code in REFUSED | {200}, (address, answer.status_code)
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return
    if "<html" not in answer.text[:500].lower():
        return  # a part of a page: a dialog
    yield address
    if 'id="changelist"' in answer.text:
        yield from (address + query for query in _views(answer.text))


def _views(text: str) -> list[str]:
    queries = dict.fromkeys(unescape(link) for link in LINK.findall(text))
    views = [
        query for query in queries if len(_names(query)) == 1 and not OF_A_LIST & _names(query)
    ]
    return [*views, *([NOBODY_KNOWS] if 'id="searchbar"' in text else [])]


def _names(query: str) -> set[str]:
    return {name for name, _ in parse_qsl(query[1:], keep_blank_values=True)}
