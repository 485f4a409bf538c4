"""Whether worker and schedule are at work, in a sentence."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext, ngettext
from django_celery_beat.models import PeriodicTask

from callbacks.admin import attention
from callbacks.admin.facts import Note
from callbacks.admin.wording import ago, translated
from callbacks.models.job_run import SILENT, Pulse

if TYPE_CHECKING:
    from django.db.models import QuerySet

RESTING = "schedule.resting"


def note_on(pulse: Pulse, now: datetime) -> Note:
    if pulse.worker_at is None:
        return Note(
            gettext("No job has run yet."),
            gettext(
                "Tell whoever runs the server: start the worker and beat."
                " Callbacks are taken meanwhile, and wait."
            ),
            "",
            "warn",
        )
    if now - pulse.worker_at > SILENT:
        return Note(
            gettext("The worker last did something %(ago)s.") % {"ago": ago(pulse.worker_at, now)},
            gettext(
                "Tell whoever runs the server: start the worker again."
                " Callbacks are taken meanwhile, and wait; nothing is lost."
            ),
            "",
            "bad",
        )
    if pulse.beat_at is None or now - pulse.beat_at > SILENT:
        return Note(
            _beat_is_silent(pulse.beat_at, now),
            gettext(
                "Tell whoever runs the server: start beat again."
                " New callbacks go out meanwhile; everything else rests."
            ),
            "",
            "bad",
        )
    return Note(gettext("Worker and schedule are at work."), "", "", "good")


def jobs() -> "QuerySet[PeriodicTask]":
    """Without what earlier versions left there, which is Celery's and does nothing here."""
    found: QuerySet[PeriodicTask] = PeriodicTask.objects.exclude(task="celery.backend_cleanup")
    return found


def resting() -> "QuerySet[PeriodicTask]":
    """What somebody has switched off in the schedule."""
    return jobs().filter(enabled=False)


attention.count(RESTING, resting)


def note_on_rests() -> Note | None:
    if not attention.counts().get(RESTING):
        return None
    switched_off = list(resting().order_by("name").values_list("name", flat=True))
    names = ", ".join(translated(name) for name in switched_off)
    sentence = ngettext(
        "A job of the schedule is switched off: %(names)s.",
        "Jobs of the schedule are switched off: %(names)s.",
        len(switched_off),
    )
    return Note(
        sentence % {"names": names}, gettext("It rests until it is switched on again."), "", "warn"
    )


def _beat_is_silent(heard_at: datetime | None, now: datetime) -> str:
    if heard_at is None:
        return gettext("The worker is at work, and nothing was heard of the schedule yet.")
    words = gettext("The worker is at work; the schedule was last heard of %(ago)s.")
    return words % {"ago": ago(heard_at, now)}
