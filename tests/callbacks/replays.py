"""What tests of replays have in common: a replay, and an org that says what becomes of callbacks."""

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.test import Client
from django.urls import reverse

from callbacks import replaying
from callbacks.models import Callback, Replay, ReplayItem
from callbacks.replaying import Plan, Scope
from tests.factories import CallbackFactory, ClientFactory, UserFactory

GROUPS = reverse("admin:callbacks_failedsync_changelist")
SIGNATURE = "STRING_TOO_LONG Subject Betreff: zu lang"
AT_ONCE = Plan(per_minute=None, on_trial=False, with_old=True)
ON_TRIAL = Plan(per_minute=None, on_trial=True, with_old=True)


def failed(count: int, **facts: Any) -> list[Callback]:
    return many(count, failed=True, **facts)


def many(count: int, **facts: Any) -> list[Callback]:
    """In one statement."""
    rows = CallbackFactory.build_batch(count, client=ClientFactory.create(), **facts)
    return Callback.objects.bulk_create(rows)


def started(plan: Plan = AT_ONCE, scope: Scope | None = None) -> Replay:
    scope = scope or Scope(signature=SIGNATURE)
    return replaying.start(scope, plan, token=uuid.uuid4(), by=UserFactory.create())


def per_minute(rate: int) -> Plan:
    return Plan(per_minute=rate, on_trial=False, with_old=True)


def step() -> None:
    """The next one, as if its time had come."""
    Replay.objects.update(due_at=F("started_at"))
    replaying.advance_all()


def time_passes(**by: float) -> None:
    """As if everything so far were so much older."""
    moved = F("sent_at") - timedelta(**by)
    ReplayItem.objects.exclude(sent_at=None).update(sent_at=moved)


def the_org_takes(*callbacks: Callback) -> None:
    """All that is pending, or these."""
    _pending(callbacks).update(status="synced", case_id="500A", failure_signature="")


def the_org_refuses(*callbacks: Callback) -> None:
    _pending(callbacks).update(
        status="failed",
        failure_reason="A text is longer than its field in Salesforce.",
        failure_signature=SIGNATURE,
    )


def _pending(callbacks: tuple[Callback, ...]) -> Any:
    pending = Callback.objects.pending()
    return pending.filter(pk__in=[c.pk for c in callbacks]) if callbacks else pending


def count(status: str) -> int:
    return Callback.objects.filter(status=status).count()


def groups(browser: Client) -> Any:
    return browser.get(GROUPS)


def page(replay: Replay) -> str:
    return reverse("admin:callbacks_replay_change", args=[replay.pk])
