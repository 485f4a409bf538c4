from collections.abc import Mapping
from datetime import date

from django.db import connections, models
from django.utils.translation import gettext_lazy as _


class ApiCallsQuerySet(models.QuerySet["ApiCalls"]):
    def add(self, calls: Mapping[tuple[date, str], int]) -> None:
        """Add to what was counted, in one statement."""
        if not calls:
            return
        connection = connections[self.db]
        written = models.DateField().get_db_prep_value
        table = self.model._meta.db_table
        rows = ", ".join(["(%s, %s, %s)"] * len(calls))
        sql = f"""
            INSERT INTO {table} (day, purpose, calls) VALUES {rows}
            ON CONFLICT (day, purpose) DO UPDATE SET calls = {table}.calls + EXCLUDED.calls
        """  # noqa: S608 - the table's name is ours
        flat = [v for (day, name), n in calls.items() for v in (written(day, connection), name, n)]
        with connection.cursor() as cursor:
            cursor.execute(sql, flat)


class ApiCalls(models.Model):
    """How many calls we made on a day (UTC), and what for. A crash may lose the last few."""

    day = models.DateField(_("day"))
    purpose = models.CharField(_("purpose"), max_length=20)
    calls = models.PositiveIntegerField(_("calls"), default=0)

    objects = ApiCallsQuerySet.as_manager()

    class Meta:
        verbose_name = _("API calls")
        verbose_name_plural = _("API calls")
        ordering = ["-day", "purpose"]
        constraints = [
            models.UniqueConstraint(fields=["day", "purpose"], name="one_count_per_day_and_purpose")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.purpose}: {self.calls}"
