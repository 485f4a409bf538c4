"""From held callbacks to the route that they lack, with the mouse."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from callbacks.models import Callback, FunctionRoute, ServiceNumber
from tests.browser.visitor import Visitor
from tests.factories import CallbackFactory, ServiceNumberFactory

pytestmark = pytest.mark.browser

HELD = f"{reverse('admin:callbacks_callback_changelist')}?status__exact=held"
NUMBER = "498946134180"


@pytest.mark.parametrize("visitor", ["Administrators"], indirect=True)
def test_held_callbacks_get_their_route_and_go_out(visitor: Visitor) -> None:
    FunctionRoute.objects.update(enabled=False)
    ServiceNumberFactory.create(number=NUMBER, name="", adopted=False)
    CallbackFactory.create_batch(3, held=True, function="Rückruf")
    CallbackFactory.create(
        held=True, function="Rückruf", received_at=timezone.now() - timedelta(hours=30)
    )
    CallbackFactory.create(held=True, service_name="", service_number="4930901820", function="")
    visitor.opens(HELD)
    visitor.presses(".jb-groups tbody tr:first-child a.jb-btn")
    visitor.waits_until("document.body.innerText.includes('Make a route?')")
    visitor.photographs("held-question")
    visitor.presses("form .jb-btn.primary")
    visitor.waits_until("document.querySelector('#id_function')?.value === 'Rückruf'")
    visitor.photographs("held-form")
    assert "3 held callbacks go out by themselves" in visitor.reads()
    visitor.presses("[name=_save]")
    visitor.waits_until("document.body.innerText.includes('3 callbacks went out.')")
    visitor.photographs("held-saved")
    assert "1 older one stays held" in visitor.reads()
    assert Callback.objects.pending().count() == 3
    visitor.opens(HELD)
    visitor.presses("a[href*='held/release/']")
    visitor.presses("form .jb-btn.primary")
    visitor.waits_until("document.body.innerText.includes('1 callback was released.')")
    assert not visitor.complaints()


@pytest.mark.parametrize("visitor", ["Administrators"], indirect=True)
def test_a_seen_number_is_adopted_under_its_name(visitor: Visitor) -> None:
    CallbackFactory.create(service_name="Service Hotline")
    number = ServiceNumberFactory.create(
        number=NUMBER, name="", adopted=False, seen_at=timezone.now()
    )
    visitor.opens(reverse("admin:callbacks_servicenumber_change", args=[number.pk]))
    visitor.presses("a[href$='/adopt/']")
    assert visitor.sees("#dialog [name=name]").get_attribute("value") == "Service Hotline"
    visitor.photographs("adopt-dialog")
    visitor.presses("#dialog [type=submit]")
    visitor.waits_until("document.body.innerText.includes('1 service number was adopted.')")
    assert ServiceNumber.objects.get().name == "Service Hotline"
    assert not visitor.complaints()
