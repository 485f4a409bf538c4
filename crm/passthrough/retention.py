"""Stored requests hold personal data of calls; they are kept no longer than callbacks."""

from datetime import datetime

from crm.models import StoredRequest

CHUNK = 1_000
FINISHED = [StoredRequest.Status.DELIVERED, StoredRequest.Status.DISMISSED]


def erase_received_before(oldest: datetime) -> int:
    """Delete those that are finished. Chunk by chunk, so that no lock is held for long."""
    expired = StoredRequest.objects.filter(status__in=FINISHED, received_at__lt=oldest)
    total = 0
    while keys := list(expired.order_by("id").values_list("id", flat=True)[:CHUNK]):
        total += expired.filter(id__in=keys).delete()[0]
    return total
