from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import models

from callbacks.models import Callback

Kind = tuple[str, str, str]  # an object, its field for our key, and the one people call it by


class SentRecord(models.Model):
    """That a callback left as a record of another kind than the usual Case, noted before it does.

    Its route may be changed before it is sent again, and then it is looked for there first.
    """

    callback = models.ForeignKey(Callback, on_delete=models.CASCADE, related_name="+")
    sobject = models.CharField(max_length=80)
    key_field = models.CharField(max_length=80)
    name_field = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["callback", "sobject", "key_field"], name="one_note_per_kind_of_record"
            )
        ]

    def __str__(self) -> str:
        return self.sobject

    @classmethod
    def note(cls, kinds: Mapping[UUID, Kind]) -> None:
        """They leave now."""
        rows = [
            cls(callback_id=key, sobject=sobject, key_field=key_field, name_field=name_field)
            for key, (sobject, key_field, name_field) in kinds.items()
        ]
        SentRecord.objects.bulk_create(rows, ignore_conflicts=True)

    @classmethod
    def forget(cls, keys: Collection[UUID]) -> None:
        """What became of them is known, or left to a person."""
        if keys:  # else it would begin a transaction for nothing
            cls.objects.filter(callback__in=keys).delete()

    @classmethod
    def of(cls, keys: Collection[UUID]) -> dict[UUID, list[Kind]]:
        found: dict[UUID, list[Kind]] = {}
        if not keys:
            return found
        sent = cls.objects.filter(callback__in=keys).order_by("id")
        for key, *kind in sent.values_list("callback", "sobject", "key_field", "name_field"):
            found.setdefault(key, []).append((kind[0], kind[1], kind[2]))
        return found
