"""Requests that the ACD was answered at once, and the order in which the org gets them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from callbacks.models import AcdClient
from crm.models.clock import from_now

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class StoredStatus(models.TextChoices):
    PENDING = "pending", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    DISMISSED = "dismissed", _("Dismissed")


@dataclass(frozen=True)
class Trouble:
    """Why a delivery did not succeed. `answered`: surely, so that no second one comes of it."""

    code: str
    detail: str
    answered: bool


class StoredRequestQuerySet(models.QuerySet["StoredRequest"]):
    """The row is the queue, as with callbacks; `lease_no` is the fencing token.

    Delivery is at least once: an Apex resource has no key by which a repeat could be known.
    """

    def pending(self) -> "StoredRequestQuerySet":
        return self.filter(status=StoredStatus.PENDING)

    def waiting_paths(self) -> list[str]:
        return list(self.pending().order_by("path").values_list("path", flat=True).distinct())

    def lease_next(self, path: str, *, seconds: float) -> "StoredRequest | None":
        """The oldest that waits for this resource, if it is due; nobody overtakes it.

        It counts as unanswered until an outcome says otherwise.
        """
        first = self.pending().filter(path=path).order_by("id").first()
        if first is None:
            return None
        same = self.pending().filter(id=first.id, lease_no=first.lease_no)
        won = same.filter(due_at__lte=Now()).update(
            due_at=from_now(seconds),
            lease_no=F("lease_no") + 1,
            attempts=F("attempts") + 1,
            unanswered=F("unanswered") + 1,
        )
        first.lease_no += 1
        return first if won else None

    def mark_delivered(self, request: "StoredRequest", *, status: int) -> int:
        """True whoever says so, under whatever lease."""
        undelivered = self.filter(id=request.id).exclude(status=StoredStatus.DELIVERED)
        return undelivered.update(
            status=StoredStatus.DELIVERED,
            lease_no=F("lease_no") + 1,
            delivered_at=timezone.now(),
            unanswered=F("unanswered") - 1,
            **_words(f"HTTP {status}"),
        )

    def mark_put_off(
        self, request: "StoredRequest", trouble: "Trouble", *, seconds: float, failures: int
    ) -> int:
        """Due again later; `failures` are added."""
        return self._leased(request).update(
            due_at=from_now(seconds),
            lease_no=F("lease_no") + 1,
            failures=F("failures") + failures,
            unanswered=F("unanswered") - int(trouble.answered),
            **_words(trouble.code, trouble.detail),
        )

    def mark_failed(self, request: "StoredRequest", trouble: "Trouble") -> int:
        """Not sent again by itself; those behind it go on."""
        return self._leased(request).update(
            status=StoredStatus.FAILED,
            lease_no=F("lease_no") + 1,
            failures=F("failures") + 1,
            unanswered=F("unanswered") - int(trouble.answered),
            **_words(trouble.code, trouble.detail),
        )

    def requeue(self) -> int:
        """Send again what failed or was dismissed, at its old place in the order."""
        return self.filter(status__in=[StoredStatus.FAILED, StoredStatus.DISMISSED]).update(
            status=StoredStatus.PENDING,
            due_at=Now(),
            lease_no=F("lease_no") + 1,
            failures=0,
            dismissed_at=None,
            dismissed_by=None,
            dismiss_reason="",
            **_words(),
        )

    def dismiss(self, *, by: "AbstractBaseUser", reason: str) -> int:
        """Salesforce shall not get them. Returns how many waiting or failed ones it was."""
        return self.filter(status__in=[StoredStatus.PENDING, StoredStatus.FAILED]).update(
            status=StoredStatus.DISMISSED,
            lease_no=F("lease_no") + 1,
            dismissed_at=timezone.now(),
            dismissed_by=by,
            dismiss_reason=reason,
        )

    def _leased(self, request: "StoredRequest") -> "StoredRequestQuerySet":
        return self.pending().filter(id=request.id, lease_no=request.lease_no)


class StoredRequest(models.Model):
    """A request of the ACD that was answered at once, and how far its delivery has come."""

    Status: TypeAlias = StoredStatus

    received_at = models.DateTimeField(_("received"), default=timezone.now)
    client = models.ForeignKey(
        AcdClient,
        verbose_name=_("ACD client"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    method = models.CharField(_("method"), max_length=10)
    path = models.CharField(_("resource"), max_length=200)
    query = models.TextField(_("query string"), blank=True)
    content_type = models.CharField(_("media type"), max_length=200, blank=True)
    body = models.BinaryField(_("body"), blank=True)

    status = models.CharField(
        _("state"), max_length=10, choices=StoredStatus.choices, default=StoredStatus.PENDING
    )
    due_at = models.DateTimeField(_("due"), db_default=Now())
    lease_no = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    unanswered = models.PositiveIntegerField(
        _("attempts without an answer"),
        default=0,
        help_text=_("So often Salesforce may have got it without our knowing."),
    )
    failures = models.PositiveIntegerField(default=0)
    code = models.CharField(_("last answer"), max_length=80, blank=True)
    detail = models.TextField(_("Salesforce's words"), blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    dismissed_at = models.DateTimeField(_("dismissed"), null=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("dismissed by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    dismiss_reason = models.TextField(_("reason for dismissing"), blank=True)

    objects = StoredRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("stored request")
        verbose_name_plural = _("stored requests")
        ordering = ["-id"]
        permissions = [
            ("steer_storedrequest", gettext_noop("Can send again and dismiss stored requests"))
        ]
        indexes = [
            models.Index(
                fields=["path", "id"],
                condition=models.Q(status="pending"),
                name="stored_requests_in_order",
            ),
            models.Index(fields=["status", "-id"], name="stored_requests_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _words(code: str = "", detail: str = "") -> dict[str, Any]:
    return {"code": code, "detail": detail}
