"""Whether worker and schedule are at work, in a sentence."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext, ngettext

from callbacks.admin.facts import Note
from callbacks.admin.wording import ago, translated
from callbacks.models.job_run import SILENT, Pulse


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


def note_on_rests(jobs: Sequence[str]) -> Note | None:
    """What somebody has switched off in the schedule."""
    if not jobs:
        return None
    names = ", ".join(translated(name) for name in jobs)
    sentence = ngettext(
        "A job of the schedule is switched off: %(names)s.",
        "Jobs of the schedule are switched off: %(names)s.",
        len(jobs),
    )
    return Note(
        sentence % {"names": names}, gettext("It rests until it is switched on again."), "", "warn"
    )


def _beat_is_silent(heard_at: datetime | None, now: datetime) -> str:
    if heard_at is None:
        return gettext("The worker is at work, and nothing was heard of the schedule yet.")
    words = gettext("The worker is at work; the schedule was last heard of %(ago)s.")
    return words % {"ago": ago(heard_at, now)}
