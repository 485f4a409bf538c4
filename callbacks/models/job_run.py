from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from django.db import models
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

SILENT = timedelta(minutes=3)  # several jobs run every minute or more often
Did: TypeAlias = tuple[str, str, int]  # a sentence about one, about many, and how many


class Result(models.TextChoices):
    DONE = "done", _("Done")
    HINDERED = "hindered", _("Not done")  # it ran, and could not do its work
    FAILED = "failed", _("Failed")  # it broke off, and nobody expected that


class Run(NamedTuple):
    """How a run went; `reason` is a sentence in English, or the name of an error."""

    result: Result
    took_ms: int
    reason: str = ""
    did: Sequence[Did] = ()


class Pulse(NamedTuple):
    """When the worker last finished anything, and when it last did so because beat said so.

    By the database's clock. A beat is heard through a worker: of a silent worker's beat nothing
    is known.
    """

    worker_at: datetime | None
    beat_at: datetime | None


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def note(self, job: str, run: Run, *, by_beat: bool) -> None:
        """One UPDATE. Of two runs at once the one that ended last is remembered."""
        values = {
            "finished_at": Now(),
            "result": run.result,
            "took_ms": run.took_ms,
            "reason": run.reason,
            "did": [list(each) for each in run.did],
            **({"done_at": Now()} if run.result == Result.DONE else {}),
            **({"rung_at": Now()} if by_beat else {}),
        }
        if not self.filter(job=job).update(**values):
            self.bulk_create([JobRun(job=job, **values)], ignore_conflicts=True)

    def pulse(self) -> Pulse:
        heard = self.aggregate(worker_at=Max("finished_at"), beat_at=Max("rung_at"))
        return Pulse(heard["worker_at"], heard["beat_at"])


class JobRun(models.Model):
    """How the last run of a job went. One row for each job; the next run overwrites it."""

    Result: TypeAlias = Result

    job = models.CharField(_("job"), max_length=120, primary_key=True)  # the name of its task
    finished_at = models.DateTimeField(_("finished"))
    took_ms = models.PositiveIntegerField(_("duration"))
    result = models.CharField(_("result"), max_length=10, choices=Result.choices)
    reason = models.TextField(_("reason"), blank=True)
    did = models.JSONField(default=list)
    done_at = models.DateTimeField(_("last done"), null=True)
    rung_at = models.DateTimeField(_("last run on schedule"), null=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run of a job")
        verbose_name_plural = _("runs of jobs")
        default_permissions = ()  # shown with the schedule

    def __str__(self) -> str:
        return self.job
