"""A service number's page tells what comes in there, and what becomes of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from callbacks import matrix
from callbacks.models import FunctionRoute, ServiceNumber
from tests.callbacks.conftest import SignIn
from tests.factories import CallbackFactory, RouteFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

NUMBER = "498946134180"


@pytest.fixture(autouse=True)
def number() -> ServiceNumber:
    cache.delete(matrix.KEY)
    return ServiceNumberFactory.create(number=NUMBER, name="Hotline", merge_minutes=30)


def told(browser: Any, number: ServiceNumber) -> dict[str, Any]:
    page = browser.get(reverse("admin:callbacks_servicenumber_change", args=[number.pk]))
    found: dict[str, Any] = page.context["number_page"]
    return found


def test_its_figures_lead_to_the_callbacks(number: ServiceNumber, sign_in: SignIn) -> None:
    CallbackFactory.create(received_at=timezone.now() - timedelta(hours=3))
    CallbackFactory.create(held=True)
    CallbackFactory.create(service_number="4930")
    facts = {fact.name: str(fact.value) for fact in told(sign_in("viewer"), number)["facts"]}
    assert f"?service_number={NUMBER}" in facts["Callbacks in 7 days"]
    assert ">2</a>" in facts["Callbacks in 7 days"]
    assert ">1</a>" in facts["Held"]
    assert "3 hours ago" in facts["Waits longest"]
    assert f"?status__exact=unserved&amp;service_number={NUMBER}" in facts["Waits longest"]


def test_where_nothing_came_nothing_is_claimed(number: ServiceNumber, sign_in: SignIn) -> None:
    facts = told(sign_in("viewer"), number)["facts"]
    assert all("jb-none" in str(fact.value) for fact in facts)


def test_its_own_routes_come_first_then_what_applies_to_the_rest(
    number: ServiceNumber, sign_in: SignIn
) -> None:
    RouteFactory.create(name="Störung Süd", service_number=number, function="Störung")
    RouteFactory.create(name="Off", service_number=number, function="Vertrag", enabled=False)
    routes = told(sign_in("viewer"), number)["routes"]
    assert [(each.function, each.route) for each in routes] == [
        ("Störung", "Störung Süd"),
        ("Others, or none", "Every callback becomes a Case"),
    ]
    FunctionRoute.objects.filter(service_number=None).delete()
    assert told(sign_in("viewer"), number)["routes"][-1].route == "No route"


def test_the_list_says_who_waits_and_what_is_merged(
    sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    CallbackFactory.create(received_at=timezone.now() - timedelta(days=2))
    for index in range(20):
        ServiceNumberFactory.create(number=f"49300000{index:02}")
    browser = sign_in("viewer")
    with django_assert_max_num_queries(12):
        text = browser.get(reverse("admin:callbacks_servicenumber_changelist")).text
    assert "2 days ago" in text
    assert "30 minutes" in text


def test_a_new_number_has_a_form_alone(sign_in: SignIn) -> None:
    page = sign_in("Administrators").get(reverse("admin:callbacks_servicenumber_add"))
    assert "jb-below" not in page.text
