"""Stored requests hold personal data of calls; they are kept no longer than callbacks."""

from collections.abc import Callable
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


def erase_mentions(is_in: Callable[[str], bool]) -> tuple[int, int]:
    """Delete the finished ones that mention a caller. Returns how many, and how many are left."""
    stored = StoredRequest.objects.only("status", "query", "body").iterator(chunk_size=100)
    keys: dict[bool, list[int]] = {True: [], False: []}
    for request in stored:
        if is_in(request.query) or is_in(bytes(request.body).decode("utf-8", "replace")):
            keys[request.status in FINISHED].append(request.pk)
    finished = StoredRequest.objects.filter(status__in=FINISHED)
    chunks = (keys[True][start : start + CHUNK] for start in range(0, len(keys[True]), CHUNK))
    return sum(finished.filter(id__in=chunk).delete()[0] for chunk in chunks), len(keys[False])
