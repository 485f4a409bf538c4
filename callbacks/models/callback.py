import uuid
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

from django.conf import settings
from django.db import models
from django.db.models.base import ModelState
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from callbacks.models.acd_client import AcdClient
from callbacks.models.queue import UNSERVED, WAITING, CallbackQuerySet


class Status(models.TextChoices):
    PENDING = "pending", _("Waiting")
    SYNCED = "synced", _("In Salesforce")
    HELD = "held", _("Held")
    FAILED = "failed", _("Failed")
    DISMISSED = "dismissed", _("Dismissed")
    MERGED = "merged", _("Merged")  # into an open callback of the same caller
    ANSWERED = "answered", _("Answered")  # in the call itself; there is nothing to send


class Gone(models.TextChoices):
    """What became of a record that was ours. It is never made again.

    MERGED also if there never was one of its own: the callback was added to another's.
    """

    NOT = "", _("there")
    DELETED = "deleted", _("deleted")
    MERGED = "merged", _("merged into another")


class TimeFlag(models.TextChoices):
    FINE = "", _("understood")
    AMBIGUOUS = "ambiguous", _("in the hour that clocks repeat in autumn")
    MISSING = "missing", _("in the hour that clocks skip in spring")
    UNREADABLE = "unreadable", _("not a time")


