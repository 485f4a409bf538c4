"""A replay that its trial stopped, and a callback that somebody corrected."""

from datetime import datetime, timedelta
from uuid import UUID

from callbacks.models import Callback, Correction, Replay, ReplayItem, StaffAction
from tests.seeding.people import Staff


def stopped(staff: Staff, now: datetime) -> None:
    """By the one that went on trial."""
    refused = Callback.objects.failed().exclude(failure_code="STRING_TOO_LONG")
    first = refused.order_by("-received_at")[0]
    same = refused.filter(failure_signature=first.failure_signature).order_by("received_at")
    began = now - timedelta(minutes=20)
    replay = Replay.objects.create(
        token=UUID(int=4711),
        state=Replay.State.STOPPED,
        per_minute=60,
        trial_since=began,
        stop_reason=first.failure_reason,
        signature=first.failure_signature,
        reason=first.failure_reason,
        size=len(same),
        started_at=began,
        person=staff.clerk,
        person_name=staff.clerk.get_full_name(),
    )
    items = [ReplayItem(replay=replay, callback=each) for each in same]
    items[0].sent_at, items[0].outcome = began + timedelta(seconds=2), "failed"
    ReplayItem.objects.bulk_create(items)


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
