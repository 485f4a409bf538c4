"""What is watched: each a question that is asked every minute, and the words for its answer.

Words come out in the language that is active. They name service numbers, never callers.
"""
# ruff: noqa: ARG002 - all watches are asked alike

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from callbacks.alerts.words import date_and_time, service
from callbacks.lists import unserved
from callbacks.models import Alert, AlertRules, Callback, JobRun, NumberWatch
from callbacks.models.callback import Status
from callbacks.models.job_run import SILENT
from callbacks.waiting import oldest_unserved


@dataclass(frozen=True)
class Seen:
    """Something holds, of one service number or as a whole. The facts are for the words."""

    subject: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


class Watch(ABC):
    kind: ClassVar[str]
    title: ClassVar[Promise | str]
    rank: ClassVar[int]  # the gravest first

    def is_watched(self, rules: AlertRules) -> bool:
        return True

    @abstractmethod
    def look(self, rules: AlertRules, now: datetime) -> Iterable[Seen]:
        """What holds now."""

    def spared(self) -> set[str]:
        """Subjects that are not watched, by exception."""
        return set()

    @abstractmethod
    def headline(self, alert: Alert) -> str:
        """What began or is over, as a subject line says it."""

    @abstractmethod
    def sentence(self, alert: Alert) -> str:
        """More of it."""

    def next_step(self, alert: Alert) -> str:
        """What a person does about it, while it holds."""
        return ""

    @abstractmethod
    def page(self, alert: Alert) -> str:
        """Where to look."""


WATCHES: dict[str, Watch] = {}


def register(watch: Watch) -> None:
    WATCHES[watch.kind] = watch
    for kind in sorted(WATCHES, key=lambda kind: WATCHES[kind].rank):
        WATCHES[kind] = WATCHES.pop(kind)


class Decisions(Watch):
    """Callbacks that wait for a person: refused by the org, or without a route."""

    kind = "decisions"
    rank = 6
    title = _("Callbacks wait for a decision")

    def is_watched(self, rules: AlertRules) -> bool:
        return rules.decision_hours is not None

    def look(self, rules: AlertRules, now: datetime) -> Iterable[Seen]:
        oldest = now - timedelta(hours=rules.decision_hours or 0)
        waiting = Callback.objects.filter(status__in=[Status.FAILED, Status.HELD]).order_by()
        by_status = list(waiting.values_list("status").annotate(Count("id"), Min("received_at")))
        counts = {status: count for status, count, _since in by_status}
        since = [since for _status, _count, since in by_status if since <= oldest]
        if not since:
            return []
        facts = {"failed": counts.get(Status.FAILED, 0), "held": counts.get(Status.HELD, 0)}
        return [Seen(facts=facts | {"since": min(since).isoformat()})]

    def headline(self, alert: Alert) -> str:
        if alert.is_on:
            return gettext("Callbacks wait for a decision")
        return gettext("No callback waits long for a decision any more")

    def sentence(self, alert: Alert) -> str:
        facts = alert.facts
        failed = ngettext("%(n)d failed", "%(n)d failed", facts["failed"]) % {"n": facts["failed"]}
        held = ngettext("%(n)d is held", "%(n)d are held", facts["held"]) % {"n": facts["held"]}
        if not alert.is_on:
            return ""
        words = gettext("%(failed)s, %(held)s; the oldest came on %(since)s.")
        since = date_and_time(datetime.fromisoformat(facts["since"]))
        return words % {"failed": failed, "held": held, "since": since}

    def next_step(self, alert: Alert) -> str:
        if alert.facts["failed"]:
            return gettext("Remove the cause and requeue them, or dismiss them.")
        return gettext("Make the route that they lack, or dismiss them.")

    def page(self, alert: Alert) -> str:
        if alert.facts["failed"]:
            return reverse("admin:callbacks_failedsync_changelist")
        return callbacks_page(status__exact=Status.HELD)


class Unserved(Watch):
    """Callers whose Case nobody has closed yet."""

    kind = "unserved"
    rank = 5
    title = _("A caller waits too long")

    def is_watched(self, rules: AlertRules) -> bool:
        return rules.unserved_hours is not None or bool(self._limits_of_their_own())

    def _limits_of_their_own(self) -> dict[str, int]:
        limits = NumberWatch.objects.exclude(unserved_hours=None)
        found = limits.values_list("service_number__number", "unserved_hours")
        return {number: hours for number, hours in found if hours}

    def look(self, rules: AlertRules, now: datetime) -> Iterable[Seen]:
        hours_of = self._limits_of_their_own()
        return [
            Seen(waiting.service_number, {"since": waiting.since.isoformat()})
            for waiting in oldest_unserved()
            if (hours := hours_of.get(waiting.service_number, rules.unserved_hours))
            and waiting.since <= now - timedelta(hours=hours)
        ]

    def headline(self, alert: Alert) -> str:
        if alert.is_on:
            words = gettext("A caller has waited too long for an answer: %(service)s")
        else:
            words = gettext("No caller waits too long any more: %(service)s")
        return words % {"service": service(alert.subject)}

    def sentence(self, alert: Alert) -> str:
        if not alert.is_on:
            return ""
        since = date_and_time(datetime.fromisoformat(alert.facts["since"]))
        return gettext("The longest wait began on %(since)s; its Case is not closed.") % {
            "since": since
        }

    def next_step(self, alert: Alert) -> str:
        return gettext("Call back and close the Case, or close it if that was done.")

    def page(self, alert: Alert) -> str:
        return callbacks_page(**unserved(alert.subject))


class Beat(Watch):
    """The schedule, which also rings for this very look: told by a worker that a callback woke."""

    kind = "beat"
    rank = 3
    title = _("The schedule is silent")

    def look(self, rules: AlertRules, now: datetime) -> Iterable[Seen]:
        heard_at = JobRun.objects.pulse().beat_at
        return [Seen()] if heard_at and now - heard_at > SILENT else []

    def headline(self, alert: Alert) -> str:
        if alert.is_on:
            return gettext("The schedule (beat) is silent")
        return gettext("The schedule (beat) is at work again")

    def sentence(self, alert: Alert) -> str:
        if not alert.is_on:
            return ""
        return gettext("New callbacks still go out. Everything else that runs by itself rests.")

    def next_step(self, alert: Alert) -> str:
        return gettext("Tell whoever runs the server: start beat again.")

    def page(self, alert: Alert) -> str:
        return reverse("admin:django_celery_beat_periodictask_changelist")


def callbacks_page(**query: str) -> str:
    return f"{reverse('admin:callbacks_callback_changelist')}?{urlencode(query)}"


for watch in (Decisions(), Unserved(), Beat()):
    register(watch)
