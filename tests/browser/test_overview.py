"""The first page keeps itself current, and nobody loses their place."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from callbacks.admin import attention
from callbacks.models import Callback, JobRun
from callbacks.models.job_run import Result, Run
from crm.models import Org
from tests.browser.visitor import Visitor
from tests.factories import CallbackFactory, RejectedFactory

pytestmark = pytest.mark.browser

ASK = "document.dispatchEvent(new Event('visibilitychange'))"
SIX_HOURS = timedelta(hours=6)


@pytest.fixture
def busy(visitor: Visitor, settings: Settings) -> Visitor:
    """A morning with a bit of everything."""
    settings.SALESFORCE_URL = "https://acme.my.salesforce.com"
    now = timezone.now()
    JobRun.objects.note("crm.tasks.push_due", Run(Result.DONE, 318), by_beat=True)
    Org.objects.create(org_id="00D8d0000000001EAA", flows_since=now - SIX_HOURS)
    Org.note_usage(used=49_620, maximum=100_000)
    for n in range(5):
        made = CallbackFactory.create_batch(6 - n, synced=True, service_number=f"49894613{n}")
        Callback.objects.filter(pk__in=[each.pk for each in made]).update(
            received_at=now, synced_at=now + timedelta(seconds=1.1), service_name=f"Hotline {n}"
        )
    CallbackFactory.create(failed=True, failure_signature="a")
    CallbackFactory.create(held=True)
    RejectedFactory.create()
    attention.forget()
    return visitor


def text_of(visitor: Visitor, key: str) -> str:
    return str(visitor.runs(f"return document.querySelector('[data-now=\"{key}\"]').textContent"))


@pytest.mark.parametrize("language", ["en", "de"])
def test_it_draws_and_says_the_same_numbers(busy: Visitor, language: str) -> None:
    busy.speaks(language)
    busy.opens("/admin/")
    busy.waits_until("Chart.getChart('jb-chart')?.data.datasets.length === 5")
    cells = "[...document.querySelectorAll('#jb-chart-table td')].reduce((n, c) => n + +c.textContent, 0)"
    assert busy.runs(f"return {cells}") == 6 + 5 + 4 + 3 + 2 + 1 + 1
    assert text_of(busy, "tiles.0.figure") == "22"
    assert not busy.complaints()


def test_news_change_nothing_but_what_is_new(busy: Visitor) -> None:
    busy.sized(1280, 400)
    busy.opens("/admin/")
    busy.waits_until("Chart.getChart('jb-chart')?.data.datasets.length === 5")
    busy.runs("document.querySelector('.jb-rows a[href]').focus(); scrollTo(0, 150)")
    scrolled = busy.runs("return scrollY")
    busy.runs("window.kept = [...document.querySelectorAll('[data-now]')]")
    CallbackFactory.create(failed=True, failure_signature="a")
    attention.forget()
    busy.runs(ASK)
    busy.waits_until("document.querySelector('[data-now=\"tiles.0.figure\"]').textContent === '23'")
    assert text_of(busy, "reasons.rows.0.figure") == "2"
    assert text_of(busy, "strip.text").endswith("3 need a decision.")
    assert busy.runs("return document.activeElement.matches('.jb-rows a')")
    assert busy.runs("return scrollY") == scrolled > 0
    assert busy.runs("return window.kept.every((element) => element.isConnected)")
    busy.sized(1280)


def test_a_server_that_is_away_is_told_after_three_times(busy: Visitor) -> None:
    busy.opens("/admin/")
    busy.runs("window.reached = window.fetch; window.fetch = () => Promise.reject(new Error())")
    busy.runs(f"{ASK}; {ASK}")
    assert text_of(busy, "strip.word") == "Flowing"
    busy.runs(ASK)
    busy.waits_until("document.querySelector('.jb-state strong').textContent === 'No connection'")
    assert "This is how it stood at" in text_of(busy, "strip.text")
    busy.runs(f"window.fetch = window.reached; {ASK}")
    busy.waits_until("document.querySelector('.jb-state strong').textContent === 'Flowing'")


def test_bars_take_the_colours_of_the_theme(busy: Visitor) -> None:
    busy.opens("/admin/")
    busy.waits_until("Chart.getChart('jb-chart')?.data.datasets.length === 5")
    color = "return Chart.getChart('jb-chart').options.scales.y.ticks.color"
    light = busy.runs(color)
    busy.runs("document.documentElement.classList.toggle('dark')")
    busy.waits_until(f"{color.removeprefix('return ')} !== '{light}'")


def test_the_conversation_is_paused_and_resumed_without_leaving(busy: Visitor) -> None:
    busy.opens("/admin/")
    busy.presses(".jb-state a[href$='/pause/']")
    busy.types("#dialog [name=reason]", "Data load")
    busy.presses("#dialog [type=submit]")
    busy.waits_until("document.querySelector('.jb-state strong')?.textContent === 'Paused'")
    assert busy.runs("return location.pathname") == "/admin/"
    busy.presses(".jb-state a[href$='/resume/']")
    busy.presses("#dialog [type=submit]")
    busy.waits_until("document.querySelector('.jb-state strong')?.textContent === 'Flowing'")
    assert not busy.complaints()


def test_somebody_elses_pause_appears_with_the_button_that_ends_it(busy: Visitor) -> None:
    busy.opens("/admin/")
    Org.pause(by=None, reason="Data load")
    busy.runs(ASK)
    busy.waits_until("document.querySelector('.jb-state strong').textContent === 'Paused'")
    assert busy.sees(".jb-state a[href$='/resume/']")
    assert busy.runs("return document.querySelector(\".jb-state a[href$='/pause/']\").hidden")
