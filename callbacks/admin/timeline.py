"""Everything that happened to a callback, newest first, in plain words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext

from callbacks.admin.deeds import deeds
from callbacks.admin.wording import day_heading, duration, translated
from callbacks.masking import sees_personal_data
from callbacks.models import Callback, CaseChange, SyncAttempt

PUT_OFF, FAILED, SYNCED = (
    SyncAttempt.Outcome.PUT_OFF,
    SyncAttempt.Outcome.FAILED,
    SyncAttempt.Outcome.SYNCED,
)
What = CaseChange.What
LOOKS = {
    PUT_OFF: ("update", "plain"),
    FAILED: ("cancel", "bad"),
    SYNCED: ("check_circle", "good"),
}


@dataclass(frozen=True)
class Event:
    at: datetime
    icon: str
    text: str
    detail: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Day:
    heading: str
    events: list[Event]


def timeline(callback: Callback, now: datetime) -> list[Day]:
    days: list[Day] = []
    for event in sorted(_events(callback), key=lambda event: event.at, reverse=True):
        heading = day_heading(event.at, now)
        if not days or days[-1].heading != heading:
            days.append(Day(heading, []))
        days[-1].events.append(event)
    return days


def _events(callback: Callback) -> Iterator[Event]:
    client = gettext("ACD client “%(name)s”") % {"name": callback.client.name}
    yield Event(
        callback.received_at, "call_received", gettext("Received from the telephone system"), client
    )
    if callback.repeated_at:
        yield _repeat(callback, callback.repeated_at)
    attempts = sorted(callback.attempts.all(), key=lambda attempt: (attempt.started_at, attempt.pk))
    for number, attempt in enumerate(attempts, start=1):
        yield _attempt(number, attempt)
    for deed in deeds(callback):
        yield Event(deed.at, deed.icon, deed.text, deed.detail)
    yield from _of_the_case(callback, attempts)
    if callback.erased_at:
        yield Event(callback.erased_at, "delete", gettext("Personal data erased"))


def _repeat(callback: Callback, at: datetime) -> Event:
    times = ngettext(
        "The telephone system repeated the request; nothing was stored twice",
        "The telephone system repeated the request %(times)d times; nothing was stored twice",
        callback.repeats,
    ) % {"times": callback.repeats}
    differed = gettext("A repeat had other fields; the first request counts.")
    return Event(at, "replay", times, differed if callback.repeat_differed else "")


def _attempt(number: int, attempt: SyncAttempt) -> Event:
    texts = {
        PUT_OFF: gettext("Attempt %(number)d: put off"),
        FAILED: gettext("Attempt %(number)d: refused"),
        SYNCED: gettext("Attempt %(number)d: Case created"),
    }
    outcome = SyncAttempt.Outcome(attempt.outcome)
    said = translated(attempt.detail) if sees_personal_data() else ""
    words = [duration(attempt.duration_ms), said or attempt.code]
    icon, tone = LOOKS[outcome]
    return Event(
        attempt.started_at,
        icon,
        texts[outcome] % {"number": number},
        " · ".join(word for word in words if word),
        tone,
    )


def _of_the_case(callback: Callback, attempts: Sequence[SyncAttempt]) -> Iterator[Event]:
    if callback.synced_at and not any(attempt.outcome == SYNCED for attempt in attempts):
        yield Event(
            callback.synced_at, "check_circle", gettext("Case found in Salesforce"), "", "good"
        )
    for change in callback.case_changes.all():
        yield _case_change(change)


def _case_change(change: CaseChange) -> Event:
    what = CaseChange.What(change.what)
    icon, text = {
        What.STATUS: ("edit_note", gettext("Case status is “%(after)s” now")),
        What.OWNER: ("person", gettext("Case went to %(after)s")),
        What.CLOSED: ("task_alt", gettext("Case closed")),
        What.REOPENED: ("undo", gettext("Case opened again")),
        What.DELETED: ("delete", gettext("Case deleted in Salesforce")),
        What.RESTORED: ("restore_from_trash", gettext("Case restored in Salesforce")),
        What.RECORD: ("merge", gettext("Case %(after)s counts now")),
    }[what]
    before = gettext("before: %(value)s") % {"value": change.before} if change.before else ""
    return Event(change.at, icon, text % {"after": change.after}, before)
