"""What a message says, in the language and time zone of whoever gets it. No caller is named."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, override

from callbacks.alerts.receivers import Receiver
from callbacks.alerts.watches import WATCHES
from callbacks.alerts.words import date_and_time
from callbacks.models import Alert

PREFIX = "[jtelbridge]"
MOST_NAMED = 10  # of one kind in one message; the webhook gets all


@dataclass(frozen=True)
class Letter:
    """`content` is for programs: the same, in fields."""

    subject: str
    text: str
    content: dict[str, Any]


@contextmanager
def spoken_to(receiver: Receiver) -> Iterator[None]:
    """What is said inside is said as that receiver reads it."""
    zone = ZoneInfo(receiver.time_zone or settings.JTEL_TIMEZONE)
    with override(receiver.language), timezone.override(zone):
        yield


def letter(subject: str, paragraphs: Sequence[str], content: dict[str, Any]) -> Letter:
    text = "\n\n".join([*(part for part in paragraphs if part), _signature()])
    one_line = " ".join(subject.split())  # a number as it came may hold anything
    return Letter(f"{PREFIX} {one_line}", f"{text}\n", content)


def about(alerts: Sequence[Alert]) -> Letter:
    """Tells of changes: what began first, then what is over."""
    kinds = list(WATCHES)
    ordered = sorted(alerts, key=lambda a: (not a.is_on, kinds.index(a.kind), a.subject))
    groups = groupby(ordered, key=lambda alert: (alert.is_on, alert.kind))
    paragraphs = [_paragraph(list(group)) for _key, group in groups]
    changes = [_as_fields(alert) for alert in ordered]
    return letter(_subject(ordered), paragraphs, {"event": "alert", "changes": changes})


def of_trial() -> Letter:
    text = gettext("This is a test message. Alerts reach you on this way.")
    return letter(gettext("Test message"), [text], {"event": "test"})


def link(path: str) -> str:
    """The address of a page, if it is known under which name this installation is reached."""
    return f"{settings.CSRF_TRUSTED_ORIGINS[0]}{path}" if settings.CSRF_TRUSTED_ORIGINS else ""


def _subject(alerts: Sequence[Alert]) -> str:
    first = _headline(alerts[0])
    n = len(alerts) - 1
    if not n:
        return first
    words = ngettext("%(first)s, and %(n)d more", "%(first)s, and %(n)d more", n)
    return words % {"first": first, "n": n}


def _paragraph(alerts: Sequence[Alert]) -> str:
    """About one, or about several of the same kind."""
    alert = alerts[0]
    watch = WATCHES[alert.kind]
    lines = _several(alerts) if len(alerts) > 1 else _one(alert)
    if alert.is_on:
        lines += [_labelled(gettext("What to do: %s"), watch.next_step(alert))]
    return "\n".join(line for line in [*lines, link(watch.page(alert))] if line)


def _one(alert: Alert) -> list[str]:
    began = date_and_time(alert.began_at)
    words = gettext("Since %s.") if alert.is_on else gettext("It began on %s.")
    return [_headline(alert), WATCHES[alert.kind].sentence(alert), words % began]


def _several(alerts: Sequence[Alert]) -> list[str]:
    lines = [f"- {_headline(alert)}" for alert in alerts[:MOST_NAMED]]
    if (n := len(alerts) - MOST_NAMED) > 0:
        lines.append(ngettext("and %(n)d more", "and %(n)d more", n) % {"n": n})
    return lines


def _headline(alert: Alert) -> str:
    return WATCHES[alert.kind].headline(alert)


def _labelled(words: str, text: str) -> str:
    return words % text if text else ""


def _as_fields(alert: Alert) -> dict[str, Any]:
    watch = WATCHES[alert.kind]
    return {
        "kind": alert.kind,
        "state": "began" if alert.is_on else "over",
        "service_number": alert.subject,
        "began_at": alert.began_at.isoformat(),
        "changed_at": alert.changed_at.isoformat(),
        "headline": watch.headline(alert),
        "sentence": watch.sentence(alert),
        "next_step": watch.next_step(alert) if alert.is_on else "",
        "page": link(watch.page(alert)),
    }


def _signature() -> str:
    """Begins as e-mail programs know it."""
    page = link(reverse("admin:callbacks_alertrules_changelist"))
    words = gettext("Sent by jtelbridge. Who is told, and of what, is set on the page “Alerts”.")
    return "\n".join(line for line in ("-- ", words, page) if line)
