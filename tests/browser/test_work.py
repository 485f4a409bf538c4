"""What staff does all day, with mouse and keyboard."""

import pytest
from django.urls import reverse
from selenium.webdriver.common.keys import Keys

from callbacks.models import AcdClient, Callback
from callbacks.models.acd_client import digest
from tests.browser.visitor import Visitor
from tests.factories import CallbackFactory, ClientFactory

pytestmark = pytest.mark.browser


def url(name: str, record: Callback | AcdClient) -> str:
    return reverse(f"admin:callbacks_{name}_change", args=[record.pk])


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_a_failed_sync_is_requeued(visitor: Visitor) -> None:
    callback = CallbackFactory.create(failed=True)
    visitor.opens(url("failedsync", callback))
    visitor.presses("a[href$='/requeue/']")
    visitor.presses("#dialog [type=submit]")
    visitor.waits_until("document.body.innerText.includes('1 callback was requeued.')")
    callback.refresh_from_db()
    assert callback.status == Callback.Status.PENDING
    assert not visitor.complaints()


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_dismissing_asks_for_a_reason(visitor: Visitor) -> None:
    callback = CallbackFactory.create(failed=True)
    visitor.opens(url("callback", callback))
    visitor.presses("a[href$='/dismiss/']")
    visitor.presses("#dialog [type=submit]")
    visitor.waits_until(
        "document.querySelector('#dialog-form .text-red-600, #dialog-form .errorlist')"
    )
    visitor.presses("#dialog [value=test]")
    visitor.presses("#dialog [type=submit]")
    visitor.waits_until("document.body.innerText.includes('1 callback was dismissed.')")
    callback.refresh_from_db()
    assert callback.dismiss_reason == "Test call"


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_a_selection_is_requeued(visitor: Visitor) -> None:
    CallbackFactory.create_batch(3, failed=True)
    visitor.opens(reverse("admin:callbacks_failedsync_changelist"))
    visitor.presses("#action-toggle")
    visitor.runs(
        "const s = document.querySelector('select[name=action]');"
        "s.value = 'requeue_selected'; s.dispatchEvent(new Event('change'))"
    )
    visitor.presses("#changelist-actions [type=submit]")
    visitor.presses("form .jb-btn.primary")
    visitor.waits_until("document.body.innerText.includes('3 callbacks were requeued.')")
    assert Callback.objects.pending().count() == 3


def test_a_new_secret_is_shown_in_the_dialog_that_made_it(visitor: Visitor) -> None:
    client = ClientFactory.create(secret_digest=digest("old"))
    visitor.opens(url("acdclient", client))
    visitor.presses("a[href$='/rotate-secret/']")
    visitor.presses("#dialog [type=submit]")
    secret = visitor.sees("#jb-secret").text
    client.refresh_from_db()
    assert client.secret_digests == [digest(secret), digest("old")]
    visitor.presses("#dialog .jb-btn.primary")
    visitor.waits_until("!document.querySelector('#jb-secret')")
    assert secret not in visitor.reads()


class TestKeyboard:
    def test_it_reaches_the_account_menu(self, visitor: Visitor) -> None:
        visitor.opens(reverse("admin:index"))
        assert visitor.tabs_to("[x-on\\:click*=openUserLinks]")
        visitor.keys(Keys.ENTER)
        assert visitor.sees("#logout-form button")

    def test_it_skips_to_the_content_first(self, visitor: Visitor) -> None:
        visitor.opens(reverse("admin:index"))
        visitor.keys(Keys.TAB)
        assert visitor.runs("return document.activeElement.className") == "jb-skip"

    def test_it_stays_in_the_dialog_and_comes_back(self, visitor: Visitor) -> None:
        visitor.opens(url("callback", CallbackFactory.create(failed=True)))
        assert visitor.tabs_to("a[href$='/dismiss/']")
        visitor.keys(Keys.ENTER)
        visitor.waits_until("document.activeElement.closest('[role=dialog]')")
        for _ in range(12):
            visitor.keys(Keys.TAB)
            assert visitor.runs("return !!document.activeElement.closest('[role=dialog]')")
        visitor.keys(Keys.ESCAPE)
        visitor.waits_until("document.activeElement.matches(\"a[href$='/dismiss/']\")")


def test_every_page_has_its_landmarks(visitor: Visitor) -> None:
    visitor.opens(reverse("admin:callbacks_callback_changelist"))
    assert visitor.runs("return document.querySelectorAll('[role=main], main').length") == 1
    assert visitor.runs("return document.querySelectorAll('h1').length") == 1
    unnamed = "return [...document.querySelectorAll('nav')].filter(n => !n.ariaLabel && n.offsetParent).length"
    assert visitor.runs(unnamed) == 0
