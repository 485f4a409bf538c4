"""Who is told: staff by choice, addresses and a webhook by settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User

from callbacks.models import AlertMessage, AlertRules, Preferences

Channel = AlertMessage.Channel


@dataclass(frozen=True)
class Receiver:
    channel: str
    address: str
    language: str
    time_zone: str = ""


def receivers(rules: AlertRules) -> list[Receiver]:
    """Each address once."""
    found = {(each.channel, each.address.lower()): each for each in _all(rules)}
    return list(found.values())


def _all(rules: AlertRules) -> Iterator[Receiver]:
    if settings.EMAIL_HOST:
        for address in settings.ALERT_EMAILS:
            yield Receiver(Channel.MAIL, address, settings.ALERT_LANGUAGE)
        staff = rules.people.filter(is_active=True).exclude(email="").order_by("pk")
        for person in staff.select_related("preferences"):
            yield _staff(person)
    if settings.ALERT_WEBHOOK_URL:
        host = urlsplit(settings.ALERT_WEBHOOK_URL).hostname or ""
        yield Receiver(Channel.WEBHOOK, host, settings.ALERT_LANGUAGE)


def _staff(person: User) -> Receiver:
    chosen = getattr(person, "preferences", None) or Preferences()
    language = chosen.language or settings.ALERT_LANGUAGE
    return Receiver(Channel.MAIL, person.email, language, chosen.time_zone)
