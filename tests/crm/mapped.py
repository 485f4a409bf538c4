"""Callbacks that nobody stored, and the fields that routes make of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from callbacks.models import Callback
from callbacks.models.queue import NOBODY, Caller
from crm.mapping import CallbackFacts, recipe
from crm.wire import Description
from tests.crm.objects import CASE, KEY

BERLIN = ZoneInfo("Europe/Berlin")
ASKED_AT = datetime(2026, 11, 23, 8, 41, 3, tzinfo=UTC)


def callback(**changes: Any) -> Callback:
    facts: dict[str, Any] = {
        "kind": Callback.Kind.CALLBACK,
        "dialect": Callback.Dialect.BASE,
        "received_at": ASKED_AT,
        "caller_text": "4989555010",
        "caller_number": "4989555010",
        "service_number": "498946134180",
        "service_name": "Service Hotline",
        "payload": {},
    }
    return Callback(**(facts | changes))


def fields_of(
    wish: Callback,
    mappings: Mapping[str, str] | None = None,
    *,
    zone: ZoneInfo = BERLIN,
    caller: Caller = NOBODY,
    description: Description = CASE,
) -> dict[str, Any]:
    return recipe(description, KEY, mappings or {}).fields(CallbackFacts(wish, zone, caller))


def case(mappings: Mapping[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    return fields_of(callback(**changes), mappings)
