"""What people did since this morning: to callbacks, to groups of them, to the configuration."""

from datetime import datetime, timedelta
from uuid import UUID

from callbacks.models import Callback, Care, FunctionRoute, Replay, ReplayItem, StaffAction
from callbacks.models.change import say_why
from tests.seeding.people import Staff

Verb = StaffAction.Verb
SHORT = "Der Betreff war zu lang."


def of_today(staff: Staff, now: datetime) -> None:
    failed = list(Callback.objects.failed().order_by("-received_at")[:3])
    note = StaffAction.objects.note
    note(Verb.LOOKED, by=staff.clerk, callbacks=[each.pk for each in failed])
    note(Verb.REQUEUED, by=staff.clerk, callbacks=[failed[0].pk])
    note(Verb.PAUSED, by=staff.administrator, reason="Datenübernahme bis neun")
    note(Verb.RESUMED, by=staff.administrator)
    replays(staff, now)
    care(staff, now)
    changed_route(staff)


def spread(now: datetime) -> None:
    """Over the day, in the order in which it was done."""
    for number, action in enumerate(StaffAction.objects.order_by("-id"), start=1):
        at = now - timedelta(minutes=21 * number - 14)
        StaffAction.objects.filter(pk=action.pk).update(at=at)


def replays(staff: Staff, now: datetime) -> None:
    """One that is over, and one in the middle."""
    failed = Callback.objects.failed().filter(failure_code="STRING_TOO_LONG")
    first = failed.order_by("-received_at")[0]
    arrived = list(Callback.objects.filter(status="synced").order_by("pk")[:80])
    for number, (state, began) in enumerate((("done", 26), ("running", 0)), start=1):
        replay = Replay.objects.create(
            token=UUID(int=number),
            state=state,
            per_minute=600,
            signature=first.failure_signature,
            reason=first.failure_reason,
            started_at=now - timedelta(hours=began, minutes=2),
            ended_at=now - timedelta(hours=began) if state == "done" else None,
            person=staff.clerk,
            person_name=staff.clerk.get_full_name(),
        )
        items = [_item(replay, each, "synced", now) for each in arrived[number - 1 :: 2]]
        if state == "running":
            items += [_item(replay, each, "", None) for each in failed.order_by("received_at")[::2]]
        ReplayItem.objects.bulk_create(items)
        Replay.objects.filter(pk=replay.pk).update(size=len(items))


def _item(replay: Replay, callback: Callback, outcome: str, sent_at: datetime | None) -> ReplayItem:
    return ReplayItem(replay=replay, callback=callback, outcome=outcome, sent_at=sent_at)


def care(staff: Staff, now: datetime) -> None:
    """For the largest group: the administrator mends its route."""
    failed = Callback.objects.failed().filter(failure_code="STRING_TOO_LONG")
    Care.objects.create(
        signature=failed.order_by("-received_at")[0].failure_signature,
        since=now - timedelta(minutes=8),
        person=staff.administrator,
        person_name=staff.administrator.get_full_name(),
        note="Kürze den Betreff in der Regel",
    )


def changed_route(staff: Staff) -> None:
    route = FunctionRoute.objects.get(name="Störung Süd")
    subject = route.mappings.get(field="Subject")
    subject.template = "Störung: {{ caller_number }}"
    say_why(subject, SHORT)
    subject._history_user = staff.administrator  # type: ignore[attr-defined]
    subject.save()
