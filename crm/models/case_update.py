from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from callbacks.models import Callback
from callbacks.models.callback import Status


class CaseUpdate(models.Model):
    """Which fields of which Case a callback changes, noted before it is sent.

    Two updates of one Case are made in the order in which they were asked for: a younger one waits
    for an older one that is under way, and what a younger one sets an older one leaves alone.
    """

    callback = models.OneToOneField(
        Callback, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    case_id = models.CharField(max_length=18, db_index=True)
    fields = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.case_id

    @classmethod
    def note(cls, updates: Mapping[UUID, tuple[str, Iterable[str]]]) -> None:
        """What each callback is about to change: the id of the Case, and names of fields."""
        rows = [
            CaseUpdate(callback_id=key, case_id=case_id, fields=sorted(names))
            for key, (case_id, names) in updates.items()
        ]
        CaseUpdate.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["callback"],
            update_fields=["case_id", "fields"],
        )

    @classmethod
    def failures_of_elder(cls, callback: Callback, case_id: str) -> int | None:
        """How often an older one of the same Case failed that is under way; None without one."""
        elder = Q(callback__received_at__lt=callback.received_at) | Q(
            callback__received_at=callback.received_at, callback__lt=callback.id
        )
        waiting = cls._others(callback, case_id).filter(elder, callback__status=Status.PENDING)
        failures = waiting.order_by("-callback__failures")
        return failures.values_list("callback__failures", flat=True).first()

    @classmethod
    def set_by_younger(cls, callback: Callback, case_id: str) -> set[str]:
        """The fields that are set by what was asked for later, now or soon."""
        younger = cls._others(callback, case_id).filter(
            callback__received_at__gt=callback.received_at,
            callback__status__in=[Status.PENDING, Status.SYNCED],
        )
        return {name for names in younger.values_list("fields", flat=True) for name in names}

    @classmethod
    def _others(cls, callback: Callback, case_id: str) -> "models.QuerySet[CaseUpdate]":
        return CaseUpdate.objects.filter(case_id=case_id).exclude(callback=callback.id)
