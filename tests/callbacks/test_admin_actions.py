"""What staff does to callbacks: only with the right, only by POST, and harmlessly twice."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks.admin import strip
from callbacks.admin.wording import clock
from callbacks.models import Callback, FunctionRoute, StaffAction
from tests.callbacks.conftest import SignIn
from tests.factories import CallbackFactory

pytestmark = pytest.mark.django_db

CONFIRMED = {"_form_submitted": "True"}
A_REASON = {"reason": "test", "remark": ""}


def url(screen: str, verb: str, callback: Callback) -> str:
    return reverse(f"admin:callbacks_{screen}_{verb}", args=[callback.pk])


def select(browser: Client, screen: str, action: str, *chosen: Callback, **more: Any) -> Any:
    data = {"action": action, "_selected_action": [c.pk for c in chosen], **more}
    return browser.post(reverse(f"admin:callbacks_{screen}_changelist"), data, follow=True)


def status(callback: Callback) -> str:
    callback.refresh_from_db()
    return callback.status


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("screen", ["callback", "failedsync"])
class TestOnAPage:
    def test_requeue_sends_again(self, screen: str, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(failed=True)
        answer = sign_in("Back office").post(url(screen, "requeue", callback), CONFIRMED)
        assert status(callback) == "pending"
        assert answer["HX-Redirect"]
        assert callback.failure_reason == ""

    def test_dismiss_keeps_who_and_why(self, screen: str, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(failed=True)
        data = CONFIRMED | {"reason": "twice", "remark": "siehe 00001027"}
        sign_in("Back office").post(url(screen, "dismiss", callback), data)
        assert status(callback) == "dismissed"
        assert callback.dismiss_reason == "Came twice: siehe 00001027"
        assert callback.dismissed_by is not None

    @pytest.mark.parametrize("data", [{}, {"reason": ""}, {"reason": "other", "remark": ""}])
    def test_dismissing_needs_a_reason(
        self, screen: str, data: dict[str, str], sign_in: SignIn
    ) -> None:
        callback = CallbackFactory.create(failed=True)
        answer = sign_in("superuser").post(url(screen, "dismiss", callback), CONFIRMED | data)
        assert status(callback) == "failed"
        assert "HX-Redirect" not in answer

    @pytest.mark.parametrize("verb", ["requeue", "dismiss"])
    @pytest.mark.parametrize("role", ["viewer", "nobody"])
    def test_without_the_right_nothing_happens(
        self, screen: str, verb: str, role: str, sign_in: SignIn
    ) -> None:
        callback = CallbackFactory.create(failed=True)
        browser = sign_in(role)
        place = url(screen, verb, callback)
        assert browser.get(place).status_code == 403
        assert browser.post(place, CONFIRMED | A_REASON).status_code == 403
        assert status(callback) == "failed"

    @pytest.mark.parametrize("verb", ["requeue", "dismiss"])
    def test_get_only_asks(self, screen: str, verb: str, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(failed=True)
        answer = sign_in("superuser").get(url(screen, verb, callback), CONFIRMED | A_REASON)
        assert 'id="dialog"' in answer.text
        assert status(callback) == "failed"

    def test_a_post_needs_its_token(self, screen: str, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(failed=True)
        browser = sign_in("superuser")
        browser.handler.enforce_csrf_checks = True
        assert browser.post(url(screen, "requeue", callback), CONFIRMED).status_code == 403
        assert status(callback) == "failed"

    def test_buttons_follow_rights(self, screen: str, sign_in: SignIn) -> None:
        page = url(screen, "change", CallbackFactory.create(failed=True))
        assert "/requeue/" in sign_in("Back office").get(page).text
        assert "/requeue/" not in sign_in("viewer").get(page).text


def test_a_double_click_requeues_once(sign_in: SignIn) -> None:
    callback = CallbackFactory.create(failed=True)
    browser = sign_in("Back office")
    browser.post(url("callback", "requeue", callback), CONFIRMED)
    lease_no = Callback.objects.get().lease_no
    browser.post(url("callback", "requeue", callback), CONFIRMED)
    assert Callback.objects.get().lease_no == lease_no
    page = browser.get(url("callback", "change", callback))
    assert messages(page) == [
        "1 callback was requeued.",
        "1 callback was left as it is: its state had changed, or no route applies.",
    ]


def test_a_page_of_a_failed_sync_that_is_none_any_more_leads_to_the_callback(
    sign_in: SignIn,
) -> None:
    callback = CallbackFactory.create(synced=True)
    answer = sign_in("Back office").get(url("failedsync", "change", callback))
    assert answer["Location"] == url("callback", "change", callback)


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_key_is_not_found(key: str, sign_in: SignIn) -> None:
    place = reverse("admin:callbacks_callback_requeue", args=[key])
    assert sign_in("superuser").post(place, CONFIRMED).status_code == 404


@pytest.mark.parametrize("state", ["pending", "put_off", "synced", "held", "dismissed", "failed"])
def test_only_what_can_be_done_is_offered(state: str, sign_in: SignIn) -> None:
    callback = CallbackFactory.create(**({state: True} if state != "pending" else {}))
    page = sign_in("superuser").get(url("callback", "change", callback)).text
    verbs = ("requeue", "send_now", "release", "dismiss")
    offered = {verb for verb in verbs if f"/{verb}/" in page}
    assert (
        offered
        == {
            "pending": {"dismiss"},
            "put_off": {"send_now", "dismiss"},
            "synced": set(),
            "held": {"release", "dismiss"},
            "dismissed": {"requeue"},
            "failed": {"requeue", "dismiss"},
        }[state]
    )


class TestOnASelection:
    def test_requeue_asks_first(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(failed=True)
        answer = select(sign_in("Back office"), "callback", "requeue_selected", callback)
        assert "Requeue?" in answer.text
        assert status(callback) == "failed"

    def test_requeue_changes_what_was_chosen(self, sign_in: SignIn) -> None:
        first, second, other = CallbackFactory.create_batch(3, failed=True)
        browser = sign_in("Back office")
        answer = select(browser, "callback", "requeue_selected", first, second, confirmed="yes")
        assert [status(c) for c in (first, second, other)] == ["pending", "pending", "failed"]
        assert messages(answer) == ["2 callbacks were requeued."]

    def test_it_says_how_many_really_changed(self, sign_in: SignIn) -> None:
        failed, synced = CallbackFactory.create(failed=True), CallbackFactory.create(synced=True)
        answer = select(
            sign_in("superuser"), "callback", "requeue_selected", failed, synced, confirmed="yes"
        )
        assert (status(failed), status(synced)) == ("pending", "synced")
        assert messages(answer)[1].startswith("1 callback was left as it is")

    def test_dismiss_needs_a_reason(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(failed=True)
        browser = sign_in("Back office")
        answer = select(browser, "failedsync", "dismiss_selected", callback, confirmed="yes")
        assert "Dismiss?" in answer.text
        assert status(callback) == "failed"
        select(
            browser,
            "failedsync",
            "dismiss_selected",
            callback,
            confirmed="yes",
            **A_REASON,
            **CONFIRMED,
        )
        assert status(callback) == "dismissed"
        assert callback.dismiss_reason == "Test call"

    @pytest.mark.parametrize("action", ["requeue_selected", "dismiss_selected"])
    def test_a_viewer_is_offered_nothing(self, action: str, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(failed=True)
        select(
            sign_in("viewer"),
            "failedsync",
            action,
            callback,
            confirmed="yes",
            **A_REASON,
            **CONFIRMED,
        )
        assert status(callback) == "failed"


class TestReleasing:
    def test_what_has_a_route_goes_out(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(held=True)
        sign_in("Back office").post(url("callback", "release", callback), CONFIRMED)
        assert status(callback) == "pending"

    def test_what_has_none_stays(self, sign_in: SignIn) -> None:
        FunctionRoute.objects.update(enabled=False)
        callback = CallbackFactory.create(held=True)
        browser = sign_in("superuser")
        page = browser.get(url("callback", "change", callback)).text
        assert "/release/" not in page
        assert "held/route/?service_number=498946134180" in page
        browser.post(url("callback", "release", callback), CONFIRMED)
        assert status(callback) == "held"

    def test_a_selection_is_released(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(held=True)
        select(sign_in("superuser"), "callback", "release_selected", callback, confirmed="yes")
        assert status(callback) == "pending"


class TestSendingNow:
    WAITS = "1 callback is due now and goes out as soon as nothing holds it up."

    def test_what_waits_for_an_attempt_is_due(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(put_off=True)
        browser = sign_in("Back office")
        assert "Send now?" in browser.get(url("callback", "send_now", callback)).text
        answer = browser.post(url("callback", "send_now", callback), CONFIRMED)
        assert answer["HX-Redirect"] == url("callback", "change", callback)
        assert Callback.objects.due().get() == callback

    def test_a_double_click_is_harmless(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(put_off=True)
        browser = sign_in("Back office")
        for _ in range(2):
            browser.post(url("callback", "send_now", callback), CONFIRMED)
        assert Callback.objects.due().get() == callback
        last = messages(browser.get(url("callback", "change", callback)))[-1]
        assert last == "1 callback was left as it is: it waits for no later attempt."
        assert StaffAction.objects.filter(verb="sent_now").count() == 1

    def test_it_is_promised_only_while_callbacks_flow(
        self, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser = sign_in("Back office")
        for why in ("", "Petra Lindner paused the conversation."):
            monkeypatch.setattr(strip, "what_holds_up", lambda _, why=why: why)
            callback = CallbackFactory.create(put_off=True)
            browser.post(url("callback", "send_now", callback), CONFIRMED)
        assert messages(browser.get(url("callback", "change", callback))) == [
            "1 callback is due now and goes out next.",
            f"{self.WAITS} At present: Petra Lindner paused the conversation.",
        ]

    def test_a_selection_goes_as_far_as_it_waits(self, sign_in: SignIn) -> None:
        waits, on_its_way = CallbackFactory.create(put_off=True), CallbackFactory.create()
        answer = select(
            sign_in("Back office"),
            "callback",
            "send_now_selected",
            waits,
            on_its_way,
            confirmed="yes",
        )
        assert Callback.objects.due().filter(pk=waits.pk).exists()
        assert messages(answer)[1].startswith("1 callback was left as it is: it waits for no")

    @pytest.mark.parametrize("verb", ["send_now", "dismiss"])
    def test_a_viewer_can_do_neither(self, verb: str, sign_in: SignIn) -> None:
        callback, browser = CallbackFactory.create(put_off=True), sign_in("Viewer")
        page = browser.get(url("callback", "change", callback)).text
        assert f"/{verb}/" not in page
        assert (
            browser.post(url("callback", verb, callback), CONFIRMED | A_REASON).status_code == 403
        )
        select(browser, "callback", f"{verb}_selected", callback, confirmed="yes", **A_REASON)
        assert not Callback.objects.due().exists()
        assert status(callback) == "pending"

    def test_the_view_of_what_waits_offers_both_and_says_when(self, sign_in: SignIn) -> None:
        callback = CallbackFactory.create(put_off=True)
        place = reverse("admin:callbacks_callback_changelist") + "?status__exact=pending"
        page = sign_in("Back office").get(place).text
        assert "send_now_selected" in page
        assert "dismiss_selected" in page
        assert clock(callback.due_at, timezone.now()) in page


class TestDismissingWhatWaits:
    MAY_COME = "a Case may exist all the same"

    def test_the_dialog_says_that_a_case_may_come(self, sign_in: SignIn) -> None:
        browser = sign_in("Back office")
        waits, failed = CallbackFactory.create(), CallbackFactory.create(failed=True)
        assert self.MAY_COME in browser.get(url("callback", "dismiss", waits)).text
        assert self.MAY_COME not in browser.get(url("callback", "dismiss", failed)).text
        for chosen, is_said in (([failed, waits], True), ([failed], False)):
            page = select(browser, "callback", "dismiss_selected", *chosen).text
            assert (self.MAY_COME in page) is is_said

    def test_the_dialog_says_who_else_is_dismissed(self, sign_in: SignIn) -> None:
        first = CallbackFactory.create(asked_again=2)
        CallbackFactory.create_batch(2, status="merged", merged_into=first)
        browser = sign_in("Back office")
        said = "2 further wishes of the same caller were merged with it"
        assert said in browser.get(url("callback", "dismiss", first)).text
        assert said in select(browser, "callback", "dismiss_selected", first).text
        browser.post(url("callback", "dismiss", first), CONFIRMED | A_REASON)
        assert set(Callback.objects.values_list("status", flat=True)) == {"dismissed"}
        assert messages(browser.get(url("callback", "change", first))) == [
            "1 callback was dismissed.",
            "2 further wishes of the same caller were dismissed with it.",
        ]

    @pytest.mark.parametrize("key", ["nonsense", "00000000-0000-0000-0000-000000000000"])
    def test_an_unknown_key_is_asked_about_in_vain(self, key: str, sign_in: SignIn) -> None:
        place = reverse("admin:callbacks_callback_dismiss", args=[key])
        assert sign_in("superuser").get(place).status_code == 200
        assert sign_in("superuser").post(place, CONFIRMED | A_REASON).status_code == 404


SCREENS = list(admin.site._registry.values())


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.opts.label)
def test_every_button_asks_for_a_right_and_shows_a_dialog(screen: Any) -> None:
    """Without a dialog Unfold runs an action on GET; without a right, for any staff."""
    found = (
        screen._get_base_actions_list()
        + screen._get_base_actions_detail()
        + screen._get_base_actions_row()
    )
    assert not screen.actions_submit_line
    for action in found:
        assert action.method.allowed_permissions, action.action_name
        assert action.dialog, action.action_name


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.opts.label)
def test_every_action_on_a_selection_asks_for_a_right(screen: Any) -> None:
    for function, name, _description in screen._get_base_actions():
        allowed = "delete" if name == "delete_selected" else function.allowed_permissions
        assert allowed, f"{screen}: {name}"
