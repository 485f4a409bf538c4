"""Callbacks of today by hour and service number, and how many there were a week ago."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext, pgettext

from callbacks.admin.wording import phone
from callbacks.figures import WEEK, Figures, Service

SHOWN = 4  # service numbers; the rest is one
OPENING, CLOSING = 6, 20  # hours that are always shown


def chart(figures: Figures) -> dict[str, Any]:
    hours = _hours(figures)
    series = [
        {"label": name, "data": [by_hour.get(hour, 0) for hour in hours]}
        for name, by_hour in _series(figures.services)
    ]
    return {
        "hours": [f"{hour:02}" for hour in hours],
        "series": series,
        "last_week": _last_week(figures, hours),
        "empty": "" if series else gettext("No callback yet today. Bars appear with the first."),
    }


def _hours(figures: Figures) -> Sequence[int]:
    came = [hour for service in figures.services for hour in service.by_hour]
    current = timezone.localtime(figures.now).hour
    return range(min([OPENING, current, *came]), max([CLOSING, current, *came]) + 1)


def _series(services: Sequence[Service]) -> list[tuple[str, Mapping[int, int]]]:
    """The busiest by name, all others together."""
    found = [(name_of(each), each.by_hour) for each in services[:SHOWN]]
    others: Counter[int] = Counter()
    for each in services[SHOWN:]:
        others.update(each.by_hour)
    return [*found, (gettext("Others"), others)] if others else found


def name_of(service: Service) -> str:
    return service.name or phone(service.number) or gettext("without a service number")


def _last_week(figures: Figures, hours: Sequence[int]) -> dict[str, Any] | None:
    if not figures.last_week:
        return None
    day = date_format(figures.midnight - WEEK, pgettext("a week ago", "l, j F"))
    return {"label": day, "data": [figures.last_week.get(hour, 0) for hour in hours]}
