"""Ask the org while a caller waits: within a budget, or an honest word at once. Never silence.

What was found out is kept for a moment; what was not is asked again. Whoever waits for the org has
one of few places and no database connection, so that callbacks are taken meanwhile.
"""

from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import TypeVar

import structlog
from django.db import DatabaseError, connection

from crm.bulkhead import live_calls
from crm.client import SalesforceClient, get_client
from crm.errors import CrmError, CrmMisconfigured, CrmRejected, CrmUnavailable
from crm.passthrough.org_state import OrgState, org_state
from crm.recent import Recent
from crm.sign_in import sign_in
from crm.transport import left

log = structlog.get_logger()
T = TypeVar("T")

KEPT_SECONDS = 30.0
MOST_KEPT = 10_000
TOO_LATE = "Salesforce did not answer in time."
AWAY = "Salesforce cannot be asked just now."
BUSY = "Too many callers wait for Salesforce just now."
REFUSED = "Salesforce refused the question; staff has to look at it."

recent = Recent(seconds=KEPT_SECONDS, most=MOST_KEPT)


class NoAnswer(Exception):  # noqa: N818 - says what is so
    """Nothing was found out. `code` and `sentence` are for the ACD."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


def ask(key: Hashable, question: Callable[[SalesforceClient, float], T], *, ends: float) -> T:
    """What the org says to the question, or said a moment ago to the same key.

    The question is given the seconds that are left; `ends` is on the monotonic clock. Raises
    NoAnswer.
    """
    org = org_state.get()
    if (known := recent.get((org.org_id, key))) is not None:
        found: T = known
        return found
    if org.wait:
        raise NoAnswer("salesforce_away", AWAY)
    found = _asked(question, org, ends)
    recent.keep((org.org_id, key), found)
    return found


def _asked(question: Callable[[SalesforceClient, float], T], org: OrgState, ends: float) -> T:
    was_connected = connection.connection is not None
    with live_calls.place() as got:
        if not got:
            raise NoAnswer("too_busy", BUSY)
        try:
            client = _signed_in(org, ends)
            return question(client, left(ends))
        except CrmError as error:
            log.warning("not looked up", error=str(error))
            raise _without_answer(error) from None
        finally:
            if was_connected:
                reconnect()


def _signed_in(org: OrgState, ends: float) -> SalesforceClient:
    client = get_client()
    sign_in.assure(client, seconds=left(ends))
    org_id = client.identity(deadline=left(ends)).org_id
    if org.org_id not in {"", org_id}:
        raise CrmMisconfigured("ANOTHER_ORG", f"signed in to {org_id}")
    return client


def _without_answer(error: CrmError) -> NoAnswer:
    if isinstance(error, CrmRejected) or error.code == "INVALID_FIELD":
        return NoAnswer("refused", REFUSED)
    if isinstance(error, CrmUnavailable) and error.code == "NO_ANSWER":
        return NoAnswer("too_late", TOO_LATE)
    return NoAnswer("salesforce_away", AWAY)


def reconnect() -> None:
    """Whoever waited pays for it, not the next callback that this thread takes."""
    with suppress(DatabaseError):
        connection.ensure_connection()
