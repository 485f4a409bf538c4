from collections.abc import Sequence

from django.db import connections, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from callbacks.models.news import CASE_COLUMNS, CaseNews
from callbacks.models.sql import dialect, values

# What happened, with what stood before and stands now, and when that counts as a change. What was
# merely not heard before is none.
CHANGES = {
    "status": ("c.case_status", "v.case_status", "c.case_status NOT IN ('', v.case_status)"),
    "owner": ("c.case_owner", "v.case_owner", "c.case_owner NOT IN ('', v.case_owner)"),
    "closed": ("''", "''", "c.case_closed_at IS NULL AND v.case_closed_at IS NOT NULL"),
    "reopened": ("''", "''", "c.case_closed_at IS NOT NULL AND v.case_closed_at IS NULL"),
    "deleted": ("''", "''", "c.case_gone <> 'deleted' AND v.case_gone = 'deleted'"),
    "restored": ("''", "''", "c.case_gone = 'deleted' AND v.case_gone <> 'deleted'"),
    "record": ("c.case_number", "v.case_number", "c.case_id <> v.case_id"),
}


class CaseChangeQuerySet(models.QuerySet["CaseChange"]):
    def note(self, callbacks: "type[models.Model]", news: Sequence[CaseNews]) -> None:
        """Write what these news change, in one statement. Before they are written themselves.

        Its rows stay locked until then: of two who bring the same news one finds nothing new.
        """
        words = dialect(self.db)
        known, heard = (
            ", ".join(f"{row}.{name}" for name in list(CASE_COLUMNS)[1:]) for row in "cv"
        )
        connection, key = connections[self.db], models.UUIDField().get_db_prep_value
        rows = [(key(item.id, connection), *item.columns(self.db)[1:]) for item in news]
        with_values, text = values(CASE_COLUMNS, rows, self.db)
        parts = " UNION ALL ".join(
            f"SELECT c.id, '{what}', {before}, {after} FROM c JOIN v ON v.key = c.id WHERE {condition}"  # noqa: S608
            for what, (before, after, condition) in CHANGES.items()
        )
        sql = f"""{with_values}, c AS (
                SELECT c.* FROM {callbacks._meta.db_table} AS c JOIN v ON v.key = c.id
                WHERE c.status = 'synced' AND ({known}) IS DISTINCT FROM ({heard})
                ORDER BY c.id {words.locked.format("c")}
            ), changes (callback_id, what, before, after) AS ({parts})
            INSERT INTO {self.model._meta.db_table} (at, callback_id, what, before, after)
            SELECT %s, callback_id, what, before, after FROM changes"""  # noqa: S608 - names of ours
        now = models.DateTimeField().get_db_prep_value(timezone.now(), connection)
        with connection.cursor() as cursor:
            cursor.execute(sql, [text, now])


class CaseChange(models.Model):
    """What agents did with the Case of a callback, as far as it was heard; never changed."""

    class What(models.TextChoices):
        STATUS = "status", _("status")
        OWNER = "owner", _("owner")
        CLOSED = "closed", _("closed")
        REOPENED = "reopened", _("opened again")
        DELETED = "deleted", _("deleted")
        RESTORED = "restored", _("restored")
        RECORD = "record", _("another Case")  # its own was merged into it, or it counts now

    callback = models.ForeignKey(
        "callbacks.Callback", on_delete=models.CASCADE, related_name="case_changes"
    )
    at = models.DateTimeField(_("heard"))
    what = models.CharField(_("change"), max_length=10, choices=What.choices)
    before = models.TextField(_("before"), blank=True)
    after = models.TextField(_("after"), blank=True)

    objects = CaseChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a Case")
        verbose_name_plural = _("changes of Cases")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.get_what_display()
