"""What the conversation adds to the alerts: the org's trouble, and callbacks that do not go out."""
# ruff: noqa: ARG002 - all watches are asked alike

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from callbacks.alerts.watches import Seen, Watch, callbacks_page, register
from callbacks.models import Alert, AlertRules
from callbacks.models.callback import Status
from callbacks.signals import summary_written
from callbacks.waiting import oldest_due_seconds
from crm.models import Finding, Org, StoredRequest


class OrgTrouble(Watch):
    """The org takes no Cases. A pause by staff is no trouble, however long."""

    kind = "org"
    rank = 1
    title = _("Trouble with Salesforce")

    def look(self, rules: AlertRules, now: datetime) -> Iterable[Seen]:
        org = Org.objects.exclude(trouble_since=None).first()
        if org is None:
            return []
        facts = {
            "code": org.trouble_code,
            "reason": org.trouble_reason,
            "next_step": org.trouble_next_step,
        }
        return [Seen(facts=facts)]

    def headline(self, alert: Alert) -> str:
        if alert.is_on:
            return gettext("Trouble with Salesforce: callbacks wait")
        return gettext("Salesforce takes callbacks again")

    def sentence(self, alert: Alert) -> str:
        if not alert.is_on:
            return gettext("What waited goes out by itself.")
        reason = alert.facts["reason"]
        return f"{gettext(reason) if reason else ''} ({alert.facts['code']})".strip()

    def next_step(self, alert: Alert) -> str:
        return gettext(alert.facts["next_step"]) if alert.facts["next_step"] else ""

    def page(self, alert: Alert) -> str:
        return reverse("admin:crm_org_changelist")


class Stuck(Watch):
    """Nothing stands in the way, and yet callbacks are overdue: something of ours does not work."""

    kind = "stuck"
    rank = 2
    title = _("Callbacks do not go out")

    def is_watched(self, rules: AlertRules) -> bool:
        return rules.stuck_minutes is not None and bool(settings.SALESFORCE_URL)

    def look(self, rules: AlertRules, now: datetime) -> Iterable[Seen]:
        held_up = Org.objects.exclude(trouble_since=None, paused_at=None, drip_per_minute=None)
        if held_up.exists():
            return []
        late = oldest_due_seconds() >= (rules.stuck_minutes or 0) * 60
        return [Seen()] if late else []

    def headline(self, alert: Alert) -> str:
        if alert.is_on:
            return gettext("Callbacks do not go out")
        return gettext("Callbacks go out again")

    def sentence(self, alert: Alert) -> str:
        if not alert.is_on:
            return ""
        return gettext("Salesforce takes Cases, and yet callbacks are overdue. Nothing is lost.")

    def next_step(self, alert: Alert) -> str:
        return gettext(
            "Tell whoever runs the server: look at the log of the worker, and start it again."
        )

    def page(self, alert: Alert) -> str:
        return callbacks_page(status__exact=Status.PENDING)


for watch in (OrgTrouble(), Stuck()):
    register(watch)


@receiver(summary_written)
def what_waits(**_: Any) -> list[str]:
    findings = Finding.objects.filter(mended_at=None).count()
    refused = StoredRequest.objects.filter(status=Status.FAILED).count()
    lines = [
        (findings, ngettext("%(n)d finding is open.", "%(n)d findings are open.", findings)),
        (
            refused,
            ngettext(
                "%(n)d stored request was refused.", "%(n)d stored requests were refused.", refused
            ),
        ),
    ]
    return [words % {"n": n} for n, words in lines if n]
