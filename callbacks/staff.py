"""What staff does to callbacks. Each deed is written together with the change, or neither is.

Written for the callbacks that really change and no others: they are locked first, so that of two
people who press the same button one finds nothing left to do.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from callbacks import merging
from callbacks.models import Callback, StaffAction
from callbacks.models.queue import CallbackQuerySet
from callbacks.routing import RouteTable

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Verb = StaffAction.Verb
CHUNK = 1_000  # keys in one condition


@transaction.atomic
def requeue(callbacks: CallbackQuerySet, *, by: "User") -> int:
    """Send again what failed or was dismissed. Returns how many."""
    keys = _locked(_these(callbacks).requeueable())
    return _done(Verb.REQUEUED, keys, CallbackQuerySet.requeue, by=by)


@transaction.atomic
def release(callbacks: CallbackQuerySet, *, by: "User") -> int:
    """Let those held ones go out that a route sends by now. Returns how many."""
    table = RouteTable.load(templates=False)
    held = _these(callbacks).held().order_by("pk").select_for_update(no_key=True)
    places = held.values_list("pk", "service_number", "function")
    routed = [pk for pk, *place in places if table.sends(*place)]
    return _done(Verb.RELEASED, routed, CallbackQuerySet.release, by=by)


@transaction.atomic
def dismiss(callbacks: CallbackQuerySet, *, by: "User", reason: str) -> int:
    """Nobody will be called back. Returns how many failed or held ones it was."""
    keys = _locked(_these(callbacks).dismissible())

    def change(some: CallbackQuerySet) -> int:
        return some.dismiss(by=by, reason=reason)

    return _done(Verb.DISMISSED, keys, change, by=by, reason=reason)


@transaction.atomic
def unmerge(callbacks: CallbackQuerySet, *, by: "User") -> int:
    """Make merged wishes callbacks of their own. Returns how many."""
    keys = _locked(_these(callbacks).filter(status="merged", erased_at=None))
    return _done(Verb.UNMERGED, keys, merging.unmerge, by=by)


def _these(callbacks: CallbackQuerySet) -> CallbackQuerySet:
    """The same without what a list shows beside them, which could not be locked."""
    return Callback.objects.filter(pk__in=callbacks.order_by().values("pk"))


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
    chunks = (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
    return sum(change(Callback.objects.filter(pk__in=chunk)) for chunk in chunks)
