"""A task is a bell that may ring twice, late or never. The rows know what is due."""

import random
import threading
import time
from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from callbacks.jobs import did, hindered
from callbacks.models.job_run import Did
from crm import drift, inspection, pull, reconcile, sync
from crm.client import get_client
from crm.models import Inspection
from crm.passthrough import delivery, retention
from crm.usage import purpose

log = structlog.get_logger()

PUSH_SECONDS = 50.0  # then the next bell or sweep goes on
FORWARD_SECONDS = 4.0  # the same, and callbacks come first
INSPECT_SECONDS = 90.0  # what was not looked at by then is not; staff waits for an answer

_chance = random.SystemRandom()
_forwarding = threading.Lock()  # a slow resource holds one thread of a worker, never all


NO_ORG = "No Salesforce org is configured."


@shared_task
def push_due() -> list[Did]:
    if not has_org():
        return []
    until = time.monotonic() + PUSH_SECONDS
    taken = sync.push_due(get_client(), until=until, chance=_chance.random)
    return did("%(n)d callback handled", "%(n)d callbacks handled", taken)


@shared_task
@purpose("pull")
def pull_cases() -> list[Did]:
    if not has_org():
        return []
    until = time.monotonic() + PUSH_SECONDS
    changed = pull.pull_cases(get_client(), until=until, chance=_chance.random)
    return did("%(n)d Case changed", "%(n)d Cases changed", changed)


@shared_task
@purpose("reconcile")
def reconcile_recent() -> list[Did]:
    if not has_org():
        return []
    since = timezone.now() - timedelta(days=reconcile.DAYS)
    run = reconcile.reconcile(get_client(), since=since, chance=_chance.random)
    compared = run.counts.get("callbacks", 0)
    return did("%(n)d callback compared", "%(n)d callbacks compared", compared)


@shared_task
@purpose("drift")
def watch_objects() -> list[Did]:
    if not has_org():
        return []
    found = drift.watch(get_client(), chance=_chance.random, now=timezone.now())
    return did("%(n)d finding was made", "%(n)d findings were made", found)


@shared_task
@purpose("check")
def inspect_org() -> list[Did]:
    """Not scheduled: rung by whoever asks on the connection's page."""
    began_at = timezone.now()
    if not Inspection.begin(began_at):
        return []
    found = inspection.inspect_org(until=time.monotonic() + INSPECT_SECONDS)
    Inspection.end(began_at, [finding.kept() for finding in found])
    return did("%(n)d check made", "%(n)d checks made", len(found))


@shared_task
def forward_stored() -> list[Did]:
    if not has_org() or not _forwarding.acquire(blocking=False):
        return []
    try:
        until = time.monotonic() + FORWARD_SECONDS
        sent = delivery.forward_due(get_client(), until=until, chance=_chance.random)
    finally:
        _forwarding.release()
    return did("%(n)d request forwarded", "%(n)d requests forwarded", sent)


@shared_task
def erase_stored() -> list[Did]:
    oldest = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    if count := retention.erase_received_before(oldest):
        log.info("stored requests erased", count=count)
    return did("%(n)d request erased", "%(n)d requests erased", count)


def has_org() -> bool:
    if not settings.SALESFORCE_URL:
        hindered(NO_ORG)
    return bool(settings.SALESFORCE_URL)
