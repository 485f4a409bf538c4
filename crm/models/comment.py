from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from django.db import models
from django.db.models.functions import Now

from callbacks.models import Callback

# The org may commit what we gave up on ten minutes later, but not after that.
LATEST_COMMIT = timedelta(minutes=11)


class SentComment(models.Model):
    """That a callback's comment left and to which Case, noted before it does, until it is known.

    A comment has no unique key in the org. So what was sent without an answer is looked for, and is
    written again only when the org can no longer be at it.
    """

    callback = models.OneToOneField(
        Callback, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    case_id = models.CharField(max_length=18)
    sent_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.case_id

    @classmethod
    def note(cls, cases: Mapping[UUID, str]) -> None:
        """They leave now; `cases` is the id of the Case by callback."""
        rows = [
            cls(callback_id=key, case_id=case_id, sent_at=Now()) for key, case_id in cases.items()
        ]
        SentComment.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["callback"],
            update_fields=["case_id", "sent_at"],
        )

    @classmethod
    def forget(cls, keys: Collection[UUID]) -> None:
        """What became of them is known."""
        if keys:  # else it would begin a transaction for nothing
            cls.objects.filter(callback__in=keys).delete()

    @classmethod
    def of(cls, keys: Iterable[UUID]) -> dict[UUID, tuple[str, bool]]:
        """Case by callback, and whether the org may still be at it, by the database's clock."""
        may_come = models.Case(
            models.When(sent_at__gt=Now() - LATEST_COMMIT, then=True),
            default=False,
            output_field=models.BooleanField(),
        )
        sent = cls.objects.filter(callback__in=list(keys)).annotate(may_come=may_come)
        return {
            key: (case, late) for key, case, late in sent.values_list("pk", "case_id", "may_come")
        }
