from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiCalls(models.Model):
    """How many calls we made on a day (UTC), and what for. A crash may lose the last few."""

    day = models.DateField(_("day"))
    purpose = models.CharField(_("purpose"), max_length=20)
    calls = models.PositiveIntegerField(_("calls"), default=0)

    class Meta:
        verbose_name = _("API calls")
        verbose_name_plural = _("API calls")
        ordering = ["-day", "purpose"]
        constraints = [
            models.UniqueConstraint(fields=["day", "purpose"], name="one_count_per_day_and_purpose")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.purpose}: {self.calls}"
