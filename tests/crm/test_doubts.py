"""What is noted of what left: forgotten by whoever wrote its outcome, and by nobody else."""

import pytest

from callbacks.models import Callback
from crm import doubts
from crm.draft import Comment, Draft, Update
from crm.errors import meaning_of
from crm.exchange import Refused
from crm.models import CaseUpdate, SentComment, SentRecord
from crm.outcomes import Told, failed
from crm.targets import usual_target
from tests.callbacks.cast import a_callback

pytestmark = pytest.mark.django_db

CASE = "500000000000001AAA"
CODE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def drafts() -> list[Draft]:
    """A comment and a change."""
    comment, change = a_callback(), a_callback()
    return [
        Draft(comment, usual_target(), {}, comment=Comment(CASE)),
        Draft(change, usual_target(), {"Priority": "High"}, update=Update(CASE, "as it was")),
    ]


def told(callback: Callback) -> Told:
    return Told(failed(callback, CODE, "", meaning_of(CODE, "")), CODE)


def left_and_refused(*, written: bool) -> None:
    left = drafts()
    CaseUpdate.note({d.callback.id: (CASE, d.fields) for d in left if d.update})
    CaseUpdate.begin(left[1].callback.id, CASE)
    doubts.note(left)
    results = {draft.key: Refused(CODE, "") for draft in left}
    keys = {draft.callback.id for draft in left} if written else set()
    doubts.forget_known(left, results, [told(draft.callback) for draft in left], keys)


def test_who_wrote_the_outcome_forgets() -> None:
    left_and_refused(written=True)
    assert not SentComment.objects.exists()
    assert not CaseUpdate.objects.filter(under_way=True).exists()


def test_who_came_too_late_forgets_nothing() -> None:
    """Another worker is at it by now, whose doubt it would be."""
    left_and_refused(written=False)
    assert SentComment.objects.get().case_id == CASE
    assert CaseUpdate.objects.get(under_way=True).stood == "as it was"


def test_a_usual_case_needs_no_note() -> None:
    doubts.note([Draft(a_callback(), usual_target(), {})])
    assert not SentRecord.objects.exists()
