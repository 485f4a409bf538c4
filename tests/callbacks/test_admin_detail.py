"""The page of a callback: who looked at it, the way to the cure, and what would be sent."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks import trials
from callbacks.admin import dry_run
from callbacks.models import Callback, StaffAction
from callbacks.signals import cure_sought
from callbacks.trials import Filled, Trial
from tests.callbacks.conftest import SignIn
from tests.factories import AttemptFactory, CallbackFactory, RouteFactory

pytestmark = pytest.mark.django_db

LOOKED = StaffAction.Verb.LOOKED


def page_of(callback: Callback, screen: str = "callback") -> str:
    return reverse(f"admin:callbacks_{screen}_change", args=[callback.pk])


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Signal:
    """Nobody answers unless a test connects somebody."""
    signal = Signal()
    monkeypatch.setattr(trials, "route_tried", signal)
    monkeypatch.setattr(dry_run, "route_tried", signal)
    return signal


class TestLooks:
    def test_whoever_sees_a_caller_is_written_down(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(failed=True)
        sign_in("Back office").get(page_of(callback, "failedsync"))
        action = StaffAction.objects.get()
        assert (action.verb, action.callback, action.person_name) == (
            LOOKED,
            callback,
            "Petra Lindner",
        )

    def test_once_an_hour_for_each_person_and_callback(self, sign_in: SignIn) -> None:
        first, second = CallbackFactory.create_batch(2)
        browser = sign_in("Back office")
        for callback in (first, first, second):
            browser.get(page_of(callback))
        sign_in("Back office").get(page_of(first))
        assert StaffAction.objects.count() == 3
        StaffAction.objects.update(at=timezone.now() - timedelta(minutes=61))
        browser.get(page_of(first))
        assert StaffAction.objects.count() == 4

    def test_whoever_sees_dots_has_seen_nothing(self, sign_in: SignIn) -> None:
        sign_in("Viewer").get(page_of(CallbackFactory.create()))
        assert not StaffAction.objects.exists()

    def test_what_was_erased_cannot_be_seen(self, sign_in: SignIn) -> None:
        erased = CallbackFactory.create(dismissed=True, erased_at=timezone.now())
        sign_in("Back office").get(page_of(erased))
        assert not StaffAction.objects.exists()

    def test_a_list_is_no_look(self, sign_in: SignIn) -> None:
        CallbackFactory.create()
        sign_in("Back office").get(reverse("admin:callbacks_callback_changelist"))
        assert not StaffAction.objects.exists()

    def test_a_look_is_none_of_the_callbacks_history(self, sign_in: SignIn) -> None:
        callback, browser = CallbackFactory.create(), sign_in("Back office")
        browser.get(page_of(callback))
        assert "looked at personal data" not in browser.get(page_of(callback)).text


def test_the_next_attempt_is_said_so_that_nobody_clicks_in_vain(sign_in: SignIn) -> None:
    later = timezone.now() + timedelta(minutes=20)
    callback = CallbackFactory.create(due_at=later, lease_no=1)
    browser = sign_in("Viewer")
    assert "The next attempt is at" not in browser.get(page_of(callback)).text
    AttemptFactory.create(callback=callback, outcome="put_off")
    assert "The next attempt is at" in browser.get(page_of(callback)).text


class TestWhatWasRefused:
    @pytest.mark.parametrize(
        ("signature", "detail", "shown"),
        [
            ("A_CODE Subject,Origin Zu lang", "Zu lang", "A_CODE · Subject,Origin · Zu lang"),
            ("A_CODE Required fields", "Required fields", "A_CODE · Required fields"),
            ("A_CODE … is wrong", "4711 is wrong", "A_CODE · 4711 is wrong"),
            ("", "Zu lang", "A_CODE · Zu lang"),
            ("A_CODE Subject Zu lang", "", "A_CODE Subject Zu lang"),
        ],
    )
    def test_names_the_field(
        self, signature: str, detail: str, shown: str, sign_in: SignIn
    ) -> None:
        facts = {"failure_signature": signature, "failure_detail": detail}
        callback = CallbackFactory.create(failed=True, failure_code="A_CODE", **facts)
        page = sign_in("Back office").get(page_of(callback))
        assert page.context["note"].small == shown

    def test_names_it_to_those_who_may_not_read_what_callers_said(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(failed=True)
        page = sign_in("Viewer").get(page_of(callback))
        assert page.context["note"].small == "STRING_TOO_LONG Subject Betreff: zu lang"


class TestCure:
    @pytest.fixture(autouse=True)
    def _in_the_route(self) -> Iterator[None]:
        def is_in_route(code: str, **_: Any) -> bool:
            return code == "STRING_TOO_LONG"

        cure_sought.connect(is_in_route)
        yield
        cure_sought.disconnect(is_in_route)

    def test_the_note_leads_to_the_route(self, sign_in: SignIn) -> None:
        route = RouteFactory.create(name="Termine", function="Termin")
        callback = CallbackFactory.create(failed=True, function="Termin")
        text = sign_in("Back office").get(page_of(callback)).text
        place = reverse("admin:callbacks_functionroute_change", args=[route.pk])
        assert f'<a href="{place}">Route “Termine”</a>' in text

    def test_not_where_the_cause_is_elsewhere(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(failed=True, failure_code="SOMETHING_ELSE")
        assert "Route “" not in sign_in("Back office").get(page_of(callback)).text


class TestDryRun:
    @pytest.fixture(autouse=True)
    def _somebody_answers(self, answers: Signal) -> None:
        def answer(callback: Callback, ask: bool, **_: Any) -> Trial:
            subject = Filled("Subject", "Betreff", callback.caller_number, length=43, room=40)
            return Trial("bad", f"Asked: {ask}.", fields=[subject])

        answers.connect(answer, weak=False)

    def place(self, callback: Callback) -> str:
        return reverse("admin:callbacks_dry_run", args=[callback.pk])

    def test_the_panel_shows_fields_values_and_lengths(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(caller_number="4989555010")
        answer = sign_in("Back office").post(self.place(callback), headers={"HX-Request": "true"})
        assert "<html" not in answer.text
        for words in (
            "Every callback becomes a Case",
            "Betreff",
            "4989555010",
            "43&nbsp;/&nbsp;40",
        ):
            assert words in answer.text

    def test_without_a_script_it_is_a_page(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create()
        answer = sign_in("Back office").post(self.place(callback))
        assert "nothing is sent" in answer.text
        assert page_of(callback) in answer.text

    def test_a_callback_without_a_route_would_be_held(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create()
        RouteFactory._meta.model.objects.all().delete()
        answer = sign_in("Back office").post(self.place(callback))
        assert "No route applies: it would be held." in answer.text

    def test_it_is_offered_on_the_page(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create()
        assert self.place(callback) in sign_in("Back office").get(page_of(callback)).text

    def test_a_link_does_not_ask(self, sign_in: SignIn) -> None:
        assert sign_in("superuser").get(self.place(CallbackFactory.create())).status_code == 405

    @pytest.mark.parametrize(("role", "status"), [("Viewer", 403), ("nobody", 403)])
    def test_not_for_whoever_may_not_see_the_caller(
        self, role: str, status: int, sign_in: SignIn
    ) -> None:
        callback, browser = CallbackFactory.create(), sign_in(role)
        assert browser.post(self.place(callback)).status_code == status
        assert self.place(callback) not in browser.get(page_of(callback)).text

    def test_looking_costs_the_org_nothing(self, sign_in: SignIn) -> None:
        """Somebody who sees callers, but neither resends nor configures."""
        callback = CallbackFactory.create()
        assert "Asked: False." in sign_in("viewer").post(self.place(callback)).text
        assert "Asked: True." in sign_in("Back office").post(self.place(callback)).text

    def test_it_counts_as_a_look(self, sign_in: SignIn) -> None:
        sign_in("Back office").post(self.place(CallbackFactory.create()))
        assert StaffAction.objects.get().verb == LOOKED

    def test_another_site_cannot_ask(self, sign_in: SignIn) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = sign_in("superuser").cookies
        assert browser.post(self.place(CallbackFactory.create())).status_code == 403


@pytest.mark.usefixtures("answers")
def test_nobody_offers_a_dry_run_where_nobody_answers(sign_in: SignIn) -> None:
    callback = CallbackFactory.create()
    assert "/dry-run/" not in sign_in("superuser").get(page_of(callback)).text
