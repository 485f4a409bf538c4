"""What left and whose outcome is not known yet: noted before it leaves, until it is known.

A Case needs no note, because of its unique key: it is looked for whenever its callback was under
way before. A comment (`SentComment`) has no such key; a change (`CaseUpdate`) must not be made
again over what somebody did since; another kind of record (`SentRecord`) would not be looked for
once its route names another one. A note is forgotten after its outcome was written, and only by
who wrote that: whoever dies in between, or came too late, leaves a doubt, and never a double.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from callbacks.models.queue import Failed
from crm.commenting import IN_DOUBT
from crm.draft import Draft
from crm.elsewhere import ROUTE_CHANGED
from crm.exchange import Found, InBadCompany, Refused, Result
from crm.models import CaseUpdate, SentComment, SentRecord
from crm.outcomes import Told
from crm.targets import is_usual


def note(drafts: Sequence[Draft]) -> None:
    """They leave now."""
    SentComment.note(
        {d.callback.id: d.comment.case_id for d in drafts if d.comment and not d.comment.may_come}
    )
    CaseUpdate.leaving(
        {d.callback.id: d.update.stood for d in drafts if d.update and not d.update.was_sent}
    )
    SentRecord.note(
        {
            d.callback.id: (d.target.sobject, d.target.key_field, d.target.name_field)
            for d in drafts
            if d.is_record and not is_usual(d.target)
        }
    )


def forget_known(
    drafts: Sequence[Draft],
    results: Mapping[str, Result],
    told: Sequence[Told],
    written: Collection[UUID],
) -> None:
    """`written` are the callbacks whose outcome counted.

    A change that is to be tried again is not forgotten, though it was surely not made: somebody may
    change the Case until then. One that was made is not under way any more.
    """
    some = [draft for draft in drafts if draft.callback.id in written]
    SentComment.forget(list(_known_comments(some, results)))
    SentRecord.forget(list(_known_records(some, results)))
    failed = {each.outcome.id for each in told if isinstance(each.outcome, Failed)}
    CaseUpdate.end([d.callback.id for d in some if d.update and d.callback.id in failed])


def forget_unsent(drafts: Sequence[Draft], written: Collection[UUID]) -> None:
    """Nothing of them was done. What left before this attempt stays in doubt."""
    some = [draft for draft in drafts if draft.callback.id in written]
    SentComment.forget([d.callback.id for d in some if d.comment and not d.comment.was_sent])
    CaseUpdate.end([d.callback.id for d in some if d.update and not d.update.was_sent])


def _known_comments(drafts: Sequence[Draft], results: Mapping[str, Result]) -> Iterator[UUID]:
    for draft in drafts:
        result = results[draft.key]
        is_refused = isinstance(result, Refused | InBadCompany) and result.code != IN_DOUBT
        if draft.comment and (is_refused or isinstance(result, Found)):
            yield draft.callback.id


def _known_records(drafts: Sequence[Draft], results: Mapping[str, Result]) -> Iterator[UUID]:
    for draft in drafts:
        result = results[draft.key]
        is_left_to_a_person = isinstance(result, Refused) and result.code == ROUTE_CHANGED
        is_known = is_left_to_a_person or isinstance(result, Found)
        if is_known and (draft.before or not is_usual(draft.target)):
            yield draft.callback.id
