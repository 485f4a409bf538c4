"""What persons did to a callback, as events of its timeline."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext

from callbacks.admin import log_words
from callbacks.masking import personal
from callbacks.models import Callback, StaffAction

Verb = StaffAction.Verb


class Deed(NamedTuple):
    at: datetime
    icon: str
    text: str
    detail: str = ""


def deeds(callback: Callback) -> Iterator[Deed]:
    """In no order. Who looked at it is none of its history."""
    actions = list(callback.staff_actions.exclude(verb=Verb.LOOKED))
    for action in actions:
        yield _deed(action)
    for item in callback.replays.exclude(sent_at=None).select_related("replay"):
        text = gettext("%(name)s replayed it with others") % {"name": item.replay.person_name}
        if item.sent_at:
            yield Deed(item.sent_at, "replay", text)
    if callback.dismissed_at and not any(action.verb == Verb.DISMISSED for action in actions):
        yield _dismissal(callback, callback.dismissed_at)


def _dismissal(callback: Callback, at: datetime) -> Deed:
    """As the callback itself tells it: it may be from before deeds were written."""
    person = callback.dismissed_by
    words = {"name": person and (person.get_full_name() or person)}
    text = gettext("Dismissed by %(name)s") % words if person else gettext("Dismissed")
    return Deed(at, "block", text, personal(callback.dismiss_reason))


def _deed(action: StaffAction) -> Deed:
    looks = {
        Verb.REQUEUED: ("replay", gettext("%(name)s requeued it")),
        Verb.SENT_NOW: ("send", gettext("%(name)s sent it at once")),
        Verb.RELEASED: ("play_circle", gettext("%(name)s released it")),
        Verb.DISMISSED: ("block", gettext("Dismissed by %(name)s")),
        Verb.UNMERGED: ("call_split", gettext("%(name)s made it a callback of its own")),
        Verb.TESTED: ("science", gettext("%(name)s sent it as a test")),
        Verb.CORRECTED: ("edit", gettext("%(name)s corrected %(fields)s")),
    }
    verb = Verb(action.verb)
    icon, text = looks.get(verb, ("person", "%(name)s: %(deed)s"))
    words = {
        "name": action.person_name,
        "deed": str(verb.label),
        "fields": ", ".join(sorted(action.changes)) or gettext("a field"),
    }
    return Deed(action.at, icon, text % words, _detail(action))


def _detail(action: StaffAction) -> str:
    pairs = (action.changes[name] for name in sorted(action.changes))
    changes = (log_words.change(action.verb, *pair) for pair in pairs)
    return personal(" · ".join(filter(None, [*changes, log_words.reason(action)])))
