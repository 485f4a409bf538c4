from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

PATIENCE = timedelta(minutes=3)  # after that nobody is at it any more


class Inspection(models.Model):
    """The last look at org and routes that somebody asked for, and what it found. One row.

    A worker looks, so that no page waits for the org, and that what is tried is the way that
    callbacks go. What a worker finds that was overtaken by another look is dropped.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    asked_at = models.DateTimeField(_("asked for"), null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    began_at = models.DateTimeField(_("began"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    findings = models.JSONField(_("findings"), default=list)

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        default_permissions = ()  # shown with the org
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_inspection")]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}" if self.asked_at else "-"

    @classmethod
    def ask(cls, *, by: "AbstractBaseUser") -> bool:
        """False if one is under way already."""
        cls.objects.get_or_create(pk=cls.ONLY)
        now = timezone.now()
        idle = Q(asked_at=None) | Q(ended_at__gte=F("asked_at")) | Q(asked_at__lt=now - PATIENCE)
        asked = cls.objects.filter(idle).update(asked_at=now, asked_by=by, began_at=None)
        return bool(asked)

    @classmethod
    def begin(cls, now: datetime) -> bool:
        """True to the one worker that is to look."""
        wanted = cls.objects.filter(began_at=None).exclude(asked_at=None)
        return bool(wanted.update(began_at=now))

    @classmethod
    def end(cls, began_at: datetime, findings: list[dict[str, Any]]) -> bool:
        mine = cls.objects.filter(began_at=began_at)
        return bool(mine.update(ended_at=timezone.now(), findings=findings))

    @property
    def is_under_way(self) -> bool:
        """Somebody waits for it, whether or not a worker will ever end it."""
        return self.asked_at is not None and (
            self.ended_at is None or self.ended_at < self.asked_at
        )

    def is_lost(self, now: datetime) -> bool:
        """Nobody will end it: the worker died, or none ever heard of it."""
        return self.is_under_way and self.asked_at is not None and now - self.asked_at > PATIENCE
