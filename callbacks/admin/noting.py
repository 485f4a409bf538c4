"""What somebody changed of something that keeps no history of its own, for the log."""

from collections.abc import Mapping

from django.http import HttpRequest

from callbacks.admin.actions import person
from callbacks.models import StaffAction

Facts = Mapping[str, str]


def note_changes(request: HttpRequest, verb: str, of: str, before: Facts, after: Facts) -> None:
    """What it is called goes with each fact: it may not last. Nothing where nothing changed."""
    changes = {
        f"{of}, {name}": [before.get(name, ""), after.get(name, "")]
        for name in {**before, **after}
        if before.get(name, "") != after.get(name, "")
    }
    if changes:
        StaffAction.objects.note(verb, by=person(request), changes=changes)
