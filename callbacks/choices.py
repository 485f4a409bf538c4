"""What a route may name, as far as anybody knows: fields, owners, record types, variables.

The case store knows none of it; whoever does answers the signal `choices_asked`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from callbacks.signals import choices_asked


@dataclass(frozen=True)
class Choice:
    """`value` is what is stored; `values` are what the field's own list holds."""

    value: str
    label: str = ""
    note: str = ""
    group: str = ""
    values: Sequence[str] = ()


@dataclass(frozen=True)
class Choices:
    """Empty where nothing is known: then anything may be typed.

    `known_at` is when the fields were last told; `is_away` if they could not be told again now.
    """

    targets: Sequence[Choice] = ()
    fields: Sequence[Choice] = ()
    key_fields: Sequence[Choice] = ()
    record_types: Sequence[Choice] = ()
    owners: Sequence[Choice] = ()
    variables: Sequence[Choice] = field(default=())
    known_at: datetime | None = None
    is_away: bool = False


def choices(target: str, action: str, *, again: bool = False) -> Choices:
    """For a route that makes or changes such a record; `again` asks whoever knows to look anew."""
    told: list[tuple[Any, Any]] = choices_asked.send(
        sender=None, target=target, action=action, again=again
    )
    return next((found for _receiver, found in told if isinstance(found, Choices)), Choices())
