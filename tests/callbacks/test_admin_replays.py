"""From the groups of failed callbacks to a replay, and what its page tells."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from callbacks.models import Callback, Replay, StaffAction
from tests.callbacks.conftest import SignIn
from tests.callbacks.replays import (
    GROUPS,
    ON_TRIAL,
    SIGNATURE,
    failed,
    many,
    page,
    per_minute,
    started,
    step,
    the_org_refuses,
    the_org_takes,
)

pytestmark = pytest.mark.django_db

START = reverse("admin:callbacks_failedsync_replay")
CONFIRMED = {"_form_submitted": "True"}


def begin(browser: Client, **more: str) -> Any:
    """As the form does, without a trial."""
    data = {"signature": SIGNATURE, "rate": "600", "token": str(uuid.uuid4()), **more}
    return browser.post(START, data)


def told(browser: Client, replay: Replay) -> Any:
    return browser.get(reverse("admin:callbacks_replay_progress", args=[replay.pk]))


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


class TestStarting:
    def test_it_previews_how_many(self, sign_in: SignIn) -> None:
        failed(3)
        failed(2, received_at=timezone.now() - timedelta(days=8))
        text = sign_in("Back office").get(START, {"signature": SIGNATURE}).text
        assert "Replay 5 callbacks?" in text
        assert "2 of them came more than 7 days ago" in text
        assert "600 a minute (recommended) · less than a minute" in text
        assert Replay.objects.count() == 0

    def test_confirming_begins_it_and_leads_to_its_page(self, sign_in: SignIn) -> None:
        failed(3)
        answer = begin(sign_in("Back office"), trial="on")
        replay = Replay.objects.get()
        assert answer["Location"] == page(replay)
        assert (replay.size, replay.per_minute) == (3, 600)
        assert replay.trial_since
        assert Callback.objects.failed().count() == 3

    @pytest.mark.parametrize(("rate", "kept"), [("60", 60), ("fast", None)])
    def test_the_pace_is_chosen(self, rate: str, kept: int | None, sign_in: SignIn) -> None:
        failed(2)
        begin(sign_in("Back office"), rate=rate)
        assert Replay.objects.get().per_minute == kept

    def test_old_ones_go_only_if_they_are_wanted(self, sign_in: SignIn) -> None:
        failed(3)
        failed(2, received_at=timezone.now() - timedelta(days=8))
        browser = sign_in("Back office")
        begin(browser)
        begin(browser, old="on")
        assert sorted(Replay.objects.values_list("size", flat=True)) == [2, 3]

    def test_a_double_click_begins_one_and_leads_there_twice(self, sign_in: SignIn) -> None:
        failed(3)
        browser, token = sign_in("Back office"), str(uuid.uuid4())
        first, second = (begin(browser, token=token) for _ in range(2))
        assert first["Location"] == second["Location"]
        assert Replay.objects.count() == 1

    def test_each_form_is_another_replay(self, sign_in: SignIn) -> None:
        failed(1)
        browser = sign_in("Back office")
        forms = [browser.get(START, {"signature": SIGNATURE}).context["form"] for _ in range(2)]
        tokens = {form["token"].value() for form in forms}
        assert len(tokens) == 2

    def test_what_is_gone_meanwhile_is_said(self, sign_in: SignIn) -> None:
        failed(2)
        Callback.objects.update(status="dismissed")
        answer = begin(sign_in("Back office"))
        assert answer["Location"] == GROUPS
        assert said(answer) == ["There is nothing left to send: it was sent, or is about to be."]

    def test_everything_since_a_time(self, sign_in: SignIn) -> None:
        now = timezone.localtime()
        failed(2, failure_signature="A")
        failed(1, failure_signature="B", received_at=now - timedelta(hours=5))
        browser, since = sign_in("Back office"), f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}"
        shown = browser.get(START, {"since": since})
        assert "Replay 2 callbacks?" in shown.text
        hidden = dict(shown.context["hidden"])
        data = {"rate": "600", "token": str(uuid.uuid4()), **hidden}
        browser.post(START, data)
        assert Replay.objects.get().size == 2

    @pytest.mark.parametrize("since", ["", "yesterday"])
    def test_a_time_that_is_none_is_asked_for_again(self, since: str, sign_in: SignIn) -> None:
        answer = sign_in("Back office").get(START, {"since": since})
        assert answer["Location"] == GROUPS

    def test_a_selection(self, sign_in: SignIn) -> None:
        first, second, _third = failed(3)
        browser = sign_in("Back office")
        data = {"action": "replay_selected", "_selected_action": [first.pk, second.pk]}
        shown = browser.post(f"{GROUPS}?failure_signature__exact={SIGNATURE}", data)
        assert "Replay 2 callbacks?" in shown.text
        keys = [value for name, value in shown.context["hidden"] if name == "callback"]
        browser.post(START, {"callback": keys, "rate": "fast", "token": str(uuid.uuid4())})
        assert Replay.objects.get().size == 2

    @pytest.mark.parametrize("role", ["viewer", "nobody"])
    def test_without_the_right_nothing_begins(self, role: str, sign_in: SignIn) -> None:
        failed(1)
        browser = sign_in(role)
        assert browser.get(START, {"signature": SIGNATURE}).status_code == 403
        assert begin(browser).status_code == 403
        assert Replay.objects.count() == 0

    def test_a_post_needs_its_token_against_forgery(self, sign_in: SignIn) -> None:
        failed(1)
        browser = sign_in("superuser")
        browser.handler.enforce_csrf_checks = True
        assert begin(browser).status_code == 403


class TestItsPage:
    def test_it_tells_how_far_it_is(self, sign_in: SignIn) -> None:
        failed(4)
        replay = started()
        step()
        the_org_takes(Callback.objects.pending().first())  # type: ignore[arg-type]
        text = sign_in("Back office").get(page(replay)).text
        assert 'role="progressbar"' in text
        assert 'aria-valuenow="25"' in text
        assert "begun by Petra Lindner" in text

    def test_what_it_polls_says_the_same_in_the_readers_language(self, sign_in: SignIn) -> None:
        many(1200, failed=True)
        replay = started()
        browser = sign_in("viewer")
        browser.cookies["django_language"] = "de"
        answer = told(browser, replay)
        assert "no-store" in answer["Cache-Control"]
        assert answer.json()["texts"]["outstanding"] == "1.200"
        assert (answer.json()["state"], answer.json()["percent"]) == ("running", 0)

    @pytest.mark.parametrize("role", ["nobody"])
    def test_it_tells_nothing_to_whoever_may_not_see_it(self, role: str, sign_in: SignIn) -> None:
        failed(1)
        replay = started()
        assert told(sign_in(role), replay).status_code == 403
        assert sign_in(role).get(page(replay)).status_code == 403

    def test_one_that_never_was_is_not_found(self, sign_in: SignIn) -> None:
        url = reverse("admin:callbacks_replay_progress", args=[4711])
        assert sign_in("superuser").get(url).status_code == 404

    def test_a_poll_takes_few_queries(self, sign_in: SignIn) -> None:
        failed(3)
        replay, browser = started(), sign_in("Back office")
        told(browser, replay)
        with CaptureQueriesContext(connection) as asked:
            told(browser, replay)
        assert len(asked) <= 12

    def test_in_the_end_it_says_what_it_came_to(self, sign_in: SignIn) -> None:
        failed(3)
        replay = started()
        step()
        first = Callback.objects.pending().first()
        assert first
        the_org_refuses(first)
        the_org_takes()
        step()
        text = sign_in("Back office").get(page(replay)).text
        assert "2 arrived in Salesforce, 1 was refused again for 1 reason." in text

    def test_the_refused_ones_are_a_click_away(self, sign_in: SignIn) -> None:
        failed(3)
        replay = started()
        failed(1)
        step()
        the_org_refuses()
        step()
        browser = sign_in("viewer")
        url = browser.get(page(replay)).context["failed_url"]
        assert browser.get(url).context["cl"].result_count == 3

    def test_what_is_outstanding_is_not_among_the_refused(self, sign_in: SignIn) -> None:
        failed(4)
        replay = started(per_minute(12))
        step()
        the_org_refuses()
        step()
        Replay.objects.cancel()
        browser = sign_in("viewer")
        shown = browser.get(page(replay))
        assert "2 were refused again for 1 reason" in shown.text
        assert browser.get(shown.context["failed_url"]).context["cl"].result_count == 2

    def test_those_that_failed_since_are_said_and_are_not_part_of_it(self, sign_in: SignIn) -> None:
        failed(1)
        replay = started()
        failed(2)
        text = sign_in("viewer").get(page(replay)).text
        assert "2 more failed for the same reason and are not part of this." in text

    def test_a_failed_trial_says_why(self, sign_in: SignIn) -> None:
        failed(3)
        replay = started(ON_TRIAL)
        step()
        the_org_refuses()
        step()
        text = sign_in("viewer").get(page(replay)).text
        assert "The one on trial did not arrive, so nothing else was sent." in text
        assert "A text is longer than its field in Salesforce." in text


class TestSteering:
    def press(self, browser: Client, replay: Replay, verb: str) -> Any:
        return browser.post(reverse(f"admin:callbacks_replay_{verb}", args=[replay.pk]), CONFIRMED)

    def test_pause_go_on_cancel(self, sign_in: SignIn) -> None:
        failed(2)
        replay, browser = started(), sign_in("Back office")
        states = []
        for verb in ("pause", "go_on", "cancel"):
            self.press(browser, replay, verb)
            states.append(Replay.objects.get().state)
        assert states == ["paused", "running", "cancelled"]

    def test_who_did_it_is_written(self, sign_in: SignIn) -> None:
        failed(2)
        replay = started()
        self.press(sign_in("Back office"), replay, "pause")
        action = StaffAction.objects.earliest("-id")
        assert action.verb == StaffAction.Verb.STEERED_REPLAY
        assert action.changes == {f"#{replay.pk}": ["running", "paused"]}

    def test_a_double_click_is_harmless(self, sign_in: SignIn) -> None:
        failed(2)
        replay, browser = started(), sign_in("Back office")
        first, second = (self.press(browser, replay, "pause") for _ in range(2))
        assert said(first) + said(second)[1:] == [
            "The replay pauses.",
            "It had changed meanwhile. Please look again.",
        ]
        assert StaffAction.objects.filter(verb=StaffAction.Verb.STEERED_REPLAY).count() == 1

    @pytest.mark.parametrize("verb", ["pause", "go_on", "cancel"])
    def test_a_viewer_steers_nothing(self, verb: str, sign_in: SignIn) -> None:
        failed(2)
        replay = started()
        assert self.press(sign_in("viewer"), replay, verb).status_code == 403
        assert Replay.objects.get().state == "running"

    @pytest.mark.parametrize(
        ("state", "offered"),
        [
            ("running", {"pause", "cancel"}),
            ("paused", {"go_on", "cancel"}),
            ("stopped", {"go_on", "cancel"}),
            ("cancelled", set()),
            ("done", set()),
        ],
    )
    def test_only_what_can_be_done_is_offered(
        self, state: str, offered: set[str], sign_in: SignIn
    ) -> None:
        failed(2)
        replay = started()
        Replay.objects.update(state=state)
        text = sign_in("Back office").get(page(replay)).text
        assert {verb for verb in ("pause", "go_on", "cancel") if f"/{verb}/" in text} == offered


def test_the_list_of_replays_is_kept(sign_in: SignIn) -> None:
    failed(2)
    started()
    text = sign_in("viewer").get(reverse("admin:callbacks_replay_changelist")).text
    assert "A text is longer than its field in Salesforce." in text
    with translation.override("de"):
        assert str(Replay.State.RUNNING.label) == "Läuft"
