from django.db import models
from django.utils.translation import gettext_lazy as _


class RejectedRequest(models.Model):
    """A request that could not become a callback, kept so that staff sees what came."""

    KEPT_BYTES = 64 * 1024

    received_at = models.DateTimeField(_("received"), db_index=True)
    client = models.ForeignKey(
        "callbacks.AcdClient",
        verbose_name=_("ACD client"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="rejected_requests",
    )
    status = models.PositiveSmallIntegerField(_("status"))
    code = models.CharField(_("code"), max_length=40)
    reason = models.TextField(_("reason"))
    method = models.CharField(_("method"), max_length=10)
    path = models.TextField(_("path"))
    content_type = models.TextField(_("content type"), blank=True)
    body = models.BinaryField(_("body"), help_text=_("The first 64 KiB, secrets removed."))
    body_size = models.PositiveIntegerField(_("size"))

    class Meta:
        verbose_name = _("rejected request")
        verbose_name_plural = _("rejected requests")
        ordering = ["-received_at", "-id"]

    def __str__(self) -> str:
        return f"{self.status} {self.code}"

    @property
    def body_text(self) -> str:
        return bytes(self.body).decode("utf-8", "replace")
