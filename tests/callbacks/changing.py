"""Changes of the configuration, made and read."""

from datetime import timedelta
from typing import Any

import time_machine
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks import changes
from callbacks.changes import Entry
from callbacks.models import FunctionRoute
from tests.callbacks.test_admin_screens import ROUTE_AS_OFFERED
from tests.factories import RouteFactory, ServiceNumberFactory

CONFIRMED = {"_form_submitted": "True"}


def entries(record: models.Model) -> list[Entry]:
    return changes.entries(type(record), record.pk)


def told(entry: Entry) -> list[tuple[str, Any, Any]]:
    return [(d.name, d.old, d.new) for d in changes.differences(entry.before, entry.after)]


def later(**delta: int) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**delta), tick=False)


def a_route(**facts: Any) -> FunctionRoute:
    return RouteFactory.create(service_number=ServiceNumberFactory.create(), **facts)


def save_form(browser: Client, route: FunctionRoute, **changed: Any) -> None:
    data = {
        "name": route.name,
        "enabled": "on",
        "service_number": route.service_number_id or "",
        "function": route.function,
        **ROUTE_AS_OFFERED,
        **changed,
    }
    place = reverse("admin:callbacks_functionroute_change", args=[route.pk])
    answer = browser.post(place, data)
    assert answer.status_code == 302, answer.text
