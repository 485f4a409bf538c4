"""A whole group is dismissed at once: what was counted, with a reason, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from callbacks import staff
from callbacks.admin import dismissing_groups
from callbacks.models import Callback, FunctionRoute, StaffAction
from tests.callbacks.conftest import SignIn
from tests.factories import CallbackFactory

pytestmark = pytest.mark.django_db

SIGNATURE = "STRING_TOO_LONG Subject Betreff: zu lang"
OF_GROUP, OF_PLACE = {"signature": SIGNATURE}, {"service_number": "4989", "function": "Termin"}
GROUPS = reverse("admin:callbacks_failedsync_changelist")
HELD = f"{reverse('admin:callbacks_callback_changelist')}?status__exact=held"
FAILED_QUESTION = reverse("admin:callbacks_failedsync_dismiss_group", query=OF_GROUP)
HELD_QUESTION = reverse("admin:callbacks_held_dismiss", query=OF_PLACE)
REASON = {"reason": "test", "remark": "", "_form_submitted": "True"}


def failed(count: int, **facts: Any) -> list[Callback]:
    return CallbackFactory.create_batch(count, failed=True, **facts)


def held(count: int, **facts: Any) -> list[Callback]:
    return CallbackFactory.create_batch(count, held=True, **(OF_PLACE | facts))


def asked(browser: Client, question: str) -> dict[str, str]:
    """What the page sends back, but for the reason."""
    return {"keys": browser.get(question).context["form"]["keys"].value()}


def answered(browser: Client, question: str, **data: str) -> Any:
    return browser.post(question, REASON | asked(browser, question) | data)


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.fixture(params=["failed", "held"])
def kind(request: pytest.FixtureRequest) -> tuple[Any, str, str]:
    FunctionRoute.objects.update(enabled=False)
    return {"failed": (failed, FAILED_QUESTION, GROUPS), "held": (held, HELD_QUESTION, HELD)}[
        request.param
    ]


class TestAGroup:
    def test_is_dismissed_with_a_reason_and_each_has_its_deed(
        self, kind: tuple[Any, str, str], sign_in: SignIn
    ) -> None:
        some, question, back = kind
        those = some(3)
        answer = answered(sign_in("Back office"), question, remark="Test Nacht")
        assert (answer["Location"], said(answer)) == (back, ["3 callbacks were dismissed."])
        assert set(Callback.objects.values_list("status", "dismiss_reason")) == {
            ("dismissed", "Test call: Test Nacht")
        }
        deeds = StaffAction.objects.filter(verb="dismissed")
        assert {deed.callback_id for deed in deeds} == {each.pk for each in those}

    def test_is_asked_about_first_with_its_number(
        self, kind: tuple[Any, str, str], sign_in: SignIn
    ) -> None:
        some, question, _back = kind
        some(3)
        text = sign_in("Back office").get(question).text
        assert "Dismiss the group?" in text
        assert "3 callbacks" in text
        assert not Callback.objects.filter(status="dismissed").exists()

    def test_takes_nothing_that_came_since(
        self, kind: tuple[Any, str, str], sign_in: SignIn
    ) -> None:
        some, question, _back = kind
        some(2)
        browser = sign_in("Back office")
        shown = asked(browser, question)
        later = some(1, received_at=timezone.now() - timedelta(days=3))  # failed late
        browser.post(question, REASON | shown)
        assert list(Callback.objects.exclude(status="dismissed")) == later

    def test_takes_nothing_that_left_it(self, kind: tuple[Any, str, str], sign_in: SignIn) -> None:
        some, question, _back = kind
        here, gone = some(2)
        browser = sign_in("Back office")
        shown = asked(browser, question)
        Callback.objects.filter(pk=gone.pk).update(
            status="failed", failure_signature="ANOTHER", function="Other"
        )
        answer = browser.post(question, REASON | shown)
        assert said(answer)[0] == "1 callback was dismissed."
        assert said(answer)[1].startswith("1 callback was left as it is")
        assert Callback.objects.get(status="dismissed") == here

    def test_is_dismissed_once_by_a_double_click(
        self, kind: tuple[Any, str, str], sign_in: SignIn
    ) -> None:
        some, question, back = kind
        some(2)
        browser = sign_in("Back office")
        shown = asked(browser, question)
        _first, second = (browser.post(question, REASON | shown) for _ in range(2))
        assert second["Location"] == back
        assert said(second)[-1] == "Nothing of this group is left."
        assert StaffAction.objects.filter(verb="dismissed").count() == 2

    def test_stays_without_a_reason_and_the_question_too(
        self, kind: tuple[Any, str, str], sign_in: SignIn
    ) -> None:
        some, question, _back = kind
        some(2)
        browser = sign_in("Back office")
        answer = answered(browser, question, reason="other")
        assert "Please say why." in answer.text
        some(1)
        shown = answer.context["form"]["keys"].value()
        browser.post(question, REASON | {"keys": shown})
        assert Callback.objects.filter(status="dismissed").count() == 2

    @pytest.mark.parametrize("keys", ["", "x", "4989"])
    def test_is_asked_about_anew_if_nothing_was_counted(
        self, keys: str, kind: tuple[Any, str, str], sign_in: SignIn
    ) -> None:
        some, question, _back = kind
        some(1)
        answer = sign_in("Back office").post(question, REASON | {"keys": keys})
        assert answer["Location"] == question
        assert not StaffAction.objects.filter(verb="dismissed").exists()

    def test_of_which_nothing_is_left_is_said(
        self, kind: tuple[Any, str, str], sign_in: SignIn
    ) -> None:
        _some, question, back = kind
        answer = sign_in("Back office").get(question)
        assert (answer["Location"], said(answer)) == (back, ["Nothing of this group is left."])

    @pytest.mark.parametrize("role", ["viewer", "Viewer", "nobody"])
    def test_needs_the_right(self, role: str, kind: tuple[Any, str, str], sign_in: SignIn) -> None:
        some, question, back = kind
        some(1)
        browser = sign_in(role)
        assert [browser.get(question).status_code, browser.post(question).status_code] == [403, 403]
        assert question.partition("?")[0] not in browser.get(back).text

    def test_is_offered_where_it_is_shown(
        self, kind: tuple[Any, str, str], sign_in: SignIn
    ) -> None:
        some, question, back = kind
        some(1)
        shown = sign_in("Back office").get(back).context["groups"]
        assert [row["dismiss_url"] for row in shown] == [question]

    def test_too_large_for_one_answer_goes_in_several(
        self, kind: tuple[Any, str, str], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dismissing_groups, "MOST", 2)
        some, question, _back = kind
        some(1)
        old = some(2, received_at=timezone.now() - timedelta(days=1))
        browser = sign_in("Back office")
        assert "1 more stays; dismiss the group again for it." in browser.get(question).text
        answered(browser, question)
        assert set(Callback.objects.filter(status="dismissed")) == set(old)


def test_the_list_of_a_group_offers_it(sign_in: SignIn) -> None:
    failed(1)
    query = {"failure_signature__exact": SIGNATURE}
    assert sign_in("Back office").get(GROUPS, query).context["dismiss_url"] == FAILED_QUESTION
    assert sign_in("Viewer").get(GROUPS, query).context["dismiss_url"] == ""


def test_the_question_says_who_is_dismissed_as_well(sign_in: SignIn) -> None:
    [first] = failed(1)
    CallbackFactory.create(status="merged", merged_into=first)
    browser = sign_in("Back office")
    assert "1 further wish of the same caller was merged" in browser.get(FAILED_QUESTION).text
    answer = answered(browser, FAILED_QUESTION)
    assert said(answer)[1] == "1 further wish of the same caller was dismissed with it."


def test_statements_are_bounded_however_large_it_is(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "CHUNK", 5)
    failed(12)
    browser = sign_in("Back office")
    shown = asked(browser, FAILED_QUESTION)
    with CaptureQueriesContext(connection) as took:
        browser.post(FAILED_QUESTION, REASON | shown)
    updates = [each["sql"] for each in took if each["sql"].startswith("UPDATE")]
    assert sum("dismiss_reason" in sql for sql in updates) == 3
    assert Callback.objects.filter(status="dismissed").count() == 12
