"""Personal data is kept no longer than RETENTION_DAYS after a callback came."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from callbacks.models import Callback, RejectedRequest, SyncAttempt

CHUNK = 1_000
FINISHED = ["synced", "dismissed"]
ERASED: dict[str, Any] = {
    "caller_text": "",
    "caller_number": "",
    "callback_text": "",
    "callback_number": "",
    "payload": {},
    "raw_body": b"",
    "raw_query": "",
    "failure_detail": "",
}


def erase_expired() -> int:
    """Erase a chunk of finished callbacks that are old enough. Returns how many it was."""
    now = timezone.now()
    oldest = now - timedelta(days=settings.RETENTION_DAYS)
    RejectedRequest.objects.filter(received_at__lt=oldest).delete()
    keys = list(
        Callback.objects.filter(
            status__in=FINISHED, received_at__lt=oldest, erased_at=None
        ).values_list("id", flat=True)[:CHUNK]
    )
    SyncAttempt.objects.filter(callback__in=keys).update(detail="")
    return Callback.objects.filter(id__in=keys, status__in=FINISHED).update(
        **ERASED, erased_at=now, lease_no=F("lease_no") + 1
    )
