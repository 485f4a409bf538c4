"""Brings to their receivers what was told. At least once: see `AlertMessage`."""

from collections.abc import Iterator
from time import monotonic

from django.conf import settings
from django.utils import timezone

from callbacks.alerts import mail, webhook
from callbacks.models import AlertMessage

Channel = AlertMessage.Channel

SECONDS = 30.0  # then the next minute goes on; a call that is under way may last longer


def deliver() -> None:
    """Send what is due, by each way that is set up."""
    AlertMessage.objects.old(timezone.now()).delete()
    if settings.EMAIL_HOST:
        mail.send(_in_time(Channel.MAIL))
    if settings.ALERT_WEBHOOK_URL:
        for message in _in_time(Channel.WEBHOOK):
            webhook.post(message)


def _in_time(channel: str) -> Iterator[AlertMessage]:
    until = monotonic() + SECONDS
    for message in AlertMessage.objects.lease_due(channel):
        yield message
        if monotonic() > until:
            return
