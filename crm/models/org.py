from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from callbacks.models.sql import dialect
from crm.meanings import Meaning
from crm.timing import PROBE_SECONDS

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


_NO_DRIP: dict[str, Any] = {"drip_per_minute": None, "drip_since": None, "drip_sent": 0}


class OrgQuerySet(models.QuerySet["Org"]):
    def current(self) -> "Org":
        """The one row there is."""
        return self.get_or_create(pk=Org.ONLY)[0]


class Org(models.Model):
    """The org we talk to, and whether the conversation pauses: shared by all workers.

    While `retry_at` lies ahead (by the database's clock) nobody calls; then one worker probes.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    org_id = models.CharField(_("org id"), max_length=18, blank=True)
    # Where the last sign-in led, as whom, and when all was last made sure of.
    instance_url = models.TextField(_("address"), blank=True)
    user_id = models.CharField(_("user id"), max_length=18, blank=True)
    signed_in_at = models.DateTimeField(_("signed in"), null=True, blank=True)
    # Since the last trouble or pause ended; before the first one, since the org was pinned.
    flows_since = models.DateTimeField(_("flows since"), null=True, blank=True)
    trouble_code = models.CharField(_("code"), max_length=80, blank=True)
    trouble_reason = models.TextField(_("reason"), blank=True)
    trouble_next_step = models.TextField(_("next step"), blank=True)
    trouble_since = models.DateTimeField(_("since"), null=True, blank=True)
    troubles = models.PositiveIntegerField(_("troubles in a row"), default=0)
    retry_at = models.DateTimeField(_("next try"), null=True, blank=True)

    # A person's own pause, and how fast it ends: so many callbacks a minute until all are out.
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("paused by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    pause_reason = models.TextField(_("reason for pausing"), blank=True)
    drip_per_minute = models.PositiveIntegerField(_("callbacks a minute"), null=True, blank=True)
    drip_since = models.DateTimeField(_("drips since"), null=True, blank=True)
    drip_sent = models.PositiveIntegerField(_("sent since"), default=0)

    # How far the way back has come: the newest change that we know of by object, by the org's clock.
    pulled_until = models.JSONField(_("Cases known until"), default=dict, blank=True)
    pulled_at = models.DateTimeField(_("Cases asked for"), null=True, blank=True)
    # What was synced before a person confirmed another org is not expected in this one.
    confirmed_at = models.DateTimeField(_("org confirmed"), null=True, blank=True)

    # API calls of the whole org in a rolling 24 hours, as it said last.
    api_used = models.PositiveBigIntegerField(_("API calls used"), null=True, blank=True)
    api_maximum = models.PositiveBigIntegerField(_("API calls allowed"), null=True, blank=True)
    api_heard_at = models.DateTimeField(_("API calls heard of"), null=True, blank=True)

    objects = OrgQuerySet.as_manager()

    class Meta:
        verbose_name = _("Salesforce org")
        verbose_name_plural = _("Salesforce org")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_org")]
        permissions = [
            ("steer_conversation", gettext_noop("Can pause and resume the conversation")),
            ("settle_org", gettext_noop("Can try an org in trouble again, or confirm another")),
        ]

    def __str__(self) -> str:
        return self.org_id or "Salesforce"

    @classmethod
    def may_probe(cls) -> bool:
        """True to the one worker that may ask, once the pause is over."""
        due = cls.objects.filter(retry_at__lte=Now())
        return bool(due.update(retry_at=_from_now(PROBE_SECONDS)))

    @classmethod
    def note_trouble(cls, code: str, meaning: Meaning, *, retry_in: float) -> None:
        """Pause the conversation for so many seconds. The first trouble in a row says since when.

        In one statement: another worker may say in between that all is well.
        """
        now = Value(timezone.now(), models.DateTimeField())
        changes: dict[str, Any] = {
            "trouble_code": code,
            "trouble_reason": meaning.reason,
            "trouble_next_step": meaning.next_step,
            "trouble_since": Coalesce("trouble_since", now),
            "troubles": F("troubles") + 1,
            "retry_at": _from_now(retry_in),
        }
        cls.objects.update(**changes)

    @classmethod
    def note_well(cls) -> bool:
        """The org answered. Returns whether that ended a trouble."""
        return bool(
            cls.objects.exclude(trouble_since=None, retry_at=None).update(
                trouble_code="",
                trouble_reason="",
                trouble_next_step="",
                trouble_since=None,
                troubles=0,
                retry_at=None,
                flows_since=timezone.now(),
            )
        )

    @classmethod
    def pause(cls, *, by: "AbstractBaseUser | None", reason: str) -> bool:
        """Nothing leaves any more until somebody resumes. By nobody: by whoever has the console.

        False if it was paused already: the first reason stands.
        """
        cls.objects.current()
        pause = {"paused_at": timezone.now(), "paused_by": by, "pause_reason": reason}
        return bool(cls.objects.filter(paused_at=None).update(**pause, **_NO_DRIP))

    @classmethod
    def resume(cls, *, per_minute: int | None = None) -> bool:
        """Go on, at once or at a rate. False if it went on already, and at no rate."""
        cls.objects.current()
        drip = {"drip_per_minute": per_minute, "drip_since": Now()} if per_minute else {}
        slow = cls.objects.all() if drip else cls.objects.exclude(paused_at=None, drip_since=None)
        pause = {"paused_at": None, "paused_by": None, "pause_reason": ""}
        return bool(slow.update(flows_since=timezone.now(), **pause, **(_NO_DRIP | drip)))

    @classmethod
    def draw(cls, most: int) -> int:
        """How many callbacks the drip gives now. 0 also if another worker was quicker.

        What nobody drew within a minute is forfeited, so that no flood follows a standstill.
        """
        elapsed = ExpressionWrapper(Now() - F("drip_since"), models.DurationField())
        row = cls.objects.exclude(drip_per_minute=None).values_list(
            "drip_per_minute", "drip_sent", elapsed
        )
        for rate, sent, passed in row:
            earned = int(rate * passed.total_seconds() / 60)
            used = max(sent, earned - rate)
            drawn = min(most, earned - used)
            won = cls.objects.filter(drip_per_minute=rate, drip_sent=sent)
            return drawn if drawn > 0 and won.update(drip_sent=used + drawn) else 0
        return 0

    @classmethod
    def put_back(cls, unused: int) -> None:
        """Less was due than the drip gave."""
        if unused:
            cls.objects.filter(drip_sent__gte=unused).update(drip_sent=F("drip_sent") - unused)

    @classmethod
    def end_drip(cls) -> bool:
        """Nothing is due any more: from now on everything goes at once."""
        dripping = cls.objects.exclude(drip_per_minute=None)
        return bool(dripping.update(flows_since=timezone.now(), **_NO_DRIP))

    @classmethod
    def note_usage(cls, *, used: int, maximum: int) -> None:
        cls.objects.update(api_used=used, api_maximum=maximum, api_heard_at=Now())

    @classmethod
    def retry_now(cls) -> None:
        """Let the next worker ask, whatever the pause says."""
        cls.objects.exclude(retry_at=None).update(retry_at=Now())

    @classmethod
    def forget_pinned(cls) -> None:
        """A person confirmed that another org is meant: the next one that signs us in is ours."""
        cls.objects.update(org_id="", pulled_until={}, confirmed_at=timezone.now())
        cls.retry_now()

    @classmethod
    def note_pulled(cls, name: str, until: datetime) -> None:
        """All changes of an object are known until then. If two do this at once, one asks again."""
        known = cls.objects.current().pulled_until
        cls.objects.update(pulled_until=known | {name: until.isoformat()}, pulled_at=timezone.now())

    @classmethod
    def pin(cls, org_id: str) -> bool:
        """Remember the first org that signed us in; False if it was another one."""
        cls.objects.current()
        cls.objects.filter(org_id="").update(org_id=org_id, flows_since=timezone.now())
        return cls.objects.filter(org_id=org_id).exists()

    @classmethod
    def note_sign_in(cls, *, user_id: str, instance_url: str) -> None:
        at = timezone.now()
        cls.objects.update(user_id=user_id, instance_url=instance_url, signed_in_at=at)


def _from_now(seconds: float) -> RawSQL:
    """A time ahead by the database's clock, because workers' clocks differ."""
    return RawSQL(dialect(DEFAULT_DB_ALIAS).in_seconds("%s"), [seconds], models.DateTimeField())  # noqa: S611 - constant SQL
