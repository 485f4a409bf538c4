"""A look at the org for somebody who waits at a form: short, seldom, and not while it is away."""

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from crm.client import SalesforceClient, get_client
from crm.errors import CrmError
from crm.models import Org
from crm.schema import UNKNOWN_OBJECT, Description, renewed, renewed_queues

LOOK_SECONDS = 5.0  # a person waits
REST_SECONDS = 10.0  # one form asks once, however many fields it has

T = TypeVar("T")

_looked_at: dict[str, tuple[float, bool]] = {}  # and whether it was answered


def look(sobject: str) -> Description | None:
    """As the org describes it now; None if it was asked just now, or cannot be asked.

    CrmError with a code of UNKNOWN_OBJECT if there is no such object for our user.
    """
    return _look(sobject, partial(renewed, sobject=sobject, deadline=LOOK_SECONDS))


def look_at_queues() -> None:
    """The queues are kept; whether they could be asked for, nobody needs to know."""
    _look("Group", partial(renewed_queues, deadline=LOOK_SECONDS))


def is_away(sobject: str) -> bool:
    """Whether the last look at it brought nothing."""
    return not _looked_at.get(sobject, (0.0, True))[1]


def forget() -> None:
    _looked_at.clear()


def _look(name: str, ask: Callable[[SalesforceClient], T]) -> T | None:
    now = time.monotonic()
    if now - _looked_at.get(name, (float("-inf"), True))[0] < REST_SECONDS:
        return None
    _looked_at[name] = now, False
    org = Org.objects.current()
    if org.retry_at or org.paused_at:
        return None
    try:
        found = ask(get_client())
    except CrmError as error:
        if error.code not in UNKNOWN_OBJECT:
            return None
        _looked_at[name] = now, True
        raise
    _looked_at[name] = now, True
    return found
