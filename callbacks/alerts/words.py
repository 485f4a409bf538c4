"""How times and service numbers read in a message, in the language and zone that are active."""

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext, ngettext, pgettext

from callbacks.models import ServiceNumber
from callbacks.phone import grouped

MINUTES_OF_HOUR = 60


def date_and_time(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), pgettext("date and time", "j M Y, H:i"))


def service(number: str) -> str:
    return services([number])[number]


def services(numbers: Collection[str]) -> dict[str, str]:
    """Each by its name, if it has one. One query."""
    found = ServiceNumber.objects.filter(number__in=numbers).exclude(name="")
    names = dict(found.values_list("number", "name"))
    return {number: _called(number, names.get(number, "")) for number in numbers}


def _called(number: str, name: str) -> str:
    if not number:
        return gettext("without a service number")
    return f"{name} ({grouped(number)})" if name else grouped(number)


def span(minutes: int) -> str:
    if minutes % MINUTES_OF_HOUR:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = minutes // MINUTES_OF_HOUR
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
