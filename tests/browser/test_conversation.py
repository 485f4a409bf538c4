"""Staff pauses the conversation with Salesforce, and lets it go on slowly."""

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from callbacks.models import JobRun
from callbacks.models.job_run import Result, Run
from crm.bell import inspection_bell
from crm.models import ApiCalls, Org
from crm.tasks import inspect_org
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

PAGE = "/admin/crm/org/1/change/"


def test_the_conversation_is_paused_and_resumed_at_a_rate(
    visitor: Visitor, settings: Settings
) -> None:
    settings.SALESFORCE_URL = "https://acme.my.salesforce.com"
    JobRun.objects.note("crm.tasks.push_due", Run(Result.DONE, 318), by_beat=True)
    Org.objects.create(org_id="00D8d0000000001EAA")
    Org.note_usage(used=12_345, maximum=100_000)
    ApiCalls.objects.add({(datetime.now(UTC).date(), "sync"): 4321})
    visitor.opens(PAGE)
    visitor.presses("a[href$='/pause/']")
    visitor.types("#dialog [name=reason]", "Data load until nine")
    visitor.presses("#dialog [type=submit]")
    visitor.waits_until("document.body.innerText.includes('The conversation pauses.')")
    assert Org.objects.get().pause_reason == "Data load until nine"
    visitor.opens("/admin/")
    visitor.opens(PAGE)
    visitor.presses("a[href$='/resume/']")
    visitor.types("#dialog [name=per_minute]", "30")
    visitor.presses("#dialog [type=submit]")
    visitor.waits_until("document.body.innerText.includes('30 callbacks a minute go out')")
    visitor.opens(PAGE)
    state = Org.objects.get()
    assert (state.paused_at, state.drip_per_minute) == (None, 30)
    assert not visitor.complaints()


def test_the_connection_is_tested_and_the_page_shows_what_came_of_it(
    visitor: Visitor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SALESFORCE_URL = ""
    monkeypatch.setattr(inspection_bell, "ring", lambda: None)
    Org.objects.current()
    visitor.opens(PAGE)
    visitor.presses("a[href$='/1/test/']")
    visitor.presses("#dialog [type=submit]")
    visitor.sees("[data-await]")
    inspect_org()
    visitor.waits_until("document.querySelectorAll('.jb-checks li').length === 1")
    assert "No Salesforce org is configured." in visitor.reads()
    visitor.photographs("connection-tested")
    assert not visitor.complaints()
