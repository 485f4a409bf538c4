"""Failed callbacks that were sent again together: one replay that is over, two that are not."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from callbacks.models import Callback, Correction, Replay, ReplayItem, StaffAction
from callbacks.models.callback import Status
from tests.seeding.people import Staff

ARRIVED, REFUSED = Status.SYNCED.value, Status.FAILED.value


def replays(staff: Staff, now: datetime) -> None:
    synced = list(Callback.objects.filter(status="synced").order_by("-received_at")[:38])
    failed = list(Callback.objects.failed().order_by("-received_at"))
    over = _replay(staff, now - timedelta(hours=3), state="done", ended_at=now, reason="")
    _items(over, [*synced, *failed[:2]], [ARRIVED] * 38 + [REFUSED] * 2)
    first = failed[0]
    same = [one for one in failed if one.failure_signature == first.failure_signature]
    words = {"signature": first.failure_signature, "reason": first.failure_reason}
    stopped = {"state": "stopped", "trial_since": now, "stop_reason": first.failure_reason}
    _items(_replay(staff, now - timedelta(minutes=20), **words, **stopped), same, [REFUSED])
    running = _replay(staff, now - timedelta(minutes=1), since=now - timedelta(days=1))
    _items(running, [*synced[:20], *failed[3:20]], [ARRIVED] * 20)


def _replay(staff: Staff, at: datetime, **facts: Any) -> Replay:
    name = staff.clerk.get_full_name()
    usual = {"token": uuid.uuid4(), "per_minute": 600, "person": staff.clerk, "person_name": name}
    return Replay.objects.create(started_at=at, **(usual | facts))


def _items(replay: Replay, callbacks: Sequence[Callback], outcomes: Sequence[str]) -> None:
    """The last ones are outstanding."""
    told = [*outcomes, *[""] * (len(callbacks) - len(outcomes))]
    ReplayItem.objects.bulk_create(
        ReplayItem(
            replay=replay,
            callback=callback,
            sent_at=replay.started_at + timedelta(seconds=2) if outcome else None,
            outcome=outcome,
        )
        for callback, outcome in zip(callbacks, told, strict=True)
    )
    Replay.objects.filter(pk=replay.pk).update(size=len(callbacks))


def correction(staff: Staff, now: datetime) -> None:
    """Of one that failed again nevertheless."""
    refused = Callback.objects.failed().filter(failure_code="STRING_TOO_LONG")
    callback = refused.order_by("-received_at")[0]
    before, after = "Rückruf für Störungsannahme Süd wegen Kundennummer 4711", "Rückruf: 4711"
    Correction.objects.create(
        callback=callback,
        field="Subject",
        value=after,
        at=now,
        person=staff.clerk,
        person_name=staff.clerk.get_full_name(),
        answers=callback.attempts.first(),
    )
    StaffAction.objects.note(
        StaffAction.Verb.CORRECTED,
        by=staff.clerk,
        callbacks=[callback.pk],
        changes={"Subject": [before, after]},
    )
