"""A task is a bell that may ring twice, late or never. The rows know what is due."""

import random
import threading
import time
from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from crm import drift, pull, reconcile, sync
from crm.client import get_client
from crm.passthrough import delivery, retention
from crm.usage import purpose

log = structlog.get_logger()

PUSH_SECONDS = 50.0  # then the next bell or sweep goes on
FORWARD_SECONDS = 4.0  # the same, and callbacks come first

_chance = random.SystemRandom()
_forwarding = threading.Lock()  # a slow resource holds one thread of a worker, never all


@shared_task
def push_due() -> None:
    if settings.SALESFORCE_URL:
        sync.push_due(get_client(), until=time.monotonic() + PUSH_SECONDS, chance=_chance.random)


@shared_task
@purpose("pull")
def pull_cases() -> None:
    if settings.SALESFORCE_URL:
        until = time.monotonic() + PUSH_SECONDS
        pull.pull_cases(get_client(), until=until, chance=_chance.random)


@shared_task
@purpose("reconcile")
def reconcile_recent() -> None:
    if settings.SALESFORCE_URL:
        since = timezone.now() - timedelta(days=reconcile.DAYS)
        reconcile.reconcile(get_client(), since=since, chance=_chance.random)


@shared_task
@purpose("drift")
def watch_objects() -> None:
    if settings.SALESFORCE_URL:
        drift.watch(get_client(), chance=_chance.random, now=timezone.now())


@shared_task
def forward_stored() -> None:
    if not settings.SALESFORCE_URL or not _forwarding.acquire(blocking=False):
        return
    try:
        until = time.monotonic() + FORWARD_SECONDS
        delivery.forward_due(get_client(), until=until, chance=_chance.random)
    finally:
        _forwarding.release()


@shared_task
def erase_stored() -> None:
    oldest = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    if count := retention.erase_received_before(oldest):
        log.info("stored requests erased", count=count)
