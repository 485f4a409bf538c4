"""What the store does by the clock. Each may run twice, late or never; the next run mends it."""

import structlog
from celery import shared_task
from django.utils import timezone

from callbacks import retention, routing
from callbacks.models import AccessToken

log = structlog.get_logger()


@shared_task
def release_held() -> None:
    if count := routing.release_routed():
        log.info("held callbacks released", count=count)


@shared_task
def erase_expired() -> None:
    if count := retention.erase_expired():
        log.info("personal data erased", count=count)


@shared_task
def forget_expired_tokens() -> None:
    count, _by_model = AccessToken.objects.expired(timezone.now()).delete()
    if count:
        log.info("expired access tokens forgotten", count=count)
