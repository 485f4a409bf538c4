from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Now

from callbacks.models import Callback
from callbacks.models.callback import Status


@dataclass(frozen=True)
class Left:
    """A change that left: of which Case, and how that stood before."""

    case_id: str
    stood: str


class CaseUpdate(models.Model):
    """Which fields of which Case a callback changes, noted before it is sent.

    Of one Case one change at a time is under way. Which is the next one is told by age: a younger
    one waits for an older one, and what a younger one has set an older one leaves alone.
    """

    callback = models.OneToOneField(
        Callback, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    case_id = models.CharField(max_length=18, db_index=True)
    fields = models.JSONField(default=list)
    under_way = models.BooleanField(default=False, db_default=False)
    # When and by whom the Case was last changed before this first left. "": it did not leave yet.
    stood = models.CharField(max_length=60, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case_id"], condition=Q(under_way=True), name="one_change_of_a_case"
            )
        ]

    def __str__(self) -> str:
        return self.case_id

    @classmethod
    def note(cls, updates: Mapping[UUID, tuple[str, Iterable[str]]]) -> None:
        """What each callback is about to change: the id of the Case, and names of fields."""
        cls.objects.filter(callback__in=list(updates), stood="").update(under_way=False)
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
    def begin(cls, key: UUID, case_id: str) -> bool:
        """Take the Case for one change; False if another one is under way."""
        others = cls.objects.filter(case_id=case_id, under_way=True).exclude(callback=key)
        others.exclude(_may_leave()).update(under_way=False, stood="")
        try:
            with transaction.atomic():
                return bool(cls.objects.filter(callback=key).update(under_way=True))
        except IntegrityError:
            return False

    @classmethod
    def leaving(cls, cases: Mapping[UUID, str]) -> None:
        """They leave now for the first time; by callback, how the Case stands."""
        for key, stood in cases.items():
            cls.objects.filter(callback=key).update(stood=stood)

    @classmethod
    def end(cls, keys: Collection[UUID]) -> None:
        """Nothing of them was done, or a person decides: whoever comes next begins anew."""
        if keys:
            cls.objects.filter(callback__in=keys).update(under_way=False, stood="")

    @classmethod
    def left(cls, keys: Iterable[UUID]) -> dict[UUID, Left]:
        """Those that were sent before, and whose outcome nobody knows."""
        sent = cls.objects.filter(callback__in=list(keys), under_way=True).exclude(stood="")
        return {each.callback_id: Left(each.case_id, each.stood) for each in sent}

    @classmethod
    def failures_ahead(cls, callback: Callback, case_id: str) -> int | None:
        """How often one failed that this one waits for; None if it waits for none."""
        others = cls._others(callback, case_id).filter(_may_leave())
        ahead = others.filter(_older_than(callback) | Q(under_way=True))
        failures = ahead.order_by("-callback__failures")
        return failures.values_list("callback__failures", flat=True).first()

    @classmethod
    def set_by_younger(cls, callback: Callback, case_id: str) -> set[str]:
        """The fields that are set already by what was asked for later."""
        younger = cls._others(callback, case_id).exclude(_older_than(callback))
        synced = younger.filter(callback__status=Status.SYNCED)
        return {name for names in synced.values_list("fields", flat=True) for name in names}

    @classmethod
    def _others(cls, callback: Callback, case_id: str) -> "models.QuerySet[CaseUpdate]":
        return CaseUpdate.objects.filter(case_id=case_id).exclude(callback=callback.id)


def _may_leave() -> Q:
    """What was dismissed on its way may still arrive, until its lease is over."""
    dismissed = Q(callback__status=Status.DISMISSED, callback__due_at__gt=Now())
    return Q(callback__status=Status.PENDING) | dismissed


def _older_than(callback: Callback) -> Q:
    return Q(callback__received_at__lt=callback.received_at) | Q(
        callback__received_at=callback.received_at, callback__lt=callback.id
    )
