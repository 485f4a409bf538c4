"""Who has waited longest: callers whose Case nobody has closed yet, by service number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from callbacks.models import Callback, ServiceNumber


@dataclass(frozen=True)
class Waiting:
    """The caller of a service number who has waited longest, and since when."""

    service_number: str
    name: str
    since: datetime


def oldest_unserved() -> list[Waiting]:
    """For each service number for which somebody waits; the longest wait first."""
    names = dict(ServiceNumber.objects.exclude(name="").values_list("number", "name"))
    found = [Waiting(number, names.get(number, ""), since) for number, since in _oldest_by_number()]
    return sorted(found, key=lambda waiting: waiting.since)


def _oldest_by_number() -> Iterator[tuple[str, datetime]]:
    """One look into the index `callback_unserved` for each number, however many callers wait.

    Grouping would read them all, and an org that never closes Cases has them all unserved.
    """
    ordered = Callback.objects.unserved().order_by("service_number", "received_at")
    facts = ordered.values_list("service_number", "received_at")
    oldest = facts.first()
    while oldest:
        yield oldest
        oldest = facts.filter(service_number__gt=oldest[0]).first()
