"""A task is a bell that may ring twice, late or never. The rows know what is due."""

import random
import time

from celery import shared_task
from django.conf import settings

from crm import sync
from crm.client import get_client

PUSH_SECONDS = 50.0  # then the next bell or sweep goes on

_chance = random.SystemRandom()


@shared_task
def push_due() -> None:
    if settings.SALESFORCE_URL:
        sync.push_due(get_client(), until=time.monotonic() + PUSH_SECONDS, chance=_chance.random)
