"""Changes of Cases that are there: absolute values, so that writing them again changes nothing.

Read back in the same call. One change of a Case after the other, and of two the one asked for later
counts (`CaseUpdate`). A change whose answer was lost is looked for before it is sent again: what
the Case says already is done, and what somebody changed since then is left to a person, because
whose value is the newer one cannot be told. What remains: a call that we gave up on and that the
org commits up to ten minutes later, when somebody has changed the Case in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any
from urllib.parse import quote
from uuid import UUID

from callbacks.models.queue import PutOff
from crm import backoff
from crm.client import SalesforceClient, Subrequest, Subresponse
from crm.draft import Draft, Update
from crm.errors import from_response
from crm.exchange import (
    NUMBER_LENGTH,
    Found,
    Missing,
    Refused,
    Result,
    Unknown,
    rows_of,
)
from crm.models import CaseUpdate
from crm.outcomes import Told
from crm.places import STANDING, standing
from crm.soql import listed
from crm.transport import left
from crm.values import is_same
from crm.wire import well_formed

AHEAD = "CHANGE_AHEAD"
CHANGED_SINCE = "CASE_CHANGED_SINCE"
CASE_FIELDS = ("Id", "CaseNumber", "Status")


# --- whose turn it is


def in_order(drafts: Sequence[Draft]) -> tuple[list[Draft], list[Told]]:
    """What may be sent now, and changes that wait for another one of the same Case.

    Noted first and looked at then, so that of two workers at least one sees the other's.
    """
    updates = {
        draft.callback.id: (draft.update.case_id, draft.fields) for draft in drafts if draft.update
    }
    if not updates:
        return list(drafts), []
    CaseUpdate.note(updates)
    now, later = [], []
    for draft in sorted(drafts, key=_age):
        if draft.update and (told := _told_to_wait(draft, draft.update)):
            later.append(told)
        else:
            now.append(_without_what_a_younger_set(draft))
    return now, later


def _age(draft: Draft) -> tuple[Any, UUID]:
    return draft.callback.received_at, draft.callback.id


def _told_to_wait(draft: Draft, update: Update) -> Told | None:
    if update.was_sent:
        return None  # all others wait for it
    failures = CaseUpdate.failures_ahead(draft.callback, update.case_id)
    if failures is None and CaseUpdate.begin(draft.callback.id, update.case_id):
        return None
    return _later(draft, failures or 0)


def _later(draft: Draft, failures: int) -> Told:
    """About when the one ahead is tried again: each look costs calls."""
    callback = draft.callback
    isolation = max(callback.isolation - 1, 0)  # as it was before its lease
    delay = backoff.full_jitter(failures, 0.5)
    return Told(
        PutOff(callback.id, callback.lease_no, delay, failures=0, isolation=isolation), AHEAD
    )


def _without_what_a_younger_set(draft: Draft) -> Draft:
    if not draft.update:
        return draft
    taken = CaseUpdate.set_by_younger(draft.callback, draft.update.case_id)
    own = {name: value for name, value in draft.fields.items() if name not in taken}
    return replace(draft, fields=own)


# --- the call


def update_and_read_back(
    client: SalesforceClient, drafts: Sequence[Draft], *, generation: int, deadline: float
) -> dict[str, Result]:
    """What became of each, by key. What has no field left to set is only read."""
    ends = monotonic() + deadline
    results: dict[str, Result] = {}
    if sent := [draft for draft in drafts if draft.update and draft.update.was_sent]:
        results |= _as_they_stand(client, sent, generation=generation, deadline=left(ends))
    if rest := [draft for draft in drafts if draft.key not in results]:
        results |= _written(client, rest, generation=generation, deadline=left(ends))
    return results


def _as_they_stand(
    client: SalesforceClient, drafts: Sequence[Draft], *, generation: int, deadline: float
) -> dict[str, Result]:
    """What need not be sent again, or may not. Not those whose Case is as it was, or is gone."""
    names = {name for draft in drafts for name in draft.fields}
    look = _read(client, drafts, sorted({*STANDING, *names}.difference(CASE_FIELDS)))
    [answer] = client.composite([look], deadline=deadline, generation=generation)
    cases = _cases(answer)
    if isinstance(cases, Unknown):
        return {draft.key: cases for draft in drafts}
    seen = {d.key: _seen(d, d.update, cases) for d in drafts if d.update}
    return {key: result for key, result in seen.items() if result}


def _seen(draft: Draft, update: Update, cases: Mapping[str, Mapping[str, Any]]) -> Result | None:
    case = cases.get(update.case_id)
    if case is None:
        return None
    others = [name for name, value in draft.fields.items() if not is_same(value, case.get(name))]
    if not others:
        return _case(update, case)
    if standing(case) == update.stood:
        return None
    return Refused(CHANGED_SINCE, ", ".join(sorted(others)), tuple(others))


def _written(
    client: SalesforceClient, drafts: Sequence[Draft], *, generation: int, deadline: float
) -> dict[str, Result]:
    write = [draft for draft in drafts if draft.fields]
    answers = client.composite(
        requests_of(client, drafts), deadline=deadline, generation=generation
    )
    found = _found(answers[-1], drafts)
    if not write:
        return found
    told = dict(zip([draft.key for draft in write], rows_of(answers[0], write), strict=True))
    refused = {key: result for key, result in told.items() if not isinstance(result, Missing)}
    return found | refused


def requests_of(client: SalesforceClient, drafts: Sequence[Draft]) -> list[Subrequest]:
    """What one call is made of."""
    write = [draft for draft in drafts if draft.fields]
    return [*([_update(client, write)] if write else []), _read(client, drafts)]


def _update(client: SalesforceClient, drafts: Sequence[Draft]) -> Subrequest:
    records = [
        {"attributes": {"type": "Case"}, "id": draft.update.case_id, **draft.fields}
        for draft in drafts
        if draft.update
    ]
    return Subrequest(
        "PATCH",
        client.data_path("composite/sobjects"),
        "update",
        {"allOrNone": False, "records": records},
        {"Sforce-Auto-Assign": "FALSE"},  # or the rules would take the Case from its owner
    )


def _read(
    client: SalesforceClient, drafts: Sequence[Draft], more: Sequence[str] = ()
) -> Subrequest:
    cases = sorted({draft.update.case_id for draft in drafts if draft.update})
    fields = ", ".join([*CASE_FIELDS, *more])
    soql = f"SELECT {fields} FROM Case WHERE Id IN {listed(cases)}"  # noqa: S608 - names and ids
    return Subrequest("GET", client.data_path(f"query?q={quote(soql)}"), "readUpdated")


def _found(answer: Subresponse, drafts: Sequence[Draft]) -> dict[str, Result]:
    cases = _cases(answer)
    if isinstance(cases, Unknown):
        return {draft.key: cases for draft in drafts}
    return {
        draft.key: _case(draft.update, cases.get(draft.update.case_id, {}))
        for draft in drafts
        if draft.update
    }


def _cases(answer: Subresponse) -> dict[str, Mapping[str, Any]] | Unknown:
    """By id; absence counts only if the query answered."""
    if answer.status != 200:  # noqa: PLR2004 - HTTP
        error = from_response(answer.status, answer.body)
        return Unknown(error.code, error.detail)
    with well_formed():
        return {str(record["Id"]): record for record in answer.body["records"]}


def _case(update: Update, record: Mapping[str, Any]) -> Found:
    number = str(record.get("CaseNumber") or "")[:NUMBER_LENGTH]
    return Found(update.case_id, number, str(record.get("Status") or ""))
