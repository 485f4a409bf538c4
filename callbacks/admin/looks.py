"""Whose personal data somebody looked at: written down once an hour for each callback."""

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from django.utils import timezone

from callbacks.models import Callback, StaffAction

if TYPE_CHECKING:
    from django.contrib.auth.models import User

ONCE_IN = timedelta(hours=1)
LOOKED = StaffAction.Verb.LOOKED


def note_look(request: HttpRequest, callback: Callback) -> None:
    person = cast("User", request.user)  # the admin lets nobody else in
    lately = StaffAction.objects.filter(
        person=person, callback=callback, verb=LOOKED, at__gt=timezone.now() - ONCE_IN
    )
    if not lately.exists():
        StaffAction.objects.note(LOOKED, by=person, callbacks=[callback.pk])
