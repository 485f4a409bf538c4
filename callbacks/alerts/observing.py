"""How what is watched stands, written to `Alert` row by row."""

from datetime import datetime

import structlog
from django.utils.translation import gettext_noop

from callbacks.alerts.watches import WATCHES, Seen, Watch
from callbacks.jobs import hindered
from callbacks.models import Alert, AlertRules

log = structlog.get_logger()

BLIND = gettext_noop("Something could not be looked at; the server's log says what, and why.")
LONGEST_SUBJECT = 200


def observe(rules: AlertRules, now: datetime) -> None:
    """One that cannot be looked at stays as it was, and keeps nobody from the others."""
    Alert.objects.exclude(kind__in=WATCHES).delete()
    for watch in WATCHES.values():
        try:
            _look(watch, rules, now)
        except Exception:
            log.exception("condition not looked at", kind=watch.kind)
            hindered(BLIND)


def _look(watch: Watch, rules: AlertRules, now: datetime) -> None:
    """What is not watched any more is forgotten, and nobody is told of its end."""
    alerts = Alert.objects.filter(kind=watch.kind)
    if not watch.is_watched(rules):
        alerts.delete()
        return
    if spared := watch.spared():
        alerts.filter(subject__in=spared).delete()
    _note(watch, {each.subject: each for each in watch.look(rules, now)}, now)


def _note(watch: Watch, seen: dict[str, Seen], now: datetime) -> None:
    known = {alert.subject: alert for alert in Alert.objects.filter(kind=watch.kind)}
    for subject, each in seen.items():
        alert = known.get(subject)
        if alert is None:
            _first(watch, each, now)
        elif not alert.is_on:
            Alert.objects.begin(alert, each.facts, now)
        elif alert.facts != each.facts:
            Alert.objects.filter(pk=alert.pk, is_on=True).update(facts=each.facts)
    for subject, alert in known.items():
        if alert.is_on and subject not in seen:
            Alert.objects.end(alert, now)


def _first(watch: Watch, seen: Seen, now: datetime) -> None:
    if len(seen.subject) > LONGEST_SUBJECT:
        return
    alert = Alert(kind=watch.kind, subject=seen.subject, facts=seen.facts)
    alert.is_on, alert.changed_at, alert.began_at = True, now, now
    Alert.objects.bulk_create([alert], ignore_conflicts=True)
