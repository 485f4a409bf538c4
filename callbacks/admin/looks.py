"""Whose personal data somebody looked at: written down once an hour for each callback."""

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import override

from callbacks.admin.wording import translated
from callbacks.models import Callback, StaffAction

if TYPE_CHECKING:
    from django.contrib.auth.models import User

ONCE_IN = timedelta(hours=1)
LOOKED = StaffAction.Verb.LOOKED


def note_look(request: HttpRequest, callback: Callback) -> None:
    _note(request, callback=callback)


def note_look_at(request: HttpRequest, record: Model) -> None:
    """Personal data that belongs to no callback; in English, for readers of any language."""
    with override("en"):
        what = f"{record._meta.verbose_name} {record.pk}"
    _note(request, reason=what)


def looked_at(what: str) -> str:
    """The same in the reader's language."""
    kind, _blank, number = what.rpartition(" ")
    return f"{translated(kind)} {number}".strip()


def _note(request: HttpRequest, *, callback: Callback | None = None, reason: str = "") -> None:
    person = cast("User", request.user)  # the admin lets nobody else in
    lately = StaffAction.objects.filter(
        person=person,
        callback=callback,
        reason=reason,
        verb=LOOKED,
        at__gt=timezone.now() - ONCE_IN,
    )
    if not lately.exists():
        keys = [callback.pk] if callback else []
        StaffAction.objects.note(LOOKED, by=person, callbacks=keys, reason=reason)
