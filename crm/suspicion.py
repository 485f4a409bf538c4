"""Whether what rows were refused for is the whole org's trouble: suspected, then confirmed."""

import time
from collections.abc import Mapping

from crm.canary import look
from crm.client import SalesforceClient
from crm.errors import CrmError, from_response
from crm.exchange import Found, Missing, Refused, Result, Unknown
from crm.outcomes import OF_ROUTES, is_suspicious

# By their nature these speak of the org as a whole: two rows that say so are enough.
OF_ALL = frozenset(
    {"STORAGE_LIMIT_EXCEEDED", "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"}
)
CLEARED_SECONDS = 60.0  # a route's mistake costs one look a minute, not one a batch


def suspect_in(results: Mapping[str, Result]) -> Refused | Unknown | None:
    """What may speak of the whole org: a read-back that failed, or a refusal."""
    passed = any_passed(results)
    for result in results.values():
        if isinstance(result, Unknown):
            return result
        if isinstance(result, Refused) and is_suspicious(result):
            if passed and result.code in OF_ROUTES:
                continue  # the others have what this one lacks
            return result
    return None


def any_passed(results: Mapping[str, Result]) -> bool:
    return any(isinstance(result, Found | Missing) for result in results.values())


class Suspicions:
    """What a process heard lately. What a race of its threads loses is heard again."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._code = ""
        self._witnesses: frozenset[str] = frozenset()
        self._cleared_at = float("-inf")

    def trouble(
        self, client: SalesforceClient, results: Mapping[str, Result], *, known: str = ""
    ) -> CrmError | None:
        """What is wrong with the org itself, if that is why rows were refused. At most one call.

        `known` is the code of a trouble that may be over: the same again says that it is not.
        """
        suspect = suspect_in(results)
        if suspect is None or any_passed(results):
            self._witnesses = frozenset()
        if suspect is None:
            return None
        if suspect.code == known or self._agree(suspect.code, results):
            return from_response(400, {"errorCode": suspect.code, "message": suspect.message})
        if suspect.code in OF_ROUTES and time.monotonic() - self._cleared_at < CLEARED_SECONDS:
            return None
        try:
            look(client)
        except CrmError as error:
            return error
        self._cleared_at = time.monotonic()
        return None

    def _agree(self, code: str, results: Mapping[str, Result]) -> bool:
        """Whether by now two different rows were refused alike, and none passed in between."""
        if code not in OF_ALL or any_passed(results):
            return False
        known = self._witnesses if code == self._code else frozenset()
        refused = {key for key, r in results.items() if isinstance(r, Refused) and r.code == code}
        self._code, self._witnesses = code, known | refused
        return len(self._witnesses) > 1


suspicions = Suspicions()
