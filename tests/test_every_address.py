"""What holds for every address of the back office, whoever asks, and whoever adds one."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from callbacks.models import Callback, StaffAction
from tests import seeding
from tests.callbacks.conftest import person
from tests.pages import Address, addresses, pages

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15
ONE_FOR_EACH_MODEL = {"/admin/changes/"}  # whose history is a table of its own
WRITES = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
OWN_DOING = {"django_session"}  # signing in, and a message that is shown once
WHO_LOOKED = {"callbacks_staffaction"}
DOES = {"_form_submitted": "True", "confirmed": "yes", "post": "yes"}
FOR_EVERYBODY = {"/admin/login/", "/admin/logout/"}


@pytest.fixture(autouse=True)
def _seeded() -> None:
    seeding.everything()


def signed_in(user: User, *, checks_tokens: bool = False) -> Client:
    browser = Client(enforce_csrf_checks=checks_tokens)
    browser.force_login(user)
    return browser


def may_open(user: User, model: type[Model]) -> bool:
    label, name = model._meta.app_label, model._meta.model_name
    return any(user.has_perm(f"{label}.{verb}_{name}") for verb in ("view", "change"))


def written(captured: CaptureQueriesContext) -> set[str]:
    """The tables that were written to."""
    found = (WRITES.match(query["sql"]) for query in captured.captured_queries)
    return {match[1] for match in found if match} - OWN_DOING


@pytest.mark.parametrize("role", ["Back office", "Viewer", "nobody"])
def test_a_screen_is_shut_to_those_who_may_not_see_it(role: str) -> None:
    user = person(role)
    browser = signed_in(user)
    shut = [a for a in addresses() if a.model and not may_open(user, a.model)]
    assert shut
    for address in shut:
        for ask in (browser.get, browser.post):
            with CaptureQueriesContext(connection) as captured:
                status = ask(address.path, DOES).status_code
            assert status in {302, 403, 404, 405}, (address.path, status)
            assert not written(captured), address.path


def test_strangers_are_asked_to_sign_in() -> None:
    for address in addresses():
        if address.path not in FOR_EVERYBODY:
            answer = Client().get(address.path)
            assert answer.status_code == 302, address.path
            assert answer["Location"].startswith("/admin/login/"), address.path


def test_looking_changes_nothing() -> None:
    browser = signed_in(person("superuser"))
    for address in addresses():
        if address.path in FOR_EVERYBODY:
            continue
        with CaptureQueriesContext(connection) as captured:
            browser.get(address.path, DOES)
        assert not written(captured) - WHO_LOOKED, address.path


def test_viewers_change_nothing() -> None:
    browser = signed_in(person("Viewer"))
    for address in _but_own_things():
        with CaptureQueriesContext(connection) as captured:
            browser.post(address.path, DOES)
        assert not written(captured), address.path


def test_nothing_is_done_without_a_token() -> None:
    browser = signed_in(person("superuser"), checks_tokens=True)
    for address in _but_own_things():
        status = browser.post(address.path, DOES).status_code
        assert status in {403, 404, 405}, (address.path, status)


def _but_own_things() -> list[Address]:
    """A password, a language, views of lists: everybody has them."""
    own = (*FOR_EVERYBODY, "/admin/me/", "/admin/password_change/")
    found = (address for address in addresses() if address.path not in own)
    return [address for address in found if "/views/" not in address.path]


def test_viewers_read_no_number_and_no_name() -> None:
    browser = signed_in(person("Viewer"))
    callers = Callback.objects.values_list("caller_number", "contact_name")
    digits = {number[-7:] for number, _ in callers if number}
    names = {name for _, name in callers if name}
    for page in pages(browser):
        text = browser.get(page).text
        shown = re.sub(r"[\s\N{NO-BREAK SPACE}]|&nbsp;", "", text)
        assert not [number for number in digits if number in shown], page
        assert not [name for name in names if name in text], page


@pytest.mark.parametrize("role", ["Viewer", "Administrators"])
def test_no_list_is_narrowed_by_what_it_hides(role: str) -> None:
    """Whoever may guess digit by digit reads a number without seeing it."""
    browser = signed_in(person(role))
    for screen in admin.site._registry.values():
        meta = screen.opts
        place = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        if browser.get(place).status_code != 200:
            continue
        for lookup in _guesses(screen.model):
            assert browser.get(place, {lookup: "4"}).status_code == 400, (place, lookup)


def _guesses(model: type[Model]) -> Iterator[str]:
    for column in model._meta.concrete_fields:
        yield from (f"{column.name}__{way}" for way in ("contains", "startswith", "gt"))
        if column.related_model:
            yield f"{column.name}__{column.related_model._meta.pk.name}__gt"


def test_a_page_costs_few_questions() -> None:
    browser = signed_in(person("superuser"))
    cost = {}
    for page in pages(browser):
        browser.get(page)  # some figures are counted for everybody, every few seconds
        StaffAction.objects.all().delete()  # so that who looks is written down again
        with CaptureQueriesContext(connection) as captured:
            browser.get(page)
        cost[page] = len(captured)
    dear = {page: n for page, n in cost.items() if n > MOST_QUERIES}
    assert dear.keys() <= ONE_FOR_EACH_MODEL, dear
