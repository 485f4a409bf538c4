"""Personal data is kept no longer than RETENTION_DAYS after a callback came."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from callbacks.models import Callback, RejectedRequest, SyncAttempt

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


def erase_expired() -> int:
    """Erase what finished callbacks and rejected requests hold, once it is old enough.

    Returns how many callbacks it was. Chunk by chunk, so that no lock is held for long.
    """
    oldest = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    RejectedRequest.objects.filter(received_at__lt=oldest).delete()
    expired = Callback.objects.filter(
        status__in=FINISHED, received_at__lt=oldest, erased_at=None
    ).order_by("received_at")
    total = 0
    while keys := list(expired.values_list("id", flat=True)[:CHUNK]):
        total += _erase(keys)
    return total


def _erase(keys: list[UUID]) -> int:
    with transaction.atomic():
        SyncAttempt.objects.filter(callback__in=keys).update(detail="")
        return Callback.objects.filter(id__in=keys).update(
            **ERASED, erased_at=timezone.now(), lease_no=F("lease_no") + 1
        )
