"""What staff does all day, with mouse and keyboard."""

import pytest
from django.urls import reverse

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
def test_what_waits_is_sent_now(visitor: Visitor) -> None:
    visitor.opens(url("callback", CallbackFactory.create(put_off=True)))
    visitor.presses("a[href$='/send_now/']")
    visitor.presses("#dialog [type=submit]")
    visitor.waits_until("document.body.innerText.includes('1 callback is due now')")
    assert Callback.objects.due().count() == 1
    assert not visitor.complaints()


@pytest.mark.parametrize("visitor", ["Back office"], indirect=True)
def test_a_selection_is_requeued(visitor: Visitor) -> None:
    CallbackFactory.create_batch(3, failed=True)
    visitor.opens(f"{reverse('admin:callbacks_callback_changelist')}?status__exact=failed")
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
