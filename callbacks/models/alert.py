"""Alerts: what is watched and how it stands, what people were told, and what is still to be sent.

Every change is a conditional UPDATE, so that two workers, or one that runs twice, tell it once.
What is told becomes rows of `AlertMessage` in the same transaction, and those are sent afterwards:
a worker that dies in between sends them later, and one that dies while sending sends them twice.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from callbacks.models.change import Changes
from callbacks.models.sql import dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY_HOURS = 24
MONTH_HOURS = 720
SEND_FOR = timedelta(days=1)  # then it is no news any more
KEPT_FOR = timedelta(days=30)
LEASE_SECONDS = 120
AGAIN_SECONDS, LONGEST_WAIT_SECONDS = 45, 900  # the first time with the next look


def _limit(name: Any, help_text: Any, *, default: int | None, most: int) -> Any:
    return models.PositiveIntegerField(
        name,
        null=True,
        blank=True,
        default=default,
        validators=[MinValueValidator(1), MaxValueValidator(most)],
        help_text=help_text,
    )


class AlertRulesQuerySet(models.QuerySet["AlertRules"]):
    def current(self) -> "AlertRules":
        """The one row there is."""
        return self.get_or_create(pk=AlertRules.ONLY)[0]


class AlertRules(models.Model):
    """From when on something is worth telling, and which members of staff are told."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    hold_minutes = models.PositiveSmallIntegerField(
        _("has to last, in minutes"),
        default=5,
        validators=[MaxValueValidator(120)],
        help_text=_(
            "What comes and goes within this time is told to nobody; nor is an end that does not last."
        ),
    )
    stuck_minutes = _limit(
        _("callbacks do not go out, minutes"),
        _("Salesforce takes Cases, and yet a callback is overdue for so long. Empty: not watched."),
        default=10,
        most=1440,
    )
    decision_hours = _limit(
        _("waits for a decision, hours"),
        _("A failed or held callback came so long ago. Empty: not watched."),
        default=4,
        most=MONTH_HOURS,
    )
    unserved_hours = _limit(
        _("caller waits, hours"),
        _("A callback came so long ago and its Case is not closed. Empty: not watched."),
        default=72,
        most=MONTH_HOURS,
    )
    silent_usual = _limit(
        _("service number silent, missing callbacks"),
        _(
            "So many callbacks came at the same time of the same weekday in at least three of the"
            " last four weeks, and now none. Empty: not watched."
        ),
        default=10,
        most=10_000,
    )
    digest_hour = models.PositiveSmallIntegerField(
        _("daily summary, hour of the day"),
        null=True,
        blank=True,
        default=7,
        validators=[MaxValueValidator(DAY_HOURS - 1)],
        help_text=_("0 to 23. Empty: none."),
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("staff who is told"),
        blank=True,
        related_name="+",
        help_text=_("By e-mail, in the language that each has chosen."),
    )
    digest_day = models.DateField(null=True, editable=False)  # the last one of which was told

    objects = AlertRulesQuerySet.as_manager()
    history = Changes(without=["digest_day"])

    class Meta:
        verbose_name = _("alerts")
        verbose_name_plural = _("alerts")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_set_of_alert_rules")]
        default_permissions = ("view", "change")
        permissions = [("test_alertrules", "Can send a test message")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class NumberWatch(models.Model):
    """What is watched otherwise for one service number."""

    rules = models.ForeignKey(
        AlertRules, on_delete=models.CASCADE, default=AlertRules.ONLY, related_name="numbers"
    )
    service_number = models.OneToOneField(
        "callbacks.ServiceNumber",
        verbose_name=_("service number"),
        on_delete=models.CASCADE,
        related_name="watch",
    )
    unserved_hours = _limit(
        _("caller waits, hours"), _("Empty: as for all."), default=None, most=MONTH_HOURS
    )
    watches_silence = models.BooleanField(_("silence is watched"), default=True)

    class Meta:
        verbose_name = _("exception for a service number")
        verbose_name_plural = _("exceptions for service numbers")

    def __str__(self) -> str:
        return str(self.service_number)


class AlertQuerySet(models.QuerySet["Alert"]):
    def begin(self, alert: "Alert", facts: dict[str, Any], now: datetime) -> None:
        """It is so now, again. Of an episode of which people know, the beginning stays."""
        off = self.filter(pk=alert.pk, is_on=False)
        changes = {"is_on": True, "changed_at": now, "facts": facts}
        off.filter(told_on=False).update(began_at=now)
        off.update(**changes)

    def end(self, alert: "Alert", now: datetime) -> None:
        self.filter(pk=alert.pk, is_on=True).update(is_on=False, changed_at=now)

    def untold(self, until: datetime) -> "AlertQuerySet":
        """Those that stand otherwise than people know, since then or longer."""
        return self.exclude(is_on=F("told_on")).filter(changed_at__lte=until)

    def claim(self, alert: "Alert", now: datetime) -> bool:
        """True for the one who is to tell it."""
        as_seen = self.filter(pk=alert.pk, is_on=alert.is_on, told_on=not alert.is_on)
        return bool(as_seen.update(told_on=alert.is_on, told_at=now))


class Alert(models.Model):
    """One condition: whether it holds, since when, and what people were told of it last."""

    kind = models.CharField(_("kind"), max_length=20)
    subject = models.CharField(_("service number"), max_length=200, blank=True)
    is_on = models.BooleanField(_("holds"), default=False)
    changed_at = models.DateTimeField(_("since"))
    began_at = models.DateTimeField(_("began"))
    facts = models.JSONField(default=dict)
    told_on = models.BooleanField(_("told that it holds"), default=False)
    told_at = models.DateTimeField(_("told"), null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        default_permissions = ()  # shown with the rules
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="one_alert_per_condition")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()


class AlertMessageQuerySet(models.QuerySet["AlertMessage"]):
    def lease_due(self, channel: str) -> "Iterator[AlertMessage]":
        """What is to be sent now; each is this worker's alone from when it is handed out."""
        due = self.unsent().filter(channel=channel, due_at__lte=Now())
        for message in list(due.order_by("id")):
            if self._lease(message):
                yield message

    def _lease(self, message: "AlertMessage") -> bool:
        mine = self.filter(pk=message.pk, sent_at=None, tries=message.tries)
        message.tries += 1
        return bool(mine.update(tries=message.tries, due_at=_from_now(LEASE_SECONDS)))

    def mark_sent(self, message: "AlertMessage") -> None:
        self.filter(pk=message.pk).update(sent_at=timezone.now(), error="")

    def put_off(self, message: "AlertMessage", reason: str) -> None:
        """Ever longer, up to a quarter of an hour."""
        mine = self.filter(pk=message.pk, sent_at=None, tries=message.tries)
        wait = min(AGAIN_SECONDS * 2 ** (message.tries - 1), LONGEST_WAIT_SECONDS)
        mine.update(due_at=_from_now(wait), error=reason)

    def unsent(self) -> "AlertMessageQuerySet":
        """Those that are still tried."""
        return self.filter(sent_at=None, created_at__gt=timezone.now() - SEND_FOR)

    def old(self, now: datetime) -> "AlertMessageQuerySet":
        return self.filter(created_at__lt=now - KEPT_FOR)


class AlertMessage(models.Model):
    """What one receiver is told: written with the change that it tells, and sent afterwards."""

    class Channel(models.TextChoices):
        MAIL = "mail", _("E-mail")
        WEBHOOK = "webhook", _("Webhook")

    key = models.UUIDField(editable=False)  # of the telling; the same for all receivers
    channel = models.CharField(_("way"), max_length=10, choices=Channel.choices)
    receiver = models.CharField(_("receiver"), max_length=254)
    subject = models.TextField(_("message"))
    text = models.TextField()
    content = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("time"))
    due_at = models.DateTimeField(db_default=Now())
    tries = models.PositiveIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.TextField(_("reason"), blank=True)

    objects = AlertMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        default_permissions = ()  # shown with the rules
        constraints = [
            models.UniqueConstraint(
                fields=["key", "channel", "receiver"], name="one_message_per_receiver"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None), name="alert_message_due"),
            models.Index(fields=["-created_at"], name="alert_message_newest"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_given_up(self) -> bool:
        return self.sent_at is None and self.created_at < timezone.now() - SEND_FOR


def _from_now(seconds: float) -> RawSQL:
    """A time ahead by the database's clock, because workers' clocks differ."""
    return RawSQL(dialect(DEFAULT_DB_ALIAS).in_seconds("%s"), [seconds], models.DateTimeField())  # noqa: S611 - constant SQL
