"""Personal data is kept no longer than RETENTION_DAYS after a callback came, or a caller wants."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from callbacks.mentions import finder
from callbacks.models import Callback, Care, Correction, RejectedRequest, StaffAction, SyncAttempt
from callbacks.models.queue import CallbackQuerySet
from callbacks.signals import caller_erased

CHUNK = 1_000
FINISHED = ["synced", "dismissed", "merged", "answered"]
ERASED: dict[str, Any] = {
    "caller_text": "",
    "caller_number": "",
    "callback_text": "",
    "callback_number": "",
    "payload": {},
    "raw_body": b"",
    "raw_query": "",
    "idempotency_key": None,  # a hash of few digits can be guessed
    "failure_detail": "",
    "dismiss_reason": "",
    "contact_id": "",
    "contact_name": "",
    "candidates": [],
}


@dataclass(frozen=True)
class Erasure:
    """What was erased of a caller: how many records, and the Cases that the other side keeps.

    `unfinished` are callbacks that keep their data, because somebody still has to be called;
    `elsewhere_unfinished` counts other records for which something is still to be done.
    """

    callbacks: int
    case_numbers: list[str]
    rejected: int
    elsewhere: int
    elsewhere_unfinished: int
    unfinished: list[Callback]


def erase_expired() -> int:
    """Erase what finished callbacks and rejected requests hold, once it is old enough.

    Returns how many callbacks it was. Chunk by chunk, so that no lock is held for long.
    """
    oldest = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    RejectedRequest.objects.filter(received_at__lt=oldest).delete()
    Care.objects.filter(since__lt=oldest).delete()
    expired = Callback.objects.filter(
        status__in=FINISHED, received_at__lt=oldest, erased_at=None
    ).order_by("received_at")
    return _erase_all(expired)


def erase_caller(number: str) -> Erasure:
    """Erase what there is of the caller with this E.164 number now, as far as it is finished."""
    of_caller = Callback.objects.filter(Q(caller_number=number) | Q(callback_number=number))
    finished = of_caller.filter(status__in=FINISHED).order_by("received_at")
    cases = list(finished.exclude(case_number="").values_list("case_number", flat=True))
    said: list[tuple[Any, Any]] = caller_erased.send(sender=Callback, is_in=finder(number))
    elsewhere: list[tuple[int, int]] = [counts for _receiver, counts in said]
    _empty_notes(number)
    return Erasure(
        callbacks=_erase_all(finished),
        case_numbers=cases,
        rejected=_delete_rejected(number),
        elsewhere=sum(deleted for deleted, _left in elsewhere),
        elsewhere_unfinished=sum(left for _deleted, left in elsewhere),
        unfinished=list(of_caller.exclude(status__in=FINISHED).order_by("received_at")),
    )


def _delete_rejected(number: str) -> int:
    """Those that contain the number, however it is written. They are few, and read one by one."""
    is_in = finder(number)
    rejected = RejectedRequest.objects.only("path", "body").iterator(chunk_size=100)
    keys = [each.pk for each in rejected if is_in(each.path) or is_in(each.body_text)]
    return RejectedRequest.objects.filter(pk__in=keys).delete()[0]


def _empty_notes(number: str) -> None:
    """Of those who are on a group. They are few."""
    is_in = finder(number)
    keys = [each.pk for each in Care.objects.exclude(note="") if is_in(each.note)]
    Care.objects.filter(pk__in=keys).update(note="")


def _erase_all(callbacks: CallbackQuerySet) -> int:
    total = 0
    while keys := list(callbacks.values_list("id", flat=True)[:CHUNK]):
        total += _erase(keys)
    return total


def _erase(keys: list[UUID]) -> int:
    """Only what is finished still: staff may just have sent one of them again."""
    with transaction.atomic():
        SyncAttempt.objects.filter(callback__in=keys).update(detail="")
        StaffAction.objects.filter(callback__in=keys).update(reason="", changes={})
        Correction.objects.filter(callback__in=keys).delete()
        return Callback.objects.filter(id__in=keys, status__in=FINISHED).update(
            **ERASED, erased_at=timezone.now(), lease_no=F("lease_no") + 1
        )
