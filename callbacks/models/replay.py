from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connections, models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from callbacks.models.callback import Callback, Status
from callbacks.models.queue import CallbackQuerySet


class State(models.TextChoices):
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")  # by its trial
    CANCELLED = "cancelled", _("Cancelled")
    DONE = "done", _("Done")


OPEN = (State.RUNNING, State.PAUSED, State.STOPPED)
SKIPPED = "skipped"  # the outcome of an item whose callback somebody else had dealt with
ARRIVED = (Status.SYNCED, Status.MERGED)


class ReplayQuerySet(models.QuerySet["Replay"]):
    def running(self) -> "ReplayQuerySet":
        return self.filter(state=State.RUNNING)

    def open(self) -> "ReplayQuerySet":
        """Those of which something is still to be sent, now or when a person says so."""
        return self.filter(state__in=OPEN)

    def claim(self, key: int, *, seconds: float) -> bool:
        """True to the one who takes the next step of it; nobody else does so soon after.

        Inside a transaction the row stays locked, also for who pauses or cancels it.
        """
        due = self.running().filter(pk=key, due_at__lte=Now())
        return bool(due.update(due_at=Now() + timedelta(seconds=seconds)))

    def pause(self) -> int:
        return self.running().update(state=State.PAUSED)

    def go_on(self) -> int:
        """After a pause as before; after a failed trial with another one."""
        stopped = self.filter(state=State.STOPPED).update(
            state=State.RUNNING, trial_since=Now(), stop_reason="", due_at=Now()
        )
        paused = self.filter(state=State.PAUSED).update(state=State.RUNNING, due_at=Now())
        return stopped + paused

    def cancel(self) -> int:
        """What was not sent stays failed."""
        return self.open().update(state=State.CANCELLED, ended_at=Now())

    def stop(self, reason: str) -> int:
        return self.running().update(state=State.STOPPED, stop_reason=reason)

    def finish(self) -> int:
        return self.running().update(state=State.DONE, ended_at=Now(), trial_since=None)


class Replay(models.Model):
    """Failed callbacks that are sent again together: a fixed set, at a rate, watched by all."""

    State = State

    token = models.UUIDField(unique=True, editable=False)  # of the form: one click, one replay
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.RUNNING
    )
    per_minute = models.PositiveIntegerField(_("callbacks a minute"), null=True)  # NULL: no limit
    trial_since = models.DateTimeField(null=True)  # NULL: nothing is on trial
    stop_reason = models.TextField(_("why it stopped"), blank=True)
    due_at = models.DateTimeField(db_default=Now())  # the next step

    size = models.PositiveIntegerField(_("callbacks"), default=0)

    # What was chosen: the failures of one signature, what came since a time, or a selection.
    signature = models.CharField(_("signature"), max_length=160, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    since = models.DateTimeField(_("received since"), null=True)

    started_at = models.DateTimeField(_("started"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    person_name = models.TextField(_("name"))  # outlives the account

    objects = ReplayQuerySet.as_manager()

    class Meta:
        verbose_name = _("replay")
        verbose_name_plural = _("replays")
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="replay_state_known")
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class ReplayItemQuerySet(models.QuerySet["ReplayItem"]):
    def unsent(self) -> "ReplayItemQuerySet":
        return self.filter(outcome="", sent_at=None)

    def under_way(self) -> "ReplayItemQuerySet":
        return self.filter(outcome="", sent_at__isnull=False)

    def fill(self, replay: Replay, callbacks: CallbackQuerySet) -> int:
        """Make an item of each of the callbacks, in their order. One statement; returns how many."""
        chosen = callbacks.values_list(Value(replay.pk), "pk", Value(""))
        sql, parameters = chosen.query.get_compiler(self.db).as_sql()
        table = self.model._meta.db_table
        with connections[self.db].cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (replay_id, callback_id, outcome) {sql}", parameters
            )
            return int(cursor.rowcount)

    def settle(self) -> int:
        """Note what became of those that were sent. What is pending is still under way."""
        became = Callback.objects.filter(pk=OuterRef("callback_id")).values("status")
        settled = self.under_way().exclude(callback__status=Status.PENDING)
        return settled.update(outcome=Subquery(became[:1]))


class ReplayItem(models.Model):
    """One callback of a replay. `outcome` is the state in which it was settled, or SKIPPED."""

    replay = models.ForeignKey(
        Replay, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    callback = models.ForeignKey(
        "callbacks.Callback", on_delete=models.CASCADE, related_name="replays"
    )
    sent_at = models.DateTimeField(_("sent"), null=True)
    outcome = models.CharField(_("outcome"), max_length=10, blank=True)

    objects = ReplayItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item of a replay")
        verbose_name_plural = _("items of replays")
        constraints = [
            models.UniqueConstraint(fields=["replay", "callback"], name="once_in_a_replay")
        ]
        indexes = [
            models.Index(
                fields=["replay", "id"],
                condition=Q(outcome="", sent_at=None),
                name="replay_unsent",
            ),
            models.Index(
                fields=["replay"],
                condition=Q(outcome="", sent_at__isnull=False),
                name="replay_under_way",
            ),
            models.Index(fields=["replay", "sent_at"], name="replay_sent"),
        ]

    def __str__(self) -> str:
        return self.outcome or "open"


def outside_replays(callbacks: CallbackQuerySet) -> CallbackQuerySet:
    """Without those that a replay is about to send by itself."""
    waiting: Any = ReplayItem.objects.unsent().filter(
        callback=OuterRef("pk"), replay__state__in=[State.RUNNING, State.PAUSED]
    )
    return callbacks.filter(~Exists(waiting))
