"""What the log keeps of a deed in names and codes, in the words of whoever reads it."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callbacks.admin.exchange import KINDS, SINGULAR, column_heading
from callbacks.admin.looks import looked_at
from callbacks.admin.wording import translated
from callbacks.configuration.planning import ADDED
from callbacks.models import StaffAction
from callbacks.models.replay import State

Verb = StaffAction.Verb
Words = Mapping[str, Promise | str]

NONE = "\N{EN DASH}"
# By verb: what somebody typed in by another verb may read like a code and is none.
_names: dict[str, dict[str, Promise | str]] = {
    Verb.REPLAYED: {"callbacks": _("Callbacks")},
    Verb.RIGHTS: {"role": _("Role"), "superuser": _("Superuser"), "active": _("Active")},
    Verb.ACCOUNT: {
        "user name": _("user name"),
        "name": _("name"),
        "e-mail": _("E-mail"),
        "language": _("language"),
        "time zone": _("time zone"),
    },
    Verb.GROUP: {"name": _("name")},
    Verb.SWITCHED_JOB: {"enabled": _("enabled")},
}
_values: dict[str, dict[str, Promise | str]] = {
    Verb.STEERED_REPLAY: {each.value: each.label for each in State},
    Verb.RIGHTS: {"yes": _("Yes")},
    Verb.GROUP: {"yes": _("Yes")},
    Verb.SWITCHED_JOB: {"yes": _("Yes"), "no": _("No")},
    Verb.ALERTED: {"yes": _("Yes")},
    Verb.IMPORTED: {ADDED: _("new"), "True": _("Yes"), "False": _("No")},
}


# What their names tell of is stored in English, and so are the rights of a role.
_STORED = (Verb.GROUP, Verb.SWITCHED_JOB)


def know(verb: Verb, *, names: Words | None = None, values: Words | None = None) -> None:
    """The words for what a deed of another app keeps."""
    _names.setdefault(verb, {}).update(names or {})
    _values.setdefault(verb, {}).update(values or {})


def changes(action: StaffAction) -> Iterator[str]:
    """Name and values; what was counted has none before."""
    for name, values in action.changes.items():
        yield f"{_name(action.verb, name)}: {change(action.verb, *values)}"


def change(verb: str, before: Any, after: Any) -> str:
    if before is None and after is not None:
        return _value(verb, after)
    return f"{_value(verb, before)} → {_value(verb, after)}"


def reason(action: StaffAction) -> str:
    if action.verb == Verb.LOOKED:
        return looked_at(action.reason)
    return translated(action.reason) if action.verb == Verb.REPLAYED else action.reason


def _name(verb: str, name: str) -> str:
    if verb == Verb.IMPORTED:
        return _imported(name)
    if verb == Verb.STEERED_REPLAY and name.startswith("#"):
        return gettext("Replay %(number)s") % {"number": name[1:]}
    if verb == Verb.MENDED and _is_key(name):
        return gettext("Callback %(key)s") % {"key": name[:8]}
    about, separator, last = name.rpartition(", ")
    if verb in _STORED:
        about, known = translated(about), translated(last)
    else:
        known = last
    return f"{about}{separator}{_names.get(verb, {}).get(last, known)}"


def _imported(name: str) -> str:
    """Of a record, or of a column of one: service number 498946134180: name."""
    for kind, part in KINDS.items():
        if name.startswith(f"{kind} "):
            title, separator, column = name.removeprefix(kind).rpartition(": ")
            told = f"{title}: {column_heading(part, column)}" if separator else column
            return f"{SINGULAR[part]} {told.strip()}"
    return name


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _value(verb: str, value: Any) -> str:
    if value in (None, ""):
        return NONE
    known, text = _values.get(verb, {}), str(value)
    if verb == Verb.RIGHTS and text not in known:  # roles
        return ", ".join(gettext(name) for name in text.split(", "))
    return str(known.get(text, text))
