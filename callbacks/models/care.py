from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from callbacks.models.callback import Callback

LONGEST_NOTE = 200


class CareQuerySet(models.QuerySet["Care"]):
    def in_force(self) -> "CareQuerySet":
        """Those of groups in which one is left of what there was. What comes later is news."""
        left = Callback.objects.failed().filter(
            failure_signature=OuterRef("signature"), received_at__lte=OuterRef("since")
        )
        return self.filter(Exists(left))


class Care(models.Model):
    """Who is on a group of failed callbacks. One row for each group; the next one overwrites it."""

    signature = models.CharField(_("signature"), max_length=160, unique=True)
    since = models.DateTimeField(_("since"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    person_name = models.TextField(_("name"))  # outlives the account
    note = models.CharField(_("remark"), max_length=LONGEST_NOTE, blank=True)

    objects = CareQuerySet.as_manager()

    class Meta:
        verbose_name = _("care for a group")
        verbose_name_plural = _("care for groups")
        default_permissions = ()  # shown with the failed callbacks

    def __str__(self) -> str:
        return self.person_name
