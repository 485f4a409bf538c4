"""A callback as it is sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
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
class Draft:
    """A callback as it is sent, key included."""

    callback: Callback
    target: Target
    fields: Mapping[str, Any]
    caller: Caller = NOBODY

    @property
    def key(self) -> str:
        return str(self.callback.id)
