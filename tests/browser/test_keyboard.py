"""The back office without a mouse, and what a screen reader is told on the way."""

import pytest
from django.urls import reverse
from selenium.webdriver.common.keys import Keys

from tests.browser import accessibility, standard
from tests.browser.visitor import Visitor
from tests.factories import CallbackFactory

pytestmark = pytest.mark.browser

CALLBACKS = reverse("admin:callbacks_callback_changelist")
ACCOUNT = "[data-jb-followed=openUserLinks]"
FILTERS = "[data-jb-followed=filterOpen]"
DISMISS = "a[href$='/dismiss/']"


def is_expanded(visitor: Visitor, selector: str) -> bool:
    return visitor.sees(selector).get_attribute("aria-expanded") == "true"


def test_it_skips_to_the_content_first(visitor: Visitor) -> None:
    visitor.opens(reverse("admin:index"))
    visitor.keys(Keys.TAB)
    assert visitor.is_at(".jb-skip")
    visitor.keys(Keys.ENTER)
    visitor.comes_to("#content")


def test_it_reaches_log_out(visitor: Visitor) -> None:
    visitor.opens(reverse("admin:index"))
    assert visitor.tabs_to(ACCOUNT)
    assert not is_expanded(visitor, ACCOUNT)
    visitor.keys(Keys.ENTER)
    visitor.comes_to("#nav-sidebar-inner nav")
    assert is_expanded(visitor, ACCOUNT)
    assert visitor.tabs_to("#logout-form button")
    visitor.keys(Keys.ESCAPE)
    visitor.comes_to(ACCOUNT)
    assert not is_expanded(visitor, ACCOUNT)


def test_it_chooses_a_theme(visitor: Visitor) -> None:
    visitor.opens(reverse("admin:index"))
    dark = "[data-jb-followed=dark]"
    for keys, theme in (((Keys.TAB, Keys.ENTER), "dark"), ((Keys.ENTER,), "light")):
        visitor.tabs_to(ACCOUNT)
        visitor.keys(Keys.ENTER)
        visitor.comes_to("[data-jb-followed=light]")
        visitor.keys(*keys)
        visitor.waits_until(f"document.documentElement.className === '{theme}'")
        pressed = visitor.sees(dark).get_attribute("aria-pressed")
        assert pressed == ("true" if theme == "dark" else "false")
        visitor.keys(Keys.ESCAPE)
    visitor.runs("localStorage.clear()")


def test_it_filters_a_list(visitor: Visitor) -> None:
    CallbackFactory.create(failed=True)
    visitor.opens(reverse("admin:crm_storedrequest_changelist"))
    assert visitor.tabs_to(FILTERS)
    visitor.keys(Keys.ENTER)
    visitor.comes_to("#changelist-filter [role=dialog]")
    assert is_expanded(visitor, FILTERS)
    assert not accessibility.violations(visitor.chrome)
    for _ in range(20):
        visitor.keys(Keys.TAB)
        assert visitor.is_at("#changelist-filter")
    visitor.keys(Keys.ESCAPE)
    visitor.comes_to(FILTERS)


def test_it_stays_in_the_dialog_and_comes_back(visitor: Visitor) -> None:
    callback = CallbackFactory.create(failed=True)
    visitor.opens(reverse("admin:callbacks_callback_change", args=[callback.pk]))
    assert visitor.tabs_to(DISMISS)
    visitor.keys(Keys.ENTER)
    visitor.comes_to("#dialog-form")
    box = visitor.sees("[role=dialog][aria-modal=true]")
    assert box.accessible_name == "Dismiss?"
    for keys in (Keys.TAB, Keys.SHIFT + Keys.TAB):
        for _ in range(8):
            visitor.keys(keys)
            assert visitor.is_at("#dialog")
    visitor.keys(Keys.ESCAPE)
    visitor.comes_to(DISMISS)


def test_an_open_dialog_keeps_to_the_standard(visitor: Visitor) -> None:
    visitor.speaks("de")
    callback = CallbackFactory.create(failed=True)
    visitor.opens(reverse("admin:callbacks_callback_change", args=[callback.pk]))
    visitor.presses(DISMISS)
    visitor.sees("#dialog [name=reason]")
    assert not standard.english(visitor)
    assert not accessibility.violations(visitor.chrome)


def test_the_menu_of_a_narrow_window_opens_and_closes(visitor: Visitor) -> None:
    visitor.sized(820)
    visitor.opens(reverse("admin:index"))
    toggle = "#header-inner [data-jb-followed=sidebarMobileOpen]"
    assert visitor.tabs_to(toggle)
    visitor.keys(Keys.ENTER)
    visitor.comes_to("#nav-sidebar-inner")
    visitor.keys(Keys.ESCAPE)
    visitor.comes_to(toggle)


def test_a_sorted_column_says_so(visitor: Visitor) -> None:
    visitor.opens(f"{reverse('admin:auth_user_changelist')}?o=1")
    assert visitor.runs("return document.querySelectorAll('th[aria-sort=ascending]').length") == 1


def test_it_searches_from_anywhere(visitor: Visitor) -> None:
    visitor.opens(reverse("admin:index"))
    opener = "#nav-sidebar-inner [aria-haspopup=dialog]"
    assert visitor.tabs_to(opener)
    visitor.keys(Keys.ENTER)
    visitor.comes_to("#search-input-command")
    visitor.keys(Keys.ENTER)  # with nothing found
    assert not accessibility.violations(visitor.chrome)
    visitor.keys(Keys.ESCAPE)
    visitor.comes_to(opener)
    assert not visitor.complaints()
