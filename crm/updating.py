"""Updates of Cases that are there: absolute values, so that writing them again changes nothing.

Read back in the same call. Of two updates of one Case the younger counts, whenever the older one's
is repeated (`CaseUpdate`). What remains: a call that we gave up on and that the org commits up to
ten minutes later, after a younger one has passed.
"""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from callbacks.models.queue import PutOff
from crm import backoff
from crm.client import SalesforceClient, Subrequest, Subresponse
from crm.draft import Draft
from crm.errors import from_response
from crm.exchange import NUMBER_LENGTH, Found, Missing, Result, Unknown, rows_of
from crm.models import CaseUpdate
from crm.outcomes import Told
from crm.soql import listed
from crm.wire import well_formed

ELDER = "ELDER_UPDATE"


def in_order(drafts: Sequence[Draft]) -> tuple[list[Draft], list[Told]]:
    """What may be sent now, and updates that wait for an older one of the same Case.

    Noted first and looked at then, so that of two workers at least one sees the other's.
    """
    updates = {
        draft.callback.id: (draft.updates, draft.fields) for draft in drafts if draft.updates
    }
    if not updates:
        return list(drafts), []
    CaseUpdate.note(updates)
    now, later = [], []
    for draft in drafts:
        failures = _failures_of_elder(draft)
        if failures is not None:
            later.append(_later(draft, failures))
        else:
            now.append(_without_what_a_younger_sets(draft))
    return now, later


def _failures_of_elder(draft: Draft) -> int | None:
    if not draft.updates:
        return None
    return CaseUpdate.failures_of_elder(draft.callback, draft.updates)


def _without_what_a_younger_sets(draft: Draft) -> Draft:
    if not draft.updates:
        return draft
    taken = CaseUpdate.set_by_younger(draft.callback, draft.updates)
    own = {name: value for name, value in draft.fields.items() if name not in taken}
    return replace(draft, fields=own)


def _later(draft: Draft, failures: int) -> Told:
    """About when the older one is tried again: each look costs calls."""
    callback = draft.callback
    isolation = max(callback.isolation - 1, 0)  # as it was before its lease
    delay = backoff.full_jitter(failures, 0.5)
    return Told(
        PutOff(callback.id, callback.lease_no, delay, failures=0, isolation=isolation), ELDER
    )


def update_and_read_back(
    client: SalesforceClient, drafts: Sequence[Draft], *, generation: int, deadline: float
) -> dict[str, Result]:
    """What became of each, by key. What has no field left to set is only read."""
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
    records = [{"attributes": {"type": "Case"}, "id": d.updates, **d.fields} for d in drafts]
    return Subrequest(
        "PATCH",
        client.data_path("composite/sobjects"),
        "update",
        {"allOrNone": False, "records": records},
        {"Sforce-Auto-Assign": "FALSE"},  # or the rules would take the Case from its owner
    )


def _read(client: SalesforceClient, drafts: Sequence[Draft]) -> Subrequest:
    cases = sorted({draft.updates for draft in drafts})
    soql = f"SELECT Id, CaseNumber, Status FROM Case WHERE Id IN {listed(cases)}"  # noqa: S608 - ids
    return Subrequest("GET", client.data_path(f"query?q={quote(soql)}"), "readUpdated")


def _found(answer: Subresponse, drafts: Sequence[Draft]) -> dict[str, Result]:
    if answer.status != 200:  # noqa: PLR2004 - HTTP
        error = from_response(answer.status, answer.body)
        return {draft.key: Unknown(error.code, error.detail) for draft in drafts}
    with well_formed():
        cases = {str(record["Id"]): record for record in answer.body["records"]}
        return {draft.key: _case(draft, cases.get(draft.updates, {})) for draft in drafts}


def _case(draft: Draft, record: dict[str, str]) -> Found:
    number = str(record.get("CaseNumber") or "")[:NUMBER_LENGTH]
    return Found(draft.updates, number, str(record.get("Status") or ""))
