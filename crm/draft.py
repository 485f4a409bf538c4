"""A callback as it is sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from callbacks.models import Callback
from callbacks.models.queue import NOBODY, Caller


@dataclass(frozen=True)
class Target:
    """What kind of record is made, which field holds our key, and by which people call it."""

    sobject: str
    key_field: str
    name_field: str = ""


@dataclass(frozen=True)
class Comment:
    """Where a callback goes that becomes a comment on a Case that is there.

    `was_sent`: it may be there already; `may_come`: the org may still be writing it.
    """

    case_id: str
    case_number: str = ""
    case_status: str = ""
    was_sent: bool = False
    may_come: bool = False


@dataclass(frozen=True)
class Update:
    """The Case that a callback changes, and how that stood before this first left for it.

    `was_sent`: the change may have been made already.
    """

    case_id: str
    stood: str = ""
    was_sent: bool = False


@dataclass(frozen=True)
class Draft:
    """A callback as it is sent, key included.

    With `comment` these are the comment's fields, with `update` those to be changed of a Case.
    """

    callback: Callback
    target: Target
    fields: Mapping[str, Any]
    caller: Caller = NOBODY
    comment: Comment | None = None
    update: Update | None = None
    before: tuple[Target, ...] = ()  # kinds of records that it may have become already

    @property
    def is_record(self) -> bool:
        return not self.comment and not self.update

    @cached_property
    def key(self) -> str:
        return str(self.callback.id)
