from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class FindingKind(models.TextChoices):
    """What is wrong between the callbacks and the org; each has a repair."""

    MISSING_THERE = "missing_there", _("Case is missing in Salesforce")
    DOUBLED_THERE = "doubled_there", _("Several Cases for one callback")
    UNKNOWN_HERE = "unknown_here", _("Case of a callback that is unknown here")
    SETTLED = "settled", _("Case appeared for a callback that had failed or was dismissed")
    INVISIBLE = "invisible", _("Case is hidden from our user")
    FIELD_VANISHED = "field_vanished", _("Field vanished")
    FIELD_SHRANK = "field_shrank", _("Field became shorter")
    FIELD_REQUIRED = "field_required", _("Field became required")
    FIELD_CHANGED = "field_changed", _("Field cannot take what is sent")


class Finding(models.Model):
    """Something between us and the org that a person should know. Open until it is mended."""

    Kind: TypeAlias = FindingKind

    kind = models.CharField(_("kind"), max_length=20, choices=FindingKind.choices)
    subject = models.CharField(
        _("subject"),
        max_length=200,
        help_text=_("The key of a callback, or a field: Case.Subject."),
    )
    detail = models.JSONField(_("detail"), default=dict)
    found_at = models.DateTimeField(_("found"))
    seen_at = models.DateTimeField(_("last seen"))
    mended_at = models.DateTimeField(_("mended"), null=True, blank=True)
    mended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("mended by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    repair = models.CharField(_("repair"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["-found_at", "-id"]
        permissions = [("mend_finding", gettext_noop("Can settle findings"))]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(mended_at=None),
                name="one_open_finding_per_subject",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"


class ReconciliationRun(models.Model):
    """One comparison of the callbacks with the org, by key."""

    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    since = models.DateTimeField(_("compared from"))
    counts = models.JSONField(_("counts"), default=dict)
    error_code = models.CharField(_("code"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
