"""Finding a callback: by the list's filters, by views that were remembered, and with Ctrl+K."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from selenium.webdriver.common.keys import Keys

from callbacks.models import Callback, SavedView
from tests.browser.visitor import Visitor
from tests.factories import CallbackFactory

pytestmark = pytest.mark.browser

LIST = reverse("admin:callbacks_callback_changelist")
FILTERS = "[data-jb-followed=filterOpen]"
ROWS = "document.querySelectorAll('#result_list tbody tr').length"


def page_of(callback: Callback) -> str:
    return reverse("admin:callbacks_callback_change", args=[callback.pk])


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_a_narrowed_list_is_remembered_and_forgotten(visitor: Visitor) -> None:
    CallbackFactory.create(function="Termin", failed=True)
    CallbackFactory.create(function="Vertrag", failed=True)
    CallbackFactory.create(function="Termin", received_at=timezone.now() - timedelta(days=9))
    visitor.opens(LIST)
    visitor.presses(FILTERS)
    visitor.presses("#filter-form [name=function] option[value=Termin]")
    visitor.presses("#filter-form [type=submit]")
    visitor.waits_until(f"{ROWS} === 2")
    visitor.presses(FILTERS)
    visitor.presses(".jb-presets a")  # today
    visitor.waits_until(f"{ROWS} === 1")
    visitor.presses(".jb-menu summary")
    visitor.types("#jb-view-name", "Termine heute")
    visitor.presses(".jb-menu [type=submit]")
    visitor.waits_until(
        "document.querySelector('.jb-tabs [aria-current]')?.innerText === 'Termine heute'"
    )
    visitor.photographs("a-view-remembered")
    visitor.presses(".jb-views form button")
    visitor.waits_until("!document.body.innerText.includes('Termine heute')")
    assert not SavedView.objects.exists()
    assert not visitor.complaints()


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_from_anywhere_to_a_callback_by_its_last_digits(visitor: Visitor) -> None:
    wanted = CallbackFactory.create(caller_number="491716547539", failed=True)
    visitor.opens(reverse("admin:index"))
    visitor.keys_with(Keys.CONTROL, "k")
    visitor.comes_to("#search-input-command")
    visitor.keys("7539")
    visitor.waits_until("document.querySelector('#command-results-list .active a')")
    visitor.comes_to("#search-input-command")  # and the focus stays where somebody types
    visitor.photographs("palette")
    visitor.keys(Keys.ENTER)
    visitor.waits_until(f"location.pathname === '{page_of(wanted)}'")
    assert not visitor.complaints()


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_enter_before_anything_was_found_is_harmless(visitor: Visitor) -> None:
    visitor.opens(reverse("admin:index"))
    visitor.keys_with(Keys.CONTROL, "k")
    visitor.comes_to("#search-input-command")
    visitor.keys("zzz", Keys.ENTER)
    visitor.waits_until("document.querySelector('#command-results-note .jb-empty')")
    visitor.keys(Keys.ENTER)
    assert not visitor.complaints()


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_a_dry_run_appears_where_it_was_asked_for(visitor: Visitor) -> None:
    visitor.opens(page_of(CallbackFactory.create(failed=True)))
    visitor.presses(".jb-ask button")
    visitor.waits_until("document.querySelector('#jb-outcome .jb-verdict')")
    visitor.photographs("dry-run")
    assert not visitor.complaints()


@pytest.mark.parametrize("visitor", ["Viewer"], indirect=True)
def test_a_viewer_sees_dots_wherever_they_look(visitor: Visitor) -> None:
    callback = CallbackFactory.create(
        caller_number="491716547539", contact_name="Eva Meier", synced=True
    )
    for place in (LIST, page_of(callback)):
        visitor.opens(place)
        text = visitor.reads()
        assert "•••••539" in text
        assert "6547" not in text.replace(str(callback.pk), "")
        assert "Meier" not in text


@pytest.mark.parametrize("visitor", ["Viewer"], indirect=True)
def test_the_language_menu_is_remembered_wherever_somebody_signs_in(visitor: Visitor) -> None:
    visitor.opens(reverse("own_settings"))
    visitor.presses("[name=language] option[value=de]")
    visitor.presses("#content [type=submit]")
    visitor.waits_until("document.documentElement.lang === 'de'")
    assert "Ihre Wahl ist gespeichert." in visitor.reads()


def test_the_browsers_zone_is_told(visitor: Visitor) -> None:
    visitor.opens(reverse("admin:index"))
    told = visitor.runs("return document.cookie.match(/zone=([^;]*)/)[1]")
    assert told == visitor.runs("return Intl.DateTimeFormat().resolvedOptions().timeZone")
