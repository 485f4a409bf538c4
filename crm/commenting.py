"""Comments on Cases that are there. Without a unique key: looked for before they are written again.

Each carries the key of its callback in its text and is read back by it in the call that writes it.
Text cannot be asked for (`CommentBody` is not filterable), so the Case's comments are read and
compared here. A comment whose answer was lost is only looked for until the org can no longer be at
it (`SentComment`), and is then written again; two workers cannot be at the same row, because of its
lease. What remains: an org that commits later than it says, and an agent who deletes the comment in
between.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from time import monotonic
from typing import Any
from urllib.parse import quote

from crm.client import SalesforceClient, Subrequest, Subresponse
from crm.draft import Comment, Draft
from crm.errors import from_response
from crm.exchange import (
    NUMBER_LENGTH,
    REFUSALS_OF_REFERENCES,
    Found,
    InBadCompany,
    MayCome,
    Missing,
    Refused,
    Result,
    Unknown,
    rows_of,
)
from crm.soql import listed
from crm.transport import left
from crm.wire import well_formed

IN_DOUBT = "COMMENT_IN_DOUBT"
BEFORE = timedelta(days=1)  # the org's clock may be behind ours


def comment_and_read_back(
    client: SalesforceClient, drafts: Sequence[Draft], *, generation: int, deadline: float
) -> dict[str, Result]:
    """What became of each, by key."""
    ends = monotonic() + deadline
    results: dict[str, Result] = {}
    if sent := [draft for draft in drafts if draft.comment and draft.comment.was_sent]:
        [answer] = client.composite(
            [_query(client, sent)], deadline=left(ends), generation=generation
        )
        results |= _found(answer, sent)
    rest = [draft for draft in drafts if draft.key not in results]
    if write := [draft for draft in rest if draft.comment and not draft.comment.may_come]:
        results |= _written(client, write, generation, ends)
    doubtful = [draft.key for draft in rest if draft.key not in results]
    return results | dict.fromkeys(doubtful, MayCome(IN_DOUBT))


def _key(draft: Draft) -> str:
    return draft.key


def _written(
    client: SalesforceClient, drafts: Sequence[Draft], generation: int, ends: float
) -> dict[str, Result]:
    created, queried = client.composite(
        requests_of(client, drafts), deadline=left(ends), generation=generation
    )
    told = rows_of(created, drafts)
    said = {draft.key: _said(draft, result) for draft, result in zip(drafts, told, strict=True)}
    found = {k: r for k, r in _found(queried, drafts).items() if isinstance(r, Found)}
    return said | found


def requests_of(client: SalesforceClient, drafts: Sequence[Draft]) -> list[Subrequest]:
    """What the call is made of that writes comments and reads them back."""
    return [_create(client, drafts), _query(client, drafts)]


def _said(draft: Draft, result: Result) -> Result:
    """What the row itself says: written, on the Case that we know, or not."""
    if isinstance(result, Missing):
        comment = draft.comment or Comment("")
        return Found(comment.case_id, comment.case_number, comment.case_status)
    if isinstance(result, Refused) and result.code in REFUSALS_OF_REFERENCES:
        return InBadCompany(result.code, result.message)  # that Case is gone: look for another
    return result


def _create(client: SalesforceClient, drafts: Sequence[Draft]) -> Subrequest:
    records = [{"attributes": {"type": "CaseComment"}, **draft.fields} for draft in drafts]
    return Subrequest(
        "POST",
        client.data_path("composite/sobjects"),
        "comment",
        {"allOrNone": False, "records": records},
        {"Sforce-Auto-Assign": "FALSE"},
    )


def _query(client: SalesforceClient, drafts: Sequence[Draft]) -> Subrequest:
    cases = {draft.comment.case_id for draft in drafts if draft.comment}
    oldest = min(draft.callback.received_at for draft in drafts) - BEFORE
    since = f"{oldest.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    soql = (
        "SELECT ParentId, CommentBody, Parent.CaseNumber, Parent.Status FROM CaseComment"  # noqa: S608 - ids
        f" WHERE ParentId IN {listed(sorted(cases))} AND CreatedDate >= {since}"
        " ORDER BY CreatedDate DESC"
    )
    return Subrequest("GET", client.data_path(f"query?q={quote(soql)}"), "readComments")


def _found(answer: Subresponse, drafts: Sequence[Draft]) -> dict[str, Result]:
    """Those that are there. Absence counts only if the query answered, and with all there is."""
    if answer.status != 200:  # noqa: PLR2004 - HTTP
        error = from_response(answer.status, answer.body)
        return dict.fromkeys(map(_key, drafts), Unknown(error.code, error.detail))
    with well_formed():
        records, is_all = answer.body["records"], answer.body["done"]
        found: dict[str, Result] = {
            d.key: _where(r) for d in drafts for r in records if d.key in (r["CommentBody"] or "")
        }
    others = [draft.key for draft in drafts if draft.key not in found]
    return found | ({} if is_all else dict.fromkeys(others, InBadCompany(IN_DOUBT, "")))


def _where(record: Mapping[str, Any]) -> Found:
    case = record["Parent"]
    number = str(case["CaseNumber"])[:NUMBER_LENGTH]
    return Found(str(record["ParentId"]), number, str(case["Status"] or ""))
