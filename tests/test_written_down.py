"""Whatever staff changes in the back office is written down: in the log, or in a history."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from callbacks.models import StaffAction
from crm.models import NamedQuery
from tests import seeding
from tests.callbacks.conftest import person
from tests.crm.test_openapi import SOQL
from tests.factories import PASSWORD
from tests.pages import addresses, pages
from tests.test_every_address import DOES, FOR_EVERYBODY, written

pytestmark = pytest.mark.django_db

LOG = StaffAction._meta.db_table
OWN = {"callbacks_savedview", "callbacks_preferences"}  # everybody's, and nobody else's affair
BESIDE = {"django_admin_log", "django_celery_beat_periodictasks", "django_session"}
OWN_PLACES = (*FOR_EVERYBODY, "/admin/me/", "/admin/password_change/")
CHANGED_BY_FORM = {
    "auth.Group",
    "auth.User",
    "callbacks.AcdClient",
    "callbacks.AlertRules",
    "callbacks.FunctionRoute",
    "callbacks.ServiceNumber",
    "crm.NamedQuery",
    "crm.PassThroughResource",
    "django_celery_beat.PeriodicTask",
}
SOME_BUTTONS = 15  # else the test tries nothing
GIVEN = {**DOES, "reason": "A test", "note": "A test"}


@pytest.fixture(autouse=True)
def _seeded() -> None:
    seeding.everything()
    NamedQuery.objects.create(name="Contacts", soql=SOQL)


@pytest.fixture
def browser() -> Client:
    browser = Client()
    browser.force_login(person("superuser"))
    return browser


def posted(browser: Client, place: str, data: dict[str, Any]) -> set[str]:
    """The tables that this would change: all of it is taken back."""
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        browser.post(place, data)
        transaction.set_rollback(True)
    tables = written(captured) - BESIDE - OWN
    if is_kept(tables):
        return tables
    with transaction.atomic():
        before = {table: _rows(table) for table in tables}
        browser.post(place, data)
        after = {table: _rows(table) for table in tables}
        transaction.set_rollback(True)
    return {table for table in tables if before[table] != after[table]}


def _rows(table: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return sorted(map(repr, cursor.fetchall()))


def is_kept(tables: set[str]) -> bool:
    return not tables or LOG in tables or any("_historical" in table for table in tables)


def test_every_button_and_page(browser: Client) -> None:
    places = dict.fromkeys([*(each.path for each in addresses()), *pages(browser)])
    done = {place: posted(browser, place, GIVEN) for place in places if place not in OWN_PLACES}
    assert sum(map(bool, done.values())) >= SOME_BUTTONS
    assert {place: tables for place, tables in done.items() if not is_kept(tables)} == {}


def test_every_action_on_a_selection(browser: Client) -> None:
    done = {}
    for model, screen in admin.site._registry.items():
        chosen = list(model._default_manager.values_list("pk", flat=True))
        for name in screen.actions or ():
            data = GIVEN | {"action": name, "_selected_action": chosen}
            done[str(name)] = posted(browser, _place(model, "changelist"), data)
    assert {name: tables for name, tables in done.items() if not is_kept(tables)} == {}


def test_every_field_of_every_form(browser: Client) -> None:
    written_to, unkept = set(), {}
    for model in admin.site._registry:
        record = model._default_manager.order_by("pk").last()
        place = _place(model, "change", record.pk) if record else ""
        form = browser.get(place).context if place else None
        if form is None or not form.get("has_change_permission"):
            continue
        for name, data in _changed_one_by_one(form):
            tables = posted(browser, place, data)
            if tables:
                written_to.add(model._meta.label)
            if not is_kept(tables):
                unkept[f"{place} {name}"] = tables
    assert unkept == {}
    assert written_to == CHANGED_BY_FORM


def test_a_password(browser: Client) -> None:
    clerk = person("Back office")
    place = reverse("admin:auth_user_password_change", args=[clerk.pk])
    given = {"password1": f"{PASSWORD} of another", "password2": f"{PASSWORD} of another"}
    browser.post(place, given)
    deed = StaffAction.objects.get(verb=StaffAction.Verb.PASSWORD)
    assert deed.reason == clerk.username
    assert User.objects.get(pk=clerk.pk).check_password(given["password1"])


def _place(model: type[Model], verb: str, *arguments: object) -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{verb}", args=arguments)


def _changed_one_by_one(page: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the form would send with one field another than it is."""
    bound = [*page["adminform"].form]
    for inline in page["inline_admin_formsets"]:
        bound += [*inline.formset.management_form]
        bound += [field for form in inline.formset.initial_forms for field in form]
    unchanged = {each.html_name: _sent(each.value()) for each in bound}
    sent = {name: value for name, value in unchanged.items() if value is not None}
    for each in bound:
        other = _another(each, sent.get(each.html_name))
        if not each.is_hidden and other is not None:
            yield each.html_name, {**sent, each.html_name: other}


def _sent(value: Any) -> Any:
    """A box that is not checked is not sent."""
    if isinstance(value, list):
        return [getattr(each, "pk", each) for each in value]
    return "on" if value is True else None if value is False else value


def _another(field: forms.BoundField, value: Any) -> Any:
    kind = field.field
    if isinstance(kind, forms.BooleanField):
        return [] if value else "on"
    if isinstance(kind, forms.ModelMultipleChoiceField):
        known = [each.pk for each in kind.queryset or ()]
        return known[:-1] if value == known else known
    if isinstance(kind, forms.ChoiceField | forms.ModelChoiceField):
        choices: Any = kind.choices
        known = [str(getattr(key, "value", key)) for key, _ in choices if key != value]
        return next((each for each in reversed(known) if each != str(value)), None)
    if isinstance(kind, forms.IntegerField):
        return int(value or 0) + 1
    return f"{value or ''}x" if isinstance(kind, forms.CharField) else None
