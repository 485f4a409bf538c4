from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def _did(deed: str) -> Promise | str:
    """Said of a person: other things may be called by the same word."""
    return pgettext_lazy("deed", deed)


class StaffActionQuerySet(models.QuerySet["StaffAction"]):
    def note(
        self,
        verb: str,
        *,
        by: "User",
        callbacks: Iterable[UUID] = (),
        reason: str = "",
        changes: dict[str, Any] | None = None,
    ) -> None:
        """Write that a person did it, once for each of the callbacks, or once for none of them."""
        keys: list[UUID | None] = [*callbacks]
        now, name = timezone.now(), by.get_full_name() or by.get_username()
        self.bulk_create(
            StaffAction(
                verb=verb,
                at=now,
                person=by,
                person_name=name,
                callback_id=key,
                reason=reason,
                changes=changes or {},
            )
            for key in keys or [None]
        )


class StaffAction(models.Model):
    """What a person did, or whose data they looked at; never changed afterwards."""

    class Verb(models.TextChoices):
        REQUEUED = "requeued", _did("requeued")
        SENT_NOW = "sent_now", _did("sent at once")
        RELEASED = "released", _did("released")
        DISMISSED = "dismissed", _did("dismissed")
        UNMERGED = "unmerged", _did("made a callback of its own")
        CORRECTED = "corrected", _did("corrected")
        REPLAYED = "replayed", _did("replayed a group")
        STEERED_REPLAY = "steered_replay", _did("paused, went on with or cancelled a replay")
        LOOKED = "looked", _did("looked at personal data")
        PAUSED = "paused", _did("paused the conversation")
        RESUMED = "resumed", _did("let the conversation go on")
        INSPECTED = "inspected", _did("had the connection tested")
        RETRIED_ORG = "retried_org", _did("let Salesforce be tried again at once")
        CONFIRMED_ORG = "confirmed_org", _did("confirmed another org")
        MENDED = "mended", _did("settled a finding")
        RESENT_REQUEST = "resent_request", _did("requeued a stored request")
        DISMISSED_REQUEST = "dismissed_request", _did("dismissed a stored request")
        NEW_SECRET = "new_secret", _did("made a new secret")
        REVOKED_SECRET = "revoked_secret", _did("revoked the previous secret")
        REVOKED_TOKENS = "revoked_tokens", _did("revoked all access tokens")
        TESTED = "tested", _did("sent a test callback")
        TESTED_ALERTS = "tested_alerts", _did("sent a test message")
        RIGHTS = "rights", _did("changed somebody's rights")
        ACCOUNT = "account", _did("changed somebody's account")
        PASSWORD = "password", _did("set somebody's password")
        GROUP = "group", _did("changed what a group may do")
        ALERTED = "alerted", _did("changed who is alerted")
        SWITCHED_JOB = "switched_job", _did("switched a job on or off")
        TOOK_CARE = "took_care", _did("took on a group of failed callbacks")
        LET_GO = "let_go", _did("let go of a group of failed callbacks")
        EXPORTED = "exported", _did("exported")
        IMPORTED = "imported", _did("imported")

    verb = models.CharField(_("action"), max_length=20, choices=Verb.choices)
    at = models.DateTimeField(_("time"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    person_name = models.TextField(_("name"))  # outlives the account
    callback = models.ForeignKey(
        "callbacks.Callback",
        verbose_name=_("callback"),
        null=True,
        on_delete=models.CASCADE,
        related_name="staff_actions",
    )
    reason = models.TextField(_("reason"), blank=True)
    changes = models.JSONField(_("changes"), default=dict)  # name → [before, after]

    objects = StaffActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("staff action")
        verbose_name_plural = _("staff actions")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at", "-id"], name="staff_action_newest")]

    def __str__(self) -> str:
        return f"{self.person_name}: {self.get_verb_display()}"
