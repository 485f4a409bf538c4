"""beat's scheduler: a clock that is set back, as after a boot, silences no job.

When a job is due is reckoned from its last run by the clock on the wall, also across restarts. What
ran three hours ahead of the right time would run again when these three hours and its interval are
over; and so would all that stands behind it.
"""

import time
from typing import Any

from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry


class Entry(ModelEntry):  # type: ignore[misc]  # has no types
    """A job. What ran later than now counts as run just now."""

    def __init__(self, model: PeriodicTask, app: Any = None) -> None:
        super().__init__(model, app=app)
        now = self._default_now()
        if model.last_run_at > now:
            self.last_run_at = model.last_run_at = now
            # Kept, because jobs are read anew every few minutes; without a signal, or they would be
            # read at once.
            PeriodicTask.objects.filter(pk=model.pk).update(last_run_at=now)


class Scheduler(DatabaseScheduler):  # type: ignore[misc]  # has no types
    Entry = Entry
    _ticked_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Read all jobs again if the clock went back: their order is by the time that was."""
        now = time.time()
        if now < self._ticked_at:
            self._heap, self._initial_read = None, True
        self._ticked_at = now
        seconds: float = super().tick(*args, **kwargs)
        return seconds
