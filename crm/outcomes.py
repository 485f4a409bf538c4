"""What a result means for its row. Pure; chance is handed in.

`failures` counts only what is the row's own fault, and `isolation` says how many travel together
next time. A row in doubt, alone again and again, is the culprit and needs a person.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from callbacks.models import MAX_ISOLATION, Callback
from callbacks.models.queue import Failed, PutOff, Synced
from crm import backoff
from crm.draft import Draft
from crm.errors import Meaning, Trouble, meaning_of
from crm.exchange import (
    STATUS_LENGTH,
    Found,
    InBadCompany,
    MayCome,
    Missing,
    Refused,
    Result,
    Unknown,
)
from crm.signature import signature_of

Chance = Callable[[], float]
Outcome = Synced | PutOff | Failed

MAX_FAILURES = 10  # with full jitter and a cap of ten minutes: about an hour
SOON_SECONDS = 2.0
MAY_COME_SECONDS = 120.0  # the org takes ten minutes at most
SLOW_FAILURES = 5  # unknown codes and invisible Cases start their waits here
# Said of rows that were sent together with the one at fault.
# A route's mistake, unless a field that all Cases have, or our user's right, is gone.
OF_ROUTES = frozenset(
    {"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INSUFFICIENT_ACCESS_OR_READONLY"}
)
NOT_THE_CULPRIT = frozenset({"ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED"})


@dataclass(frozen=True)
class Told:
    """An outcome and the org's words for it, as the attempt records them."""

    outcome: Outcome
    code: str = ""
    detail: str = ""


class Judge:
    """Turns the results of one batch into outcomes.

    `org_is_well` is what a call without our rows found. While one callback is on trial for all,
    the next trial is another's, so that what one row alone causes pauses nobody for long.
    """

    def __init__(self, *, isolation: int, chance: Chance, on_trial: bool = False) -> None:
        self._isolation = isolation
        self._chance = chance
        self._on_trial = on_trial
        self.record_url: Callable[[str, str], str] = "{}".format  # of its id and object
        self.org_is_well = True

    def told(self, draft: Draft, result: Result) -> Told:
        callback = draft.callback
        match result:
            case Found() as found:
                return Told(self._synced(draft, found))
            case InBadCompany(code, message):
                return self.in_doubt(callback, code, message)
            case MayCome(code):  # nobody's fault, and nothing is learnt by asking often
                return Told(self.put_off(callback, MAY_COME_SECONDS), code)
            case Missing() as missing:
                return self._invisible(draft, missing)
            case Unknown(code, message):  # perhaps only too much for one query
                later = self.in_doubt if self.org_is_well else self.not_to_blame
                return later(callback, code, message)
            case Refused() as refused:
                return self._refused(draft, refused)

    def _invisible(self, draft: Draft, missing: Missing) -> Told:
        if not missing.case_id:
            return self._slowly(draft.callback, "INVISIBLE_CASE", str(missing))
        return Told(self._synced(draft, Found(missing.case_id, "", "")), "INVISIBLE_CASE")

    def _refused(self, draft: Draft, refused: Refused) -> Told:
        callback, code, message = draft.callback, refused.code, refused.message
        if not self.org_is_well and is_suspicious(refused):
            return self.not_to_blame(callback, code, message)
        if code in NOT_THE_CULPRIT:
            return self.in_doubt(callback, code, message)
        meaning = meaning_of(code, message)
        match meaning.trouble:
            case Trouble.ROW_NEEDS_PERSON:
                fields = refused.fields or _named(message, draft.fields)
                return Told(failed(callback, code, message, meaning, fields), code, message)
            case Trouble.ROW_PASSES:
                return self._later(callback, code, message)
            case Trouble.ORG | Trouble.UNKNOWN:
                return self._slowly(callback, code, message)

    def not_to_blame(self, callback: Callback, code: str, message: str) -> Told:
        """The org is in trouble: the row goes again when that is over, as if it never went."""
        delay = self._chance() * SOON_SECONDS
        return Told(self.put_off(callback, delay, deeper=self._on_trial), code, message)

    def in_doubt(self, callback: Callback, code: str, message: str) -> Told:
        """The call failed although the org is well: perhaps one of the batch is to blame."""
        if self._isolation == MAX_ISOLATION:
            return self._later(callback, code, message)
        delay = self._chance() * SOON_SECONDS
        return Told(self.put_off(callback, delay, deeper=True), code, message)

    def not_found_out(self, callback: Callback) -> Told:
        """The search that decides what becomes of it brought no answer."""
        return self._later(callback, "NO_ANSWER", "")

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
        sobject = (found.target or draft.target).sobject
        is_anothers = (draft.comment or draft.update) and not found.target
        return Synced(
            id=draft.callback.id,
            lease_no=draft.callback.lease_no,
            case_object=sobject,
            case_id=found.case_id,
            case_number=found.case_number,
            case_status=found.case_status[:STATUS_LENGTH],
            case_url=self.record_url(found.case_id, sobject),
            caller=draft.caller,
            case_gone=Callback.Gone.MERGED if is_anothers else found.gone,
        )


def failed(
    callback: Callback, code: str, detail: str, meaning: Meaning, fields: Collection[str] = ()
) -> Failed:
    """A person has to look. `detail` is what was said, `fields` are those concerned."""
    return Failed(
        id=callback.id,
        lease_no=callback.lease_no,
        trouble=meaning.trouble,
        code=code,
        signature=signature_of(code, detail, fields=fields, sent=_said_by_caller(callback)),
        reason=meaning.reason,
        next_step=meaning.next_step,
        detail=detail,
    )


def is_suspicious(refused: Refused) -> bool:
    """Whether it may speak of the whole org."""
    is_orgs = meaning_of(refused.code, refused.message).trouble is Trouble.ORG
    return is_orgs or refused.code in OF_ROUTES


def _named(message: str, fields: Collection[str]) -> set[str]:
    """Those of our fields that the org's words name, where it names none beside them."""
    return set(re.findall(r"\w+", message)).intersection(fields)


def _said_by_caller(callback: Callback) -> list[str]:
    texts = (callback.caller_text, callback.callback_text, *callback.payload.values())
    return [text for text in texts if isinstance(text, str)]
