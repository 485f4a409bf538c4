"""Whether worker and schedule are at work, in a sentence."""

from datetime import datetime

from django.utils.translation import gettext

from callbacks.admin.facts import Note
from callbacks.admin.wording import ago
from callbacks.models.job_run import SILENT, Pulse


def note_on(pulse: Pulse, now: datetime) -> Note:
    if pulse.worker_at is None:
        return Note(
            gettext("No job has run yet."),
            gettext("Start the worker and beat. Callbacks are taken meanwhile, and wait."),
            "",
            "warn",
        )
    if now - pulse.worker_at > SILENT:
        return Note(
            gettext("The worker last did something %(ago)s.") % {"ago": ago(pulse.worker_at, now)},
            gettext("Start it again. Callbacks are taken meanwhile, and wait; nothing is lost."),
            "",
            "bad",
        )
    if pulse.beat_at is None or now - pulse.beat_at > SILENT:
        return Note(
            _beat_is_silent(pulse.beat_at, now),
            gettext("Start beat again. New callbacks go out meanwhile; everything else rests."),
            "",
            "bad",
        )
    return Note(gettext("Worker and schedule are at work."), "", "", "good")


def _beat_is_silent(heard_at: datetime | None, now: datetime) -> str:
    if heard_at is None:
        return gettext("The worker is at work, and nothing was heard of the schedule yet.")
    words = gettext("The worker is at work; the schedule was last heard of %(ago)s.")
    return words % {"ago": ago(heard_at, now)}
