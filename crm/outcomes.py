"""What a result means for its row. Pure; chance is handed in.

`failures` counts only what is the row's own fault, and `isolation` says how many travel together
next time. A row in doubt, alone again and again, is the culprit and needs a person.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from callbacks.models import MAX_ISOLATION, Callback
from callbacks.models.queue import Failed, PutOff, Synced
from crm import backoff
from crm.draft import Draft
from crm.errors import Meaning, Trouble, meaning_of
from crm.exchange import Found, InBadCompany, Missing, Refused, Result, Unknown

Chance = Callable[[], float]
Outcome = Synced | PutOff | Failed

MAX_FAILURES = 10  # with full jitter and a cap of ten minutes: about an hour
SOON_SECONDS = 2.0
SLOW_FAILURES = 5  # unknown codes and invisible Cases start their waits here


@dataclass(frozen=True)
class Told:
    """An outcome and the org's words for it, as the attempt records them."""

    outcome: Outcome
    code: str = ""
    detail: str = ""


class Judge:
    """Turns the results of one batch into outcomes."""

    def __init__(self, *, isolation: int, chance: Chance) -> None:
        self._isolation = isolation
        self._chance = chance
        self.record_url: Callable[[str], str] = str
        self.org_is_well = True

    def told(self, draft: Draft, result: Result) -> Told:
        callback = draft.callback
        match result:
            case Found() as found:
                return Told(self._synced(draft, found))
            case InBadCompany(code, message):
                return self.in_doubt(callback, code, message)
            case Missing("") as missing:
                return self._slowly(callback, "INVISIBLE_CASE", str(missing))
            case Missing(case_id):
                return Told(self._synced(draft, Found(case_id, "", "")), "INVISIBLE_CASE")
            case Unknown(code, message):
                return Told(self.put_off(callback, self._chance() * SOON_SECONDS), code, message)
            case Refused(code, message):
                return self._refused(callback, code, message)

    def _refused(self, callback: Callback, code: str, message: str) -> Told:
        meaning = meaning_of(code, message)
        match meaning.trouble:
            case Trouble.ROW_NEEDS_PERSON:
                return Told(failed(callback, code, message, meaning), code, message)
            case Trouble.ROW_PASSES:
                return self._later(callback, code, message)
            case Trouble.ORG if self.org_is_well:
                return self._slowly(callback, code, message)  # others passed in the same call
            case Trouble.ORG:
                return Told(self.put_off(callback, self._chance() * SOON_SECONDS), code, message)
            case Trouble.UNKNOWN:
                return self._slowly(callback, code, message)

    def in_doubt(self, callback: Callback, code: str, message: str) -> Told:
        """The call failed although the org is well: perhaps one of the batch is to blame."""
        if self._isolation == MAX_ISOLATION:
            return self._later(callback, code, message)
        delay = self._chance() * SOON_SECONDS
        return Told(self.put_off(callback, delay, deeper=True), code, message)

    def put_off(
        self, callback: Callback, delay: float, *, failures: int = 0, deeper: bool = False
    ) -> PutOff:
        return PutOff(
            id=callback.id,
            lease_no=callback.lease_no,
            delay_seconds=delay,
            failures=failures,
            isolation=min(self._isolation + 1, MAX_ISOLATION) if deeper else self._isolation,
        )

    def _later(self, callback: Callback, code: str, message: str, *, head_start: int = 0) -> Told:
        """Again, alone sooner or later; what never passes ends with a person."""
        if callback.failures + 1 >= MAX_FAILURES:
            return Told(failed(callback, code, message, meaning_of(code, message)), code, message)
        delay = backoff.full_jitter(callback.failures + head_start, self._chance())
        return Told(self.put_off(callback, delay, failures=1, deeper=True), code, message)

    def _slowly(self, callback: Callback, code: str, message: str) -> Told:
        return self._later(callback, code, message, head_start=SLOW_FAILURES)

    def _synced(self, draft: Draft, found: Found) -> Synced:
        return Synced(
            id=draft.callback.id,
            lease_no=draft.callback.lease_no,
            case_object=draft.target.sobject,
            case_id=found.case_id,
            case_number=found.case_number,
            case_status=found.case_status,
            case_url=self.record_url(found.case_id),
            caller=draft.caller,
        )


def failed(callback: Callback, code: str, detail: str, meaning: Meaning) -> Failed:
    return Failed(
        id=callback.id,
        lease_no=callback.lease_no,
        trouble=meaning.trouble,
        code=code,
        signature=code,
        reason=meaning.reason,
        next_step=meaning.next_step,
        detail=detail,
    )


def org_trouble(results: Iterable[Result]) -> Refused | Unknown | None:
    """What speaks of the whole org: a read-back that failed, or a refusal if no row passed."""
    refusals = []
    for result in results:
        if isinstance(result, Unknown):
            return result
        if isinstance(result, Found | Missing):
            return None
        if (
            isinstance(result, Refused)
            and meaning_of(result.code, result.message).trouble is Trouble.ORG
        ):
            refusals.append(result)
    return refusals[0] if refusals else None
