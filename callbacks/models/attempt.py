from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connections, models
from django.utils.translation import gettext_lazy as _

from callbacks.models.sql import values

COLUMNS = {
    "callback_id": "uuid",
    "lease_no": "int",
    "outcome": "text",
    "code": "text",
    "detail": "text",
}


class SyncAttemptQuerySet(models.QuerySet["SyncAttempt"]):
    def note(
        self, attempts: Sequence[Sequence[Any]], *, started_at: datetime, duration_ms: int
    ) -> None:
        """Write the attempts of a batch, each with values for COLUMNS, in one statement."""
        connection = connections[self.db]
        key, stamp = models.UUIDField().get_db_prep_value, models.DateTimeField().get_db_prep_value
        rows = [(key(row[0], connection), *row[1:]) for row in attempts]
        with_values, text = values(COLUMNS, rows, self.db)
        names = ", ".join(COLUMNS)
        sql = f"""
            INSERT INTO {self.model._meta.db_table} (started_at, duration_ms, {names})
            {with_values} SELECT %s, %s, {names} FROM v"""  # noqa: S608 - the names are ours
        with connection.cursor() as cursor:
            cursor.execute(sql, [text, stamp(started_at, connection), duration_ms])


class SyncAttempt(models.Model):
    """One delivery of one callback, written when its outcome is; never changed afterwards."""

    class Outcome(models.TextChoices):
        SYNCED = "synced", _("In Salesforce")
        PUT_OFF = "put_off", _("Put off")
        FAILED = "failed", _("Failed")

    callback = models.ForeignKey(
        "callbacks.Callback", on_delete=models.CASCADE, related_name="attempts"
    )
    lease_no = models.PositiveIntegerField(_("lease"))
    started_at = models.DateTimeField(_("started"))
    duration_ms = models.PositiveIntegerField(_("duration"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    code = models.CharField(_("code"), max_length=80, blank=True)
    detail = models.TextField(_("detail"), blank=True)

    objects = SyncAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("sync attempt")
        verbose_name_plural = _("sync attempts")
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.code}" if self.code else self.outcome


def is_told() -> models.Exists:
    """Of a callback: whether it is known what came of its present lease.

    Outcomes and attempts are written together; without one a worker may be at the row.
    """
    key, lease_no = models.OuterRef("pk"), models.OuterRef("lease_no")
    return models.Exists(SyncAttempt.objects.filter(callback=key, lease_no=lease_no))
