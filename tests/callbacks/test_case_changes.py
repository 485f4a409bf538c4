"""What agents do with a Case is kept, change by change."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from callbacks.admin.timeline import timeline
from callbacks.models import Callback, CaseChange
from callbacks.models.news import CaseNews
from tests.factories import CallbackFactory
from tests.test_races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def callback() -> Callback:
    return CallbackFactory.create(
        synced=True, case_status="New", case_owner="Queue South", case_number="00001027"
    )


def news_of(callback: Callback, **changes: Any) -> CaseNews:
    callback.refresh_from_db()
    stands = CaseNews(
        id=callback.pk,
        case_id=callback.case_id,
        case_number=callback.case_number,
        case_status=callback.case_status,
        case_url=callback.case_url,
        case_owner=callback.case_owner,
        case_closed_at=callback.case_closed_at,
        case_gone=callback.case_gone,
    )
    return replace(stands, **changes)


def heard(callback: Callback, **changes: Any) -> list[tuple[str, str, str]]:
    Callback.objects.note_cases([news_of(callback, **changes)])
    kept = CaseChange.objects.filter(callback=callback).order_by("id")
    return list(kept.values_list("what", "before", "after"))


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"case_status": "Working"}, ("status", "New", "Working")),
        ({"case_owner": "Eva Meier"}, ("owner", "Queue South", "Eva Meier")),
        ({"case_closed_at": timezone.now()}, ("closed", "", "")),
        ({"case_gone": "deleted"}, ("deleted", "", "")),
        (
            {"case_id": "500A0000000000009", "case_number": "00001028", "case_gone": "merged"},
            ("record", "00001027", "00001028"),
        ),
    ],
)
def test_a_change_is_kept_with_what_was_before(
    change: dict[str, Any], kept: tuple[str, str, str], callback: Callback
) -> None:
    assert heard(callback, **change) == [kept]


def test_what_comes_together_is_kept_as_several(callback: Callback) -> None:
    changes = heard(callback, case_status="Closed", case_closed_at=timezone.now())
    assert sorted(what for what, _before, _after in changes) == ["closed", "status"]


def test_closing_and_opening_again(callback: Callback) -> None:
    heard(callback, case_closed_at=timezone.now())
    assert heard(callback, case_closed_at=None)[-1] == ("reopened", "", "")


def test_deleting_and_restoring(callback: Callback) -> None:
    heard(callback, case_gone="deleted")
    assert heard(callback, case_gone="")[-1] == ("restored", "", "")


@pytest.mark.parametrize("unheard", [{"case_owner": ""}, {"case_status": ""}])
def test_what_was_not_heard_before_is_no_change(unheard: dict[str, str]) -> None:
    callback = CallbackFactory.create(synced=True, **unheard)
    assert heard(callback, **dict.fromkeys(unheard, "Something")) == []


def test_the_same_news_again_change_nothing(callback: Callback) -> None:
    news = news_of(callback, case_status="Working")
    for _ in range(2):
        Callback.objects.note_cases([news])
    assert CaseChange.objects.count() == 1


def test_only_of_callbacks_that_have_a_case() -> None:
    callback = CallbackFactory.create(failed=True, case_status="New")
    assert heard(callback, case_status="Working") == []


def test_many_news_take_two_statements(django_assert_max_num_queries: Any) -> None:
    callbacks = CallbackFactory.create_batch(20, synced=True, case_status="New")
    news = [news_of(each, case_status="Working") for each in callbacks]
    with django_assert_max_num_queries(4):  # with a savepoint
        assert len(Callback.objects.note_cases(news)) == 20
    assert CaseChange.objects.count() == 20


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_who_bring_the_same_news_one_writes_them(callback: Callback) -> None:
    news = news_of(callback, case_status="Working", case_closed_at=timezone.now())
    changed = at_once(8, lambda: len(Callback.objects.note_cases([news])))
    assert (sum(changed), CaseChange.objects.count()) == (1, 2)


def test_the_timeline_tells_them(callback: Callback) -> None:
    Callback.objects.filter(pk=callback.pk).update(synced_at=timezone.now() - timedelta(hours=1))
    heard(callback, case_status="Working")
    heard(callback, case_owner="Eva Meier", case_closed_at=timezone.now())
    days = timeline(callback, timezone.now())
    told = [(event.text, event.detail) for day in days for event in day.events]
    assert {
        ("Case status is “Working” now", "before: New"),
        ("Case went to Eva Meier", "before: Queue South"),
        ("Case closed", ""),
        ("Case found in Salesforce", ""),
    } <= set(told)
