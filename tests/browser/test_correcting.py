"""A clerk corrects what Salesforce refused, with mouse and keyboard."""

import pytest
from django.urls import reverse
from django.utils import timezone
from selenium.webdriver.common.keys import Keys

from callbacks.models import Callback, Correction, FunctionRoute
from tests.browser import accessibility, standard
from tests.browser.visitor import Visitor
from tests.callbacks.replays import failed
from tests.seeding import conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("visitor", ["Back office"], indirect=True),
]

SUBJECT = "#id_field-Subject"
COUNTER = "document.querySelector('[data-counter=id_field-Subject]')"


@pytest.fixture
def refused(visitor: Visitor) -> Callback:
    """Which Salesforce found too long in its subject."""
    conversation.described(timezone.now())
    FunctionRoute.objects.update(find_caller_in="")
    [callback] = failed(1, failure_code="STRING_TOO_LONG", failure_detail="Subject: too long")
    return callback


def detail(callback: Callback) -> str:
    return reverse("admin:callbacks_callback_change", args=[callback.pk])


def test_from_the_callback_to_its_correction_and_back(visitor: Visitor, refused: Callback) -> None:
    visitor.opens(detail(refused))
    visitor.presses("a[href$='/correct/']")
    visitor.photographs("correct")
    assert not standard.faults(visitor) + accessibility.violations(visitor.chrome)
    visitor.sees(SUBJECT).clear()
    visitor.types(SUBJECT, "Heizung")
    visitor.waits_until(f"{COUNTER}.innerText === '7 / 255'")
    visitor.presses("[name=resend]")
    visitor.waits_until("document.body.innerText.includes('Corrected and requeued.')")
    assert "Petra Lindner corrected Subject" in visitor.reads()
    refused.refresh_from_db()
    assert refused.status == "pending"
    assert Correction.objects.get().value == "Heizung"
    assert not visitor.complaints()


def test_what_is_too_long_is_seen_while_it_is_typed(visitor: Visitor, refused: Callback) -> None:
    visitor.opens(f"{detail(refused).removesuffix('change/')}correct/")
    visitor.runs(f"document.querySelector('{SUBJECT}').value = 'x'.repeat(255)")
    visitor.types(SUBJECT, "yz")
    visitor.waits_until(f"{COUNTER}.dataset.tone === 'bad'")
    visitor.keys(Keys.ENTER)
    visitor.waits_until("document.body.innerText.includes('2 characters too long.')")
    visitor.photographs("correct-too-long")
    assert not Correction.objects.exists()


def test_other_fields_are_a_key_away(visitor: Visitor, refused: Callback) -> None:
    visitor.opens(f"{detail(refused).removesuffix('change/')}correct/")
    assert visitor.tabs_to("summary")
    visitor.keys(Keys.ENTER)
    assert visitor.tabs_to("#id_field-SuppliedPhone")
    visitor.keys("0")
    assert visitor.tabs_to("[name=only]")
    visitor.keys(Keys.ENTER)
    visitor.waits_until("document.body.innerText.includes('Corrected.')")
    assert Correction.objects.get().field == "SuppliedPhone"
    refused.refresh_from_db()
    assert refused.status == "failed"
