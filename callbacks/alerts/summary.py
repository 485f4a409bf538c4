"""The daily summary: what became of yesterday's callbacks, and what waits for somebody now."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext, ngettext, pgettext

from callbacks import ledger
from callbacks.alerts.letters import Letter, letter, link
from callbacks.alerts.telling import write
from callbacks.alerts.watches import WATCHES
from callbacks.alerts.words import date_and_time, service
from callbacks.models import Alert, AlertRules, Callback
from callbacks.models.callback import Status
from callbacks.signals import summary_written
from callbacks.waiting import oldest_unserved

MOST_NAMED = 10

Counts = Mapping[Status, int]


@dataclass(frozen=True)
class Summary:
    """Of one day, in figures."""

    day: date
    accepted: int
    by_status: Counts
    by_number: Mapping[str, Counts]


def tell_summary(rules: AlertRules, now: datetime) -> bool:
    """Once a day, from that hour on by the clocks on the wall here: of the day before."""
    here = now.astimezone(ZoneInfo(settings.JTEL_TIMEZONE))
    yesterday = here.date() - timedelta(days=1)
    if rules.digest_hour is None or here.hour < rules.digest_hour:
        return False
    untold = AlertRules.objects.filter(Q(digest_day=None) | Q(digest_day__lt=yesterday))
    with transaction.atomic():
        if not untold.update(digest_day=yesterday):
            return False
        summary = summary_of(yesterday)
        write(rules, uuid4(), now, lambda: as_letter(summary))
    return True


def summary_of(day: date) -> Summary:
    midnight = datetime.combine(day, time.min, ZoneInfo(settings.JTEL_TIMEZONE))
    lines = [line for line in ledger.lines(midnight) if line.day == day]
    by_status: Counter[Status] = Counter()
    for line in lines:
        by_status.update(line.by_status)
    return Summary(
        day=day,
        accepted=sum(line.accepted for line in lines),
        by_status=by_status,
        by_number={line.service_number: line.by_status for line in lines},
    )


def as_letter(summary: Summary) -> Letter:
    day = date_format(summary.day, pgettext("day heading", "l, j F Y"))
    content = {
        "event": "summary",
        "day": summary.day.isoformat(),
        "accepted": summary.accepted,
        "by_state": _counts(summary.by_status),
        "by_service_number": {n: _counts(c) for n, c in summary.by_number.items()},
    }
    parts = [
        _of_the_day(summary, day),
        _open(),
        _waits(),
        _standing(),
        link(reverse("admin:index")),
    ]
    return letter(gettext("Callbacks of %s") % day, parts, content)


def _of_the_day(summary: Summary, day: str) -> str:
    n = summary.accepted
    if not n:
        return gettext("%s: no callback came.") % day
    words = ngettext("%(day)s: %(n)d callback came.", "%(day)s: %(n)d callbacks came.", n)
    lines = [words % {"day": day, "n": n}, _states(summary.by_status)]
    busiest = sorted(summary.by_number.items(), key=lambda item: -sum(item[1].values()))
    lines += [f"- {service(number)}: {_states(counts)}" for number, counts in busiest[:MOST_NAMED]]
    if (left := len(busiest) - MOST_NAMED) > 0:
        lines.append(ngettext("and %(n)d more", "and %(n)d more", left) % {"n": left})
    return "\n".join(lines)


def _states(counts: Counts) -> str:
    """Where they are now, the empty ones left out."""
    return ", ".join(f"{Status(s).label}: {counts[s]}" for s in Status if counts.get(s))


def _open() -> str:
    """Now, of whatever day."""
    waiting = Callback.objects.filter(status__in=[Status.FAILED, Status.HELD]).order_by()
    counts = dict(waiting.values_list("status").annotate(Count("id")))
    lines = [
        ngettext("%(n)d callback has failed.", "%(n)d callbacks have failed.", counts[status])
        % {"n": counts[status]}
        if status == Status.FAILED
        else ngettext("%(n)d callback is held.", "%(n)d callbacks are held.", counts[status])
        % {"n": counts[status]}
        for status in (Status.FAILED, Status.HELD)
        if counts.get(status)
    ]
    said: list[tuple[Any, Any]] = summary_written.send(sender=None)
    lines += [line for _receiver, told in said for line in told]
    return _listed(gettext("Waits for a decision:"), lines) or gettext(
        "Nothing waits for a decision."
    )


def _waits() -> str:
    lines = [
        f"{service(each.service_number)}: {date_and_time(each.since)}"
        for each in oldest_unserved()[:MOST_NAMED]
    ]
    return _listed(gettext("Longest waits, their Case not closed:"), lines)


def _standing() -> str:
    """What was told and is not over."""
    alerts = Alert.objects.filter(is_on=True, told_on=True).order_by("began_at")
    lines = [WATCHES[alert.kind].headline(alert) for alert in alerts if alert.kind in WATCHES]
    return _listed(gettext("Still so:"), lines[:MOST_NAMED])


def _listed(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"- {line}" for line in lines)]) if lines else ""


def _counts(counts: Counts) -> dict[str, int]:
    return {str(status): n for status, n in counts.items() if n}
