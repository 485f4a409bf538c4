from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def overlays(self, keys: Iterable[UUID]) -> defaultdict[UUID, dict[str, str]]:
        """What counts for each callback, by field: the newest word on it."""
        found: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
        rows = self.filter(callback__in=list(keys)).order_by("id")
        for key, field, value in rows.values_list("callback_id", "field", "value"):
            found[key][field] = value
        return found


class Correction(models.Model):
    """What a person puts in place of a value that was refused; never changed afterwards.

    It lies over a field of the record that is sent, by its API name. The callback's facts stay as
    they were received. An empty value is none: the field is not sent.
    """

    callback = models.ForeignKey(
        "callbacks.Callback", on_delete=models.CASCADE, related_name="corrections"
    )
    field = models.CharField(_("field"), max_length=80)
    value = models.TextField(_("value"), blank=True)
    at = models.DateTimeField(_("time"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    person_name = models.TextField(_("name"))  # outlives the account
    answers = models.ForeignKey(  # the attempt that was refused
        "callbacks.SyncAttempt",
        verbose_name=_("refused attempt"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.field
