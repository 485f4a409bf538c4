"""What the store does by the clock. Each may run twice, late or never; the next run mends it."""

import threading
import time
from typing import Any

import structlog
from celery import shared_task
from celery.signals import task_postrun
from django.utils import timezone

from callbacks import changes, replaying, retention, routing
from callbacks.alerts import watching
from callbacks.jobs import did, is_by_beat
from callbacks.models import AccessToken
from callbacks.models.job_run import SILENT, Did

log = structlog.get_logger()

REPLAY_SECONDS = 4.5  # then the next bell or sweep goes on
_replaying = threading.Lock()  # one thread of a worker is enough, and all the others are free


@shared_task
def release_held() -> list[Did]:
    if count := routing.release_routed():
        log.info("held callbacks released", count=count)
    return did("%(n)d callback released", "%(n)d callbacks released", count)


@shared_task
def erase_expired() -> list[Did]:
    if count := retention.erase_expired():
        log.info("personal data erased", count=count)
    return did("%(n)d callback erased", "%(n)d callbacks erased", count)


@shared_task
def forget_expired_tokens() -> list[Did]:
    count, _by_model = AccessToken.objects.expired(timezone.now()).delete()
    if count:
        log.info("expired access tokens forgotten", count=count)
    return did("%(n)d token forgotten", "%(n)d tokens forgotten", count)


@shared_task
def send_replayed() -> list[Did]:
    """Step after step, while a replay is running."""
    if not _replaying.acquire(blocking=False):
        return []
    try:
        sent, until = replaying.advance_all(), time.monotonic() + REPLAY_SECONDS
        while replaying.is_running() and time.monotonic() < until:
            threading.Event().wait(replaying.STEP_SECONDS)
            sent += replaying.advance_all()
    finally:
        _replaying.release()
    return did("%(n)d callback replayed", "%(n)d callbacks replayed", sent)


@shared_task
def forget_old_changes() -> list[Did]:
    now = timezone.now()
    count = sum(changes.forget_old(model, now=now) for model in changes.recorded())
    if count:
        log.info("old changes of the configuration forgotten", count=count)
    return did("%(n)d change forgotten", "%(n)d changes forgotten", count)


@shared_task
def watch() -> list[Did]:
    told = watching.watch(timezone.now())
    return did("%(n)d change told", "%(n)d changes told", told)


class Ear:
    """Whether the schedule is heard in this worker; while it is not, somebody else has to watch."""

    def __init__(self) -> None:
        self.heard = time.monotonic()

    def misses_it(self, *, by_beat: bool) -> bool:
        """Once a minute, if the last was long ago."""
        now, patience = time.monotonic(), SILENT.total_seconds()
        if by_beat:
            self.heard = now
        elif now - self.heard > patience:
            self.heard = now - patience + 60
            return True
        return False


_ear = Ear()


@task_postrun.connect(dispatch_uid="callbacks.tasks.watch_without_beat")
def watch_without_beat(task: Any, **_: Any) -> None:
    """A callback woke this worker, and the schedule did not for long: that is worth telling."""
    if _ear.misses_it(by_beat=is_by_beat(task)):
        watching.watch(timezone.now())
