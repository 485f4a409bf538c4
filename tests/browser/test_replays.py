"""From failed callbacks to a replay and a correction, with mouse and keyboard."""

import pytest
from django.urls import reverse
from selenium.webdriver.common.keys import Keys

from callbacks.models import Callback, Care, Replay
from callbacks.replaying import advance_all
from tests.browser import accessibility, standard
from tests.browser.visitor import Visitor
from tests.callbacks.replays import SIGNATURE, failed, started, step, the_org_takes

pytestmark = pytest.mark.browser

GROUPS = reverse("admin:callbacks_failedsync_changelist")
PAUSE = "a[href$='/pause/']"
BAR = "document.querySelector('[role=progressbar]')"


def page(replay: Replay) -> str:
    return reverse("admin:callbacks_replay_change", args=[replay.pk])


def figure(name: str) -> str:
    return f"document.querySelector('[data-figure={name}]').textContent"


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_a_group_is_sent_again_in_four_presses(visitor: Visitor) -> None:
    failed(5)
    visitor.opens(GROUPS)
    visitor.photographs("failed-groups")
    visitor.presses(".jb-fails summary")
    visitor.presses(".jb-fails .jb-btn.primary")
    visitor.waits_until("document.querySelector('[name=rate]:checked')?.value === '600'")
    visitor.photographs("replay-start")
    assert not standard.faults(visitor) + accessibility.violations(visitor.chrome)
    visitor.presses("form .jb-btn.primary")
    visitor.waits_until(BAR)
    replay = Replay.objects.get()
    assert (replay.size, bool(replay.trial_since)) == (5, True)
    assert not standard.faults(visitor) + accessibility.violations(visitor.chrome)


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_the_page_moves_by_itself_and_keeps_the_focus(visitor: Visitor) -> None:
    failed(4)
    replay = started()
    visitor.opens(page(replay))
    visitor.waits_until(f"{BAR}.ariaValueNow === '0'")
    assert visitor.tabs_to(PAUSE)
    step()
    first = Callback.objects.pending().first()
    assert first
    the_org_takes(first)
    visitor.waits_until(f"{BAR}.ariaValueNow === '25'")
    visitor.photographs("replay-running")
    assert visitor.runs(f"return {figure('arrived')}") == "1"
    assert visitor.is_at(PAUSE)
    the_org_takes()
    step()
    advance_all()
    step()
    visitor.waits_until("document.body.innerText.includes('4 arrived in Salesforce.')")
    assert visitor.runs(f"return {BAR}.ariaValueNow") == "100"
    assert not visitor.complaints()


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_it_is_paused_and_goes_on(visitor: Visitor) -> None:
    failed(3)
    replay = started()
    visitor.opens(page(replay))
    for verb, state in (("pause", "paused"), ("go_on", "running"), ("cancel", "cancelled")):
        visitor.presses(f"a[href$='/{verb}/']")
        visitor.presses("#dialog [type=submit]")
        visitor.waits_until(f"document.querySelector('[data-state={state}]')")
    visitor.photographs("replay-cancelled")
    assert Replay.objects.get().state == "cancelled"
    assert "3 were not sent and stay failed." in visitor.reads()
    assert not visitor.complaints()


@pytest.mark.parametrize("visitor", ["viewer"], indirect=True)
def test_closing_and_reopening_shows_how_far_it_is(visitor: Visitor) -> None:
    failed(2)
    replay = started()
    visitor.opens(page(replay))
    visitor.opens("/healthz")
    step()
    first = Callback.objects.pending().first()
    assert first
    the_org_takes(first)
    visitor.opens(GROUPS)
    assert "50 % · Running · Petra Lindner" in visitor.reads()
    visitor.presses(".jb-running a")
    visitor.waits_until(f"{BAR}?.ariaValueNow === '50'")
    assert not visitor.runs("return document.querySelectorAll('a[href$=\"/pause/\"]').length")


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_a_clerk_is_on_a_group_and_lets_it_go_without_a_mouse(visitor: Visitor) -> None:
    failed(2)
    visitor.opens(GROUPS)
    assert visitor.tabs_to(".jb-quiet a")
    visitor.keys(Keys.ENTER)
    visitor.waits_until("document.querySelector('[name=note]')")
    assert not standard.faults(visitor) + accessibility.violations(visitor.chrome)
    assert visitor.tabs_to("[name=note]")
    visitor.keys("Ich frage nach.", Keys.ENTER)
    visitor.waits_until("document.body.innerText.includes('Petra Lindner is on it, since')")
    visitor.photographs("failed-group-in-hand")
    assert not standard.faults(visitor) + accessibility.violations(visitor.chrome)
    visitor.presses(".jb-quiet a")
    visitor.presses("form .jb-btn.primary")
    visitor.waits_until("document.body.innerText.includes('Nobody is on it any more.')")
    assert not Care.objects.exists()


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_a_selection_is_sent_again(visitor: Visitor) -> None:
    failed(3)
    visitor.opens(f"{GROUPS}?failure_signature__exact={SIGNATURE}")
    visitor.presses("#action-toggle")
    visitor.runs(
        "const s = document.querySelector('select[name=action]');"
        "s.value = 'replay_selected'; s.dispatchEvent(new Event('change'))"
    )
    visitor.presses("#changelist-actions [type=submit]")
    visitor.waits_until("document.body.innerText.includes('Replay 3 callbacks?')")
    visitor.presses("form .jb-btn.primary")
    visitor.waits_until(BAR)
    assert Replay.objects.get().size == 3


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_a_clerk_dismisses_a_group_of_test_calls(visitor: Visitor) -> None:
    failed(3)
    visitor.opens(GROUPS)
    visitor.presses("a[href*='/dismiss/']")
    visitor.waits_until("document.querySelector('[name=reason]')")
    assert not standard.faults(visitor) + accessibility.violations(visitor.chrome)
    visitor.presses("[name=reason][value=test]")
    visitor.presses("form .jb-btn.primary")
    visitor.waits_until("document.body.innerText.includes('3 callbacks were dismissed.')")
    assert not Callback.objects.failed().exists()
