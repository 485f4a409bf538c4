"""Fix once, send the group again: a fixed set of failed callbacks, at a rate, in steps.

Each step of a replay is one transaction behind a conditional UPDATE, and everything that it goes by
is in the rows: a worker that dies in the middle loses no step, and repeats none. Sending is
requeueing; from there on a callback goes the way of all others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop

from callbacks import failures
from callbacks.bell import Bell
from callbacks.models import Callback, Replay, ReplayItem, StaffAction
from callbacks.models.callback import Status
from callbacks.models.queue import BATCH_SIZES, CallbackQuerySet
from callbacks.models.replay import ARRIVED, SKIPPED, outside_replays
from callbacks.signals import callback_accepted

if TYPE_CHECKING:
    from django.contrib.auth.models import User

UNTOLD = gettext_noop("It did not arrive, and Salesforce did not refuse it either.")
STEP_SECONDS = 0.5
WINDOW_SECONDS = 10  # a rate is kept over so long; less would make many small calls of it
OLD = timedelta(days=7)
SHARE = BATCH_SIZES[0] // 2  # of a batch: so whatever comes in goes with the next one

KINDS: Mapping[str, str] = {
    **dict.fromkeys(ARRIVED, "arrived"),
    Status.FAILED: "failed",
    Status.PENDING: "under_way",
    "": "unsent",
}

bell = Bell("callbacks.tasks.send_replayed")


class NothingToSendError(Exception):
    """All of them have been sent by now, or are about to be."""


@dataclass(frozen=True)
class Scope:
    """Which failed callbacks a person means: by signature, by time, or those chosen."""

    signature: str | None = None
    since: datetime | None = None
    keys: tuple[UUID, ...] = ()

    def callbacks(self) -> CallbackQuerySet:
        """Those that are not about to be sent anyway, the longest wait first."""
        failed = Callback.objects.failed()
        if self.signature is not None:
            failed = failures.of_signature(self.signature)
        elif self.since is not None:
            failed = failed.filter(received_at__gte=self.since)
        else:
            failed = failed.filter(pk__in=self.keys)
        return outside_replays(failed).order_by("received_at", "id")

    def young(self) -> CallbackQuerySet:
        return self.callbacks().filter(received_at__gte=timezone.now() - OLD)


@dataclass(frozen=True)
class Plan:
    """How they are sent: `per_minute` is None for as fast as they are taken."""

    per_minute: int | None
    on_trial: bool
    with_old: bool


def portion(per_minute: int | None) -> int:
    """How many are sent together at this rate, at most."""
    if per_minute is None:
        return SHARE
    return min(SHARE, max(1, per_minute * WINDOW_SECONDS // 60))


def start(scope: Scope, plan: Plan, *, token: UUID, by: "User") -> Replay:
    """The set is fixed here. With a token that was used before, the replay that it began."""
    with transaction.atomic():
        replay, is_new = Replay.objects.get_or_create(
            token=token, defaults=_facts(scope, plan, by=by)
        )
        if is_new:
            _fill(replay, scope.callbacks() if plan.with_old else scope.young(), by=by)
    bell.ring()
    return replay


def _facts(scope: Scope, plan: Plan, *, by: "User") -> dict[str, Any]:
    group = failures.group(scope.signature) if scope.signature is not None else None
    return {
        "per_minute": plan.per_minute,
        "trial_since": Now() if plan.on_trial else None,
        "signature": scope.signature or "",
        "reason": group.reason if group else "",
        "since": scope.since,
        "person": by,
        "person_name": by.get_full_name() or by.get_username(),
    }


def _fill(replay: Replay, callbacks: CallbackQuerySet, *, by: "User") -> None:
    replay.size = ReplayItem.objects.fill(replay, callbacks)
    if not replay.size:
        raise NothingToSendError
    replay.save(update_fields=["size"])
    StaffAction.objects.note(
        StaffAction.Verb.REPLAYED,
        by=by,
        reason=replay.reason,
        changes={"callbacks": [None, replay.size]},
    )


def steer(replay: Replay, verb: str, *, by: "User") -> bool:
    """Pause it, let it go on, or cancel it. False if it is not in a state for that any more."""
    with transaction.atomic():
        this = Replay.objects.filter(pk=replay.pk)
        before = this.select_for_update(no_key=True).values_list("state", flat=True).get()
        if not getattr(this, verb)():
            return False
        after = this.values_list("state", flat=True).get()
        StaffAction.objects.note(
            StaffAction.Verb.STEERED_REPLAY, by=by, changes={f"#{replay.pk}": [before, after]}
        )
    bell.ring()
    return True


# --- steps


def is_running() -> bool:
    return Replay.objects.running().exists()


def advance_all() -> int:
    """The next step of each replay that is due. Returns how many callbacks were sent."""
    ReplayItem.objects.settle()
    sent = 0
    for key in Replay.objects.running().order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            if Replay.objects.claim(key, seconds=STEP_SECONDS):
                sent += _advance(Replay.objects.get(pk=key))
    if sent:
        callback_accepted.send(sender=Callback)
    return sent


def _advance(replay: Replay) -> int:
    if not replay.items.filter(outcome="").exists():
        Replay.objects.filter(pk=replay.pk).finish()
        return 0
    return _send(replay, min(_on_trial(replay), _allowed(replay)))


def _on_trial(replay: Replay) -> int:
    """How many may go as far as the trial is concerned: one, then none until that is settled."""
    if replay.trial_since is None:
        return SHARE
    this = Replay.objects.filter(pk=replay.pk)
    first = replay.items.filter(sent_at__gte=replay.trial_since).select_related("callback").first()
    if first is None:
        return 1
    if first.outcome in ARRIVED:
        this.update(trial_since=None)
        return SHARE
    if first.outcome:
        this.stop(first.callback.failure_reason or UNTOLD)
    return 0


def _allowed(replay: Replay) -> int:
    """How many may go now. New callbacks come first: while a share is due nothing is added."""
    room = SHARE - Callback.objects.due().order_by()[:SHARE].count()
    if replay.per_minute is None:
        return room
    lately = Now() - timedelta(seconds=WINDOW_SECONDS)
    sent = replay.items.filter(sent_at__gt=lately).count()
    return min(room, portion(replay.per_minute) - sent)


def _send(replay: Replay, most: int) -> int:
    """Requeue so many; pass over those that are not failed any more. Returns how many were sent."""
    sent = 0
    while sent < most and (keys := _next(replay, most - sent)):
        failed = Callback.objects.failed().filter(pk__in=keys).order_by("pk")
        still = list(failed.select_for_update(no_key=True).values_list("pk", flat=True))
        Callback.objects.filter(pk__in=still).requeue()
        items = replay.items.filter(callback__in=keys)
        items.filter(callback__in=still).update(sent_at=Now())
        items.exclude(callback__in=still).update(outcome=SKIPPED)
        sent += len(still)
    return sent


def _next(replay: Replay, most: int) -> list[UUID]:
    unsent = replay.items.unsent().order_by("pk")
    return list(unsent.values_list("callback_id", flat=True)[:most])


# --- how far it is


@dataclass(frozen=True)
class Progress:
    """How many of its callbacks are where. `otherwise`: held, dismissed, sent by somebody else."""

    arrived: int = 0
    failed: int = 0
    otherwise: int = 0
    under_way: int = 0
    unsent: int = 0

    @property
    def total(self) -> int:
        return self.settled + self.outstanding

    @property
    def settled(self) -> int:
        return self.arrived + self.failed + self.otherwise

    @property
    def outstanding(self) -> int:
        return self.under_way + self.unsent

    @property
    def percent(self) -> int:
        """Rounded down: 100 is when nothing is outstanding."""
        return self.settled * 100 // self.total if self.total else 100


def progress(replay: Replay) -> Progress:
    return progress_of([replay])[replay.pk]


def progress_of(replays: Iterable[Replay]) -> dict[int, Progress]:
    """By key. Counted from the rows, whatever a worker has noted by now."""
    counts = {replay.pk: Counter[str]() for replay in replays}
    items = ReplayItem.objects.filter(replay__in=counts).order_by()
    noted = items.exclude(outcome="").values_list("replay", "outcome")
    on_way = items.under_way().values_list("replay", "callback__status")
    unsent = items.unsent().values_list("replay", "outcome")
    for rows in (noted, on_way, unsent):
        for key, status, count in rows.annotate(Count("pk")):
            counts[key][KINDS.get(status, "otherwise")] += count
    return {key: Progress(**counted) for key, counted in counts.items()}


def pace(replay: Replay) -> float:
    """How many it sends a minute, by its last minute."""
    lately = replay.items.filter(sent_at__gt=Now() - timedelta(minutes=1))
    sent = lately.count()
    age = (timezone.now() - replay.started_at).total_seconds()
    return sent * 60 / min(60.0, max(1.0, age))
