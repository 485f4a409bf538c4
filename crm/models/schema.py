from django.db import models
from django.utils.translation import gettext_lazy as _


class ObjectDescription(models.Model):
    """How the org described an object last: for when it is away, and to see what has changed."""

    name = models.CharField(_("object"), max_length=80, primary_key=True)
    description = models.JSONField(_("description"))
    relied_on = models.JSONField(
        _("relied on"),
        default=dict,
        help_text=_("What the fields that routes fill were like before they changed."),
    )
    described_at = models.DateTimeField(_("described"))

    class Meta:
        verbose_name = _("object of the org")
        verbose_name_plural = _("objects of the org")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
