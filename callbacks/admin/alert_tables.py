"""What the page about alerts shows besides its form."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from callbacks.admin.facts import Fact
from callbacks.admin.states import pill
from callbacks.admin.wording import NOTHING, ago, clock, when
from callbacks.alerts.letters import PREFIX
from callbacks.alerts.receivers import Channel, Receiver, receivers
from callbacks.alerts.watches import WATCHES, Watch
from callbacks.alerts.words import services
from callbacks.models import Alert, AlertMessage, AlertRules

MOST_MESSAGES = 10
MOST_NAMED = 3


class Condition(NamedTuple):
    title: object
    state: SafeString
    lines: list[str]
    told: SafeString


class Sent(NamedTuple):
    time: SafeString
    subject: str
    receiver: str
    state: SafeString
    why: str


def conditions(rules: AlertRules, now: datetime) -> list[Condition]:
    by_kind: dict[str, list[Alert]] = {}
    for alert in Alert.objects.order_by("-is_on", "began_at"):
        by_kind.setdefault(alert.kind, []).append(alert)
    named = {kind: _named(alerts) for kind, alerts in by_kind.items()}
    called = services({number for numbers in named.values() for number in numbers})
    return [
        _condition(
            watch,
            by_kind.get(watch.kind, []) if watch.is_watched(rules) else None,
            [called[number] for number in named.get(watch.kind, [])],
            now,
        )
        for watch in WATCHES.values()
    ]


def _named(alerts: list[Alert]) -> list[str]:
    return [alert.subject for alert in alerts if alert.is_on and alert.subject][:MOST_NAMED]


def _condition(
    watch: Watch, alerts: list[Alert] | None, lines: list[str], now: datetime
) -> Condition:
    if alerts is None:
        return Condition(watch.title, pill(gettext("not watched"), "quiet"), [], NOTHING)
    told_at = max((alert.told_at for alert in alerts if alert.told_at), default=None)
    return Condition(
        watch.title,
        _state([alert for alert in alerts if alert.is_on], now),
        lines,
        when(told_at, ago(told_at, now)) if told_at else NOTHING,
    )


def _state(on: list[Alert], now: datetime) -> SafeString:
    if not on:
        return pill(gettext("In order"), "success")
    if len(on) > 1:
        words = ngettext("%(n)d service number", "%(n)d service numbers", len(on))
        return pill(words % {"n": len(on)}, "danger")
    began = on[0].began_at
    return pill(when(began, gettext("began %(ago)s") % {"ago": ago(began, now)}), "danger")


def ways(rules: AlertRules) -> list[Fact]:
    """How and to whom, and what is missing for it."""
    found = receivers(rules)
    mail = settings.EMAIL_HOST or gettext("not set up: the setting EMAIL_URL names a mail server")
    hook = _addresses(found, Channel.WEBHOOK)
    return [
        Fact(gettext("Mail server"), mail),
        Fact(gettext("E-mail to"), _addresses(found, Channel.MAIL) or NOTHING),
        Fact(gettext("Webhook"), hook or gettext("not set up: the setting ALERT_WEBHOOK_URL")),
        Fact(gettext("Daily summary"), _hour(rules)),
    ]


def _addresses(found: list[Receiver], channel: str) -> str:
    return ", ".join(each.address for each in found if each.channel == channel)


def _hour(rules: AlertRules) -> str:
    if rules.digest_hour is None:
        return gettext("none")
    return gettext("daily at %(time)s") % {"time": f"{rules.digest_hour}:00"}


def latest_messages(now: datetime) -> list[Sent]:
    latest = AlertMessage.objects.order_by("-created_at", "-id")[:MOST_MESSAGES]
    return [
        Sent(
            when(message.created_at, clock(message.created_at, now)),
            message.subject.removeprefix(PREFIX).strip(),
            message.receiver,
            _fate(message),
            "" if message.sent_at else message.error,
        )
        for message in latest
    ]


def _fate(message: AlertMessage) -> SafeString:
    if message.sent_at:
        return pill(gettext("sent"), "success")
    if message.is_given_up:
        return pill(gettext("given up"), "danger")
    return pill(gettext("not yet sent"), "warning" if message.error else "info")
