from django.db import models
from django.utils.translation import gettext_lazy as _


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

    class Meta:
        verbose_name = _("sync attempt")
        verbose_name_plural = _("sync attempts")
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.code}" if self.code else self.outcome
