"""The same caller again: a second wish joins the first while that is open, and can be parted again.

Only service numbers with a window are looked at, after their request was stored. A wish that waits
for nothing is `merged` at once, and the first says in its record how often was asked; one whose
first has an open record already goes out as a word on that, and is `merged` once it is there.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from callbacks.models import Callback, FunctionRoute, ServiceNumber
from callbacks.models.callback import Status
from callbacks.models.queue import CallbackQuerySet

MERGES = (FunctionRoute.Action.CREATE, FunctionRoute.Action.COMMENT)
CASES = ("", "Case")  # what can be commented on; "" is from before the kind was noted
UNDER_WAY = (Status.PENDING, Status.HELD)  # what failed may never go


def merge_new(callback: Callback, *, minutes: int, route: FunctionRoute | None) -> None:
    """Let what was just stored join an open wish of the same number to dial, if there is one.

    Wishes for one service number go one after the other here, so that of several at the same
    moment one stays.
    """
    if not callback.number_to_dial or (route and not _can_be_merged(route)):
        return
    with transaction.atomic():
        ServiceNumber.objects.select_for_update().filter(number=callback.service_number).first()
        # What nobody sends cannot tell of an open record; what is sent does not wait for a route.
        first = _first(callback, minutes, but=Status.HELD if route else Status.SYNCED)
        if first is None:
            return
        if not _join(callback, first) and first.status in UNDER_WAY:
            # Stored long ago and late here: others joined it, so the other one comes to it.
            asked_again = Callback.objects.filter(asked_again__gt=0, status__in=UNDER_WAY)
            if asked_again.filter(id=callback.id).select_for_update(no_key=True).first():
                _join(first, callback)


def _join(callback: Callback, first: Callback) -> bool:
    """False if it is on its way already, or others joined it."""
    status = callback.status if first.status == Status.SYNCED else Status.MERGED.value
    still = Callback.objects.filter(
        id=callback.id, status=callback.status, lease_no=0, asked_again=0
    )
    if not still.update(status=status, merged_into=first):
        return False
    Callback.objects.filter(id=first.id).update(asked_again=F("asked_again") + 1)
    callback.status, callback.merged_into = status, first
    return True


def unmerge(merged: CallbackQuerySet) -> int:
    """Make merged wishes callbacks of their own, on their way. Returns how many.

    Not what was erased: there is nobody left to call back.
    """
    with transaction.atomic():
        merged = merged.filter(status=Status.MERGED, erased_at=None).select_for_update()
        firsts = dict(merged.values_list("id", "merged_into"))
        for first in filter(None, firsts.values()):
            asked = Callback.objects.filter(id=first, asked_again__gt=0)
            asked.update(asked_again=F("asked_again") - 1)
        return Callback.objects.filter(id__in=list(firsts)).part()


def joined(firsts: Iterable[UUID], status: Status = Status.MERGED) -> CallbackQuerySet:
    """The wishes that were merged into these; with another status those that were once."""
    return Callback.objects.filter(status=status, merged_into__in=list(firsts), erased_at=None)


def _can_be_merged(route: FunctionRoute) -> bool:
    return route.action in MERGES and route.target == "Case"


def _first(callback: Callback, minutes: int, *, but: Status) -> Callback | None:
    """Locked: nobody dismisses it before the wish has joined it."""
    number = callback.number_to_dial
    dials_the_same = Q(callback_number=number) | Q(callback_number="", caller_number=number)
    has_a_case = Q(status=Status.SYNCED, case_object__in=CASES)
    # One route for both. By another one the first might become no Case, or wait for longer.
    becomes_the_same = Q(status__in=UNDER_WAY, function__iexact=callback.function)
    return (
        Callback.objects.unserved()
        .filter(
            dials_the_same,
            has_a_case | becomes_the_same,
            service_number=callback.service_number,
            kind=callback.kind,
            received_at__gte=callback.received_at - timedelta(minutes=minutes),
            merged_into=None,
        )
        .exclude(id=callback.id)
        .exclude(status=but)
        .order_by("-asked_again", "received_at", "id")  # no chains: all join the same
        .select_for_update(no_key=True)
        .first()
    )
