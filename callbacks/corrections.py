"""What a person corrects of a refused callback: fields of the record that is sent, never its facts.

What the record is made of only the other side knows; it is asked for by signals, so that without it
nothing can be corrected and everything else works.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone

from callbacks.models import Callback, Correction, FunctionRoute, StaffAction, SyncAttempt
from callbacks.signals import callback_accepted, corrections_checked, record_asked

if TYPE_CHECKING:
    from django.contrib.auth.models import User

T = TypeVar("T")
Verb = StaffAction.Verb


@dataclass(frozen=True)
class Part:
    """A field of the record. `original` is what the route makes of it, `value` what counts now.

    `length` counts characters as the other side does, 0 if there is no limit; `is_named` are those
    that the refusal names.
    """

    name: str
    label: str
    original: str
    value: str
    length: int = 0
    choices: tuple[str, ...] = ()
    is_long: bool = False
    is_named: bool = False


@dataclass(frozen=True)
class Record:
    """What would be sent. With a `problem` there is nothing to correct: its cure is elsewhere."""

    parts: tuple[Part, ...] = ()
    route: FunctionRoute | None = None
    problem: str = ""


def can_be_made() -> bool:
    return record_asked.has_listeners()


def record_of(callback: Callback) -> Record:
    return _answer(record_asked, Record(), callback=callback)


def misfits(callback: Callback, values: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with them, by field."""
    return _answer(
        corrections_checked, cast("Mapping[str, str]", {}), callback=callback, values=values
    )


def length_of(text: str) -> int:
    """In UTF-16 units, the most that the other side can be counting."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def correct(
    callback: Callback, changes: Mapping[str, tuple[str, str]], *, by: "User", resend: bool
) -> bool:
    """Put the second of each pair into its field. False if somebody acted since it was read."""
    with transaction.atomic():
        this = Callback.objects.failed().filter(pk=callback.pk, lease_no=callback.lease_no)
        won = this.requeue() if resend else this.update(lease_no=F("lease_no") + 1)
        if not won:
            return False
        _write(callback.pk, changes, by=by)
        written = {name: list(pair) for name, pair in changes.items()}
        note = StaffAction.objects.note
        note(Verb.CORRECTED, by=by, callbacks=[callback.pk], changes=written)
        if resend:
            note(Verb.REQUEUED, by=by, callbacks=[callback.pk])
            transaction.on_commit(partial(callback_accepted.send, sender=Callback))
    return True


def _write(key: UUID, changes: Mapping[str, tuple[str, str]], *, by: "User") -> None:
    refused = SyncAttempt.objects.filter(callback=key, outcome=SyncAttempt.Outcome.FAILED)
    answers, now = refused.first(), timezone.now()
    name = by.get_full_name() or by.get_username()
    Correction.objects.bulk_create(
        Correction(
            callback_id=key,
            field=field,
            value=value,
            at=now,
            person=by,
            person_name=name,
            answers=answers,
        )
        for field, (_before, value) in changes.items()
    )


def _answer(signal: Signal, otherwise: T, **named: object) -> T:
    answers = (answer for _receiver, answer in signal.send(sender=None, **named))
    return next((cast("T", answer) for answer in answers if answer is not None), otherwise)
