from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A list of callbacks that somebody looks at often: a name for a query string."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="saved_views",
        db_index=False,  # the constraint begins with it
    )
    name = models.CharField(_("name"), max_length=40)
    query = models.TextField(_("query string"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "name"], name="one_saved_view_per_name")
        ]

    def __str__(self) -> str:
        return self.name
