"""What staff does to callbacks. Each deed is written together with the change, or neither is.

Written for the callbacks that really change and no others: they are locked first, so that of two
people who press the same button one finds nothing left to do. Of wishes that were merged the first
is always locked before those that joined it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import transaction

from callbacks import merging
from callbacks.models import Callback, StaffAction
from callbacks.models.callback import Status
from callbacks.models.queue import CallbackQuerySet
from callbacks.routing import RouteTable
from callbacks.signals import callback_accepted

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Verb = StaffAction.Verb
CHUNK = 1_000  # keys in one condition
SENDING = frozenset({Verb.REQUEUED, Verb.SENT_NOW, Verb.RELEASED, Verb.UNMERGED})


class Dismissed(NamedTuple):
    """How many of those asked for, and how many wishes that had been merged into them."""

    chosen: int
    joined: int


@transaction.atomic
def requeue(callbacks: CallbackQuerySet, *, by: "User") -> int:
    """Send again what failed or was dismissed. Returns how many.

    Wishes that were dismissed with their first join it again, whether they were asked for or not.
    """
    keys = _locked(_these(callbacks).requeueable())
    joined = _joined(keys, Status.DISMISSED)
    own = [key for key in keys if key not in joined]
    _done(Verb.REQUEUED, own, CallbackQuerySet.requeue, by=by)
    _done(Verb.REQUEUED, joined, CallbackQuerySet.join_again, by=by)
    return len(keys)


@transaction.atomic
def send_now(callbacks: CallbackQuerySet, *, by: "User") -> int:
    """Let those go at once that wait for a later attempt. Returns how many."""
    keys = _locked(_these(callbacks).put_off())
    return _done(Verb.SENT_NOW, keys, CallbackQuerySet.send_now, by=by)


@transaction.atomic
def release(callbacks: CallbackQuerySet, *, by: "User") -> int:
    """Let those held ones go out that a route sends by now. Returns how many."""
    table = RouteTable.load(templates=False)
    held = _these(callbacks).held().order_by("pk").select_for_update(no_key=True)
    places = held.values_list("pk", "service_number", "function")
    routed = [pk for pk, *place in places if table.sends(*place)]
    return _done(Verb.RELEASED, routed, CallbackQuerySet.release, by=by)


@transaction.atomic
def dismiss(callbacks: CallbackQuerySet, *, by: "User", reason: str) -> Dismissed:
    """Nobody will be called back, nor for the wishes that were merged into these."""
    keys = _locked(_these(callbacks).dismissible())
    joined = _joined(keys, Status.MERGED)

    def change(some: CallbackQuerySet) -> int:
        return some.dismiss(by=by, reason=reason)

    _done(Verb.DISMISSED, [*keys, *joined], change, by=by, reason=reason)
    return Dismissed(len(keys), len(joined))


def dismiss_each(
    callbacks: CallbackQuerySet, keys: Sequence[UUID], *, by: "User", reason: str
) -> Dismissed:
    """Those with these keys, in steps: however many they are, few are locked at a time."""
    steps = [dismiss(callbacks.filter(pk__in=some), by=by, reason=reason) for some in _chunks(keys)]
    return Dismissed(sum(step.chosen for step in steps), sum(step.joined for step in steps))


@transaction.atomic
def unmerge(callbacks: CallbackQuerySet, *, by: "User") -> int:
    """Make merged wishes callbacks of their own. Returns how many."""
    merged = _these(callbacks).filter(status="merged", erased_at=None)
    _locked(Callback.objects.filter(pk__in=merged.values("merged_into")))
    return _done(Verb.UNMERGED, _locked(merged), merging.unmerge, by=by)


def _these(callbacks: CallbackQuerySet) -> CallbackQuerySet:
    """The same without what a list shows beside them, which could not be locked."""
    return Callback.objects.filter(pk__in=callbacks.order_by().values("pk"))


def _joined(firsts: Sequence[UUID], status: Status) -> list[UUID]:
    return [key for some in _chunks(firsts) for key in _locked(merging.joined(some, status))]


def _locked(callbacks: CallbackQuerySet) -> list[UUID]:
    return list(
        callbacks.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True)
    )


def _done(
    verb: StaffAction.Verb,
    keys: Sequence[UUID],
    change: Callable[[CallbackQuerySet], int],
    *,
    by: "User",
    reason: str = "",
) -> int:
    if not keys:
        return 0
    StaffAction.objects.note(verb, by=by, callbacks=keys, reason=reason)
    if verb in SENDING:
        transaction.on_commit(_ring)
    return sum(change(Callback.objects.filter(pk__in=some)) for some in _chunks(keys))


def _chunks(keys: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))


def _ring() -> None:
    callback_accepted.send(sender=Callback)