class Callback(models.Model):
    """A request as received, its facts never changing, and how far it has come.

    The row is the queue: `due_at` is due time, backoff and lease in one, by the database's clock.
    """

    Status: TypeAlias = Status
    TimeFlag: TypeAlias = TimeFlag
    Gone: TypeAlias = Gone

    class Kind(models.TextChoices):
        CALLBACK = "callback", _("Callback")
        VOICEMAIL = "voicemail", _("Voice mail")

    class Dialect(models.TextChoices):
        BASE = "base", _("Base dialect")
        ACD_EVENT = "acd_event", _("ACD-event dialect")

    id = models.UUIDField(_("key"), primary_key=True, default=uuid.uuid4, editable=False)

    # Facts
    client = models.ForeignKey(
        "callbacks.AcdClient",
        verbose_name=_("ACD client"),
        on_delete=models.PROTECT,
        related_name="callbacks",
        db_index=False,  # the idempotency constraint begins with it
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CALLBACK)
    dialect = models.CharField(_("dialect"), max_length=10, choices=Dialect.choices)
    received_at = models.DateTimeField(_("received"))
    caller_text = models.TextField(_("caller as sent"), blank=True)
    caller_number = models.CharField(_("caller"), max_length=20, blank=True)
    callback_text = models.TextField(_("callback number as sent"), blank=True)
    callback_number = models.CharField(_("callback number"), max_length=20, blank=True)
    service_number = models.TextField(_("service number"), blank=True)
    service_name = models.TextField(_("service"), blank=True)
    function = models.TextField(_("function"), blank=True)
    call_started_at = models.DateTimeField(_("call began"), null=True)
    call_ended_at = models.DateTimeField(_("call ended"), null=True)
    time_flag = models.CharField(
        _("call times"), max_length=10, choices=TimeFlag.choices, blank=True, default=""
    )
    payload = models.JSONField(_("fields as sent"), default=dict)
    raw_body = models.BinaryField(_("body as sent"), default=b"")
    raw_query = models.TextField(_("query string as sent"), blank=True)
    content_type = models.TextField(_("content type"), blank=True)

    # Repeats. NULL: the key was released, or there never was one.
    idempotency_key = models.TextField(null=True, editable=False)
    key_reused = models.BooleanField(
        _("key reused"),
        default=False,
        help_text=_("The same idempotency key came before with another caller or service number."),
    )
    repeats = models.PositiveIntegerField(_("repeats"), default=0, db_default=0)
    repeated_at = models.DateTimeField(_("last repeated"), null=True)
    repeat_differed = models.BooleanField(
        _("a repeat had other fields"), default=False, db_default=False
    )

    # The queue
    status = models.CharField(
        _("state"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    due_at = models.DateTimeField(_("due"), db_default=Now())
    lease_no = models.PositiveIntegerField(default=0, db_default=0)
    isolation = models.PositiveSmallIntegerField(default=0, db_default=0)
    failures = models.PositiveSmallIntegerField(_("failures"), default=0, db_default=0)

    # How it ended
    case_id = models.CharField(_("Case id"), max_length=18, blank=True, default="", db_default="")
    case_number = models.CharField(_("Case"), max_length=30, blank=True, default="", db_default="")
    case_status = models.CharField(
        _("Case status"), max_length=40, blank=True, default="", db_default=""
    )
    case_url = models.TextField(_("Case link"), blank=True, default="", db_default="")
    case_object = models.CharField(
        _("kind of record"), max_length=80, blank=True, default="", db_default=""
    )
    case_owner = models.TextField(_("Case owner"), blank=True, default="", db_default="")
    case_closed_at = models.DateTimeField(
        _("Case closed"), null=True, default=None, db_default=None
    )
    case_gone = models.CharField(
        _("Case gone"), max_length=10, choices=Gone.choices, blank=True, default="", db_default=""
    )
    synced_at = models.DateTimeField(_("synced"), null=True)

    # Who called, as Salesforce knows them. Several: nobody guesses, and candidates lists them.
    contact_id = models.CharField(
        _("contact id"), max_length=18, blank=True, default="", db_default=""
    )
    contact_name = models.TextField(_("contact"), blank=True, default="", db_default="")
    candidates = models.JSONField(
        _("candidates"),
        default=list,
        db_default=models.Value([], output_field=models.JSONField()),
    )

    # Why it failed
    failure_class = models.CharField(
        _("class"), max_length=20, blank=True, default="", db_default=""
    )
    failure_signature = models.CharField(
        _("signature"), max_length=160, blank=True, default="", db_default=""
    )
    failure_code = models.CharField(_("code"), max_length=80, blank=True, default="", db_default="")
    failure_reason = models.TextField(_("reason"), blank=True, default="", db_default="")
    failure_next_step = models.TextField(_("next step"), blank=True, default="", db_default="")
    failure_detail = models.TextField(
        _("Salesforce's words"), blank=True, default="", db_default=""
    )
    dismissed_at = models.DateTimeField(_("dismissed"), null=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("dismissed by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    dismiss_reason = models.TextField(
        _("reason for dismissing"), blank=True, default="", db_default=""
    )
    erased_at = models.DateTimeField(_("erased"), null=True)

    # The same caller again
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        on_delete=models.PROTECT,
        related_name="merged",
        db_index=False,  # few have one
    )
    asked_again = models.PositiveIntegerField(_("wishes merged into it"), default=0, db_default=0)

    objects = CallbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        permissions = [
            ("requeue_callback", "Can requeue callbacks"),
            ("dismiss_callback", "Can dismiss callbacks"),
            ("correct_callback", "Can correct what Salesforce refused"),
            ("see_personal_data", "Can see phone numbers and names"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind", "idempotency_key"], name="one_callback_per_key"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="synced") | ~models.Q(case_id=""),
                name="synced_has_a_case",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values), name="status_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["isolation", "due_at", "id"],
                condition=models.Q(status="pending"),
                name="callback_due",
            ),
            models.Index(
                fields=["status", "-received_at"],
                condition=~models.Q(status="synced"),
                name="callback_by_state",
            ),
            models.Index(fields=["service_number", "-received_at"], name="callback_by_service"),
            models.Index(
                Upper("function"), models.F("received_at").desc(), name="callback_by_function"
            ),
            models.Index(fields=["-received_at", "-id"], name="callback_newest"),
            models.Index(
                fields=["failure_signature"],
                condition=models.Q(status="failed"),
                name="callback_failure_group",
            ),
            models.Index(
                fields=["service_number", "received_at"],
                condition=UNSERVED,
                name="callback_unserved",
            ),
            models.Index(
                fields=["received_at", "id"],
                condition=UNSERVED,
                name="callback_unserved_longest",
            ),
            models.Index(
                fields=["case_id"],
                condition=models.Q(case_gone="merged"),
                name="callback_merged_there",
            ),
            models.Index(
                fields=["merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="callback_merged_into",
            ),
            models.Index(
                fields=["caller_number"],
                condition=models.Q(status="synced", case_closed_at=None),
                name="callback_open_case",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def arriving(cls, *, client: AcdClient, **facts: Any) -> "Callback":
        """A new callback, as `Callback(…)` makes it but without its loop over every field.

        On the request path that loop costs as much as all parsing.
        """
        callback = cls.__new__(cls)
        callback._state = ModelState()  # noqa: SLF001 - as Model.__init__ does
        callback._state.fields_cache["client"] = client  # noqa: SLF001 - as setting it does
        callback.__dict__.update(_defaults(cls), id=uuid.uuid4(), client_id=client.pk, **facts)
        return callback

    @classmethod
    def stored(cls, using: str, values: dict[str, Any]) -> "Callback":
        """One of the database, from values by column; what is not among them is deferred."""
        callback = cls.__new__(cls)
        callback._state = ModelState()  # noqa: SLF001 - as Model.from_db does
        callback._state.db, callback._state.adding = using, False  # noqa: SLF001 - the same
        callback.__dict__.update(values)
        return callback

    @property
    def number_to_dial(self) -> str:
        """E.164 without +, or "" if nobody can be called back."""
        return self.callback_number or self.caller_number

    @property
    def is_unserved(self) -> bool:
        """Whether somebody still waits: no closed Case, and nobody decided that none is needed."""
        waits = self.status in WAITING and self.case_closed_at is None
        return waits and self.case_gone != Gone.DELETED

    @property
    def asked_at(self) -> datetime:
        """When the caller pressed the key, as well as we know: the end of the call."""
        return self.call_ended_at or self.call_started_at or self.received_at


@cache
def _defaults(model: type[Callback]) -> dict[str, Any]:
    """What a new row has where nothing is said; none of it is mutable but the payload."""
    return {field.attname: field.get_default() for field in model._meta.concrete_fields}


class FailedSync(Callback):
    """A callback that Salesforce refused and a person has to look at."""

    class Meta:
        proxy = True
        verbose_name = _("failed sync")
        verbose_name_plural = _("failed syncs")
