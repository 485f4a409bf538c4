from collections.abc import Iterable

from django.db import models, transaction
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


class Queue(models.Model):
    """A queue of the org, as it was when they were last asked for; for when the org is away."""

    salesforce_id = models.CharField(max_length=18, primary_key=True)
    developer_name = models.CharField(_("API name"), max_length=80)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("queue of the org")
        verbose_name_plural = _("queues of the org")
        ordering = ["name"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def keep(queues: Iterable["Queue"]) -> None:
        """These are all there are."""
        kept = list(queues)
        with transaction.atomic():
            Queue.objects.exclude(pk__in=[queue.pk for queue in kept]).delete()
            Queue.objects.bulk_create(
                kept,
                update_conflicts=True,
                unique_fields=["salesforce_id"],
                update_fields=["developer_name", "name"],
            )
