"""From what changed to messages that wait to be sent: in one transaction, so that each is told.

A change has to last (`AlertRules.hold_minutes`) before it is told, its end as well, so that what
comes and goes is not told at all. Of what can happen to many service numbers at once people hear
together, and not again for half an hour.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from callbacks.alerts.letters import Letter, about, of_trial, spoken_to
from callbacks.alerts.receivers import receivers
from callbacks.models import Alert, AlertMessage, AlertRules

APART = timedelta(minutes=30)


def tell_changes(rules: AlertRules, now: datetime) -> int:
    """Write messages about what changed. Returns how many changes it was.

    While there is nobody to tell nothing counts as told: whoever is named later hears of it.
    """
    if not receivers(rules):
        return 0
    with transaction.atomic():
        alerts = [alert for alert in _worth_telling(rules, now) if Alert.objects.claim(alert, now)]
        if alerts:
            write(rules, uuid4(), now, lambda: about(alerts))
    return len(alerts)


def tell_trial(rules: AlertRules, key: UUID, now: datetime) -> int:
    """A test message for everybody; once for each key. Returns how many messages it made."""
    if AlertMessage.objects.filter(key=key).exists():
        return 0
    return write(rules, key, now, of_trial)


def write(rules: AlertRules, key: UUID, now: datetime, words: Callable[[], Letter]) -> int:
    """One message for each receiver, said in their language; once for each key."""
    messages = []
    for receiver in receivers(rules):
        with spoken_to(receiver):
            letter = words()
        messages.append(
            AlertMessage(
                key=key,
                channel=receiver.channel,
                receiver=receiver.address,
                subject=letter.subject,
                text=letter.text,
                content=letter.content,
                created_at=now,
            )
        )
    AlertMessage.objects.bulk_create(messages, ignore_conflicts=True)
    return len(messages)


def _worth_telling(rules: AlertRules, now: datetime) -> list[Alert]:
    untold = list(Alert.objects.untold(now - timedelta(minutes=rules.hold_minutes)).order_by("id"))
    told_of = Alert.objects.exclude(subject="").filter(told_at__gt=now - APART)
    resting = set(told_of.values_list("kind", flat=True))
    return [alert for alert in untold if not alert.subject or alert.kind not in resting]
