"""What each run of a job came to, for staff: one row per job, written when a run has ended.

A job says what it did by what it returns, and that it could not work by `hindered`; what it raises
is written by name alone, because an error's text may quote a caller. A run that is killed leaves
the row of the run before.
"""

from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog
from celery.signals import task_postrun, task_prerun
from django.db import DatabaseError

from callbacks.models import JobRun
from callbacks.models.job_run import Did, Result, Run

log = structlog.get_logger()

MOST_MILLISECONDS = 2**31 - 1


@dataclass
class _Current:
    began: float = field(default_factory=monotonic)
    hindrance: str = ""


_current: ContextVar[_Current | None] = ContextVar("job", default=None)


def did(one: str, many: str, n: int) -> list[Did]:
    """For a job to return. Both texts in English, with %(n)d for the number."""
    return [(one, many, n)] if n else []


def hindered(reason: str) -> None:
    """The job that runs in this thread cannot do its work; why is a sentence in English."""
    if current := _current.get():
        current.hindrance = reason


@task_prerun.connect(dispatch_uid="callbacks.jobs.begin")
def begin(**_: Any) -> None:
    _current.set(_Current())


@task_postrun.connect(dispatch_uid="callbacks.jobs.end")
def end(task: Any, retval: Any, state: str, **_: Any) -> None:
    current = _current.get() or _Current()
    _current.set(None)
    took = min(int((monotonic() - current.began) * 1000), MOST_MILLISECONDS)
    try:
        JobRun.objects.note(task.name, _run(current, took, retval, state), by_beat=is_by_beat(task))
    except DatabaseError as error:
        log.warning("run not noted", job=task.name, error=type(error).__name__)


def _run(current: _Current, took: int, retval: Any, state: str) -> Run:
    if state != "SUCCESS":
        return Run(Result.FAILED, took, type(retval).__name__)
    done = retval if isinstance(retval, list) else []
    if current.hindrance:
        return Run(Result.HINDERED, took, current.hindrance, done)
    return Run(Result.DONE, took, did=done)


def is_by_beat(task: Any) -> bool:
    """The scheduler writes its own name for the job on the message."""
    return bool(getattr(task.request, "periodic_task_name", None))
