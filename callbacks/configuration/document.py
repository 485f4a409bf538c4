"""Writing: what there is, as names and values."""

from typing import Any

from django.conf import settings
from django.db import models

from callbacks.models import FunctionRoute, ServiceNumber
from callbacks.phone import to_e164

VERSION = 1
NUMBERS, ROUTES = "service_numbers", "routes"
LINES = ("fields", "answer")  # of a route, each name → template
Entry = dict[str, Any]
Key = tuple[str, str]  # of a route: service number, and function in lower case


def document() -> Entry:
    return {
        "version": VERSION,
        NUMBERS: [number_entry(number) for number in configured().order_by("number")],
        ROUTES: [route_entry(route) for route in sorted(routes(), key=key_of)],
    }


def configured() -> "models.QuerySet[ServiceNumber]":
    """Without those that were only seen: that is no decision of anybody."""
    is_configured = models.Q(adopted=True) | models.Q(routes__isnull=False)
    return ServiceNumber.objects.filter(is_configured).distinct()


def routes() -> "models.QuerySet[FunctionRoute]":
    known = FunctionRoute.objects.select_related("service_number")
    return known.prefetch_related("mappings", "answer_fields")


def number_entry(number: ServiceNumber) -> Entry:
    return {field.name: getattr(number, field.name) for field in fields_of(ServiceNumber)}


def route_entry(route: FunctionRoute) -> Entry:
    own = {field.name: getattr(route, field.name) for field in fields_of(FunctionRoute)}
    return {
        "name": own.pop("name"),
        "service_number": route.service_number.number if route.service_number else None,
        **own,
        "fields": {each.field: each.template for each in route.mappings.all()},
        "answer": {each.name: each.template for each in route.answer_fields.all()},
    }


def fields_of(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    """What a person decides; whether a number is adopted follows from its being named."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable and not (field.primary_key or field.is_relation)
        if field.name != "adopted"
    ]


def number_of(written: str) -> str:
    """As requests carry it once they are stored."""
    return to_e164(written, settings.JTEL_DEFAULT_REGION) or written


def key_of(route: FunctionRoute) -> Key:
    number = route.service_number.number if route.service_number else ""
    return number, route.function.lower()
