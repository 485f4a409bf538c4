"""The schedule's page: every job as a sentence, and how its last run went."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler
from pytest_django import Settings

from callbacks.models import JobRun
from callbacks.models.job_run import Result
from tests.callbacks.conftest import SignIn

pytestmark = pytest.mark.django_db

LIST = "admin:django_celery_beat_periodictask_changelist"
RELEASED = ["%(n)d callback released", "%(n)d callbacks released", 3]


def a_job(name: str = "Push what is due", task: str = "crm.tasks.push_due") -> PeriodicTask:
    interval = IntervalSchedule.objects.create(every=5, period="seconds")
    return PeriodicTask.objects.create(name=name, task=task, interval=interval)


def a_run(task: PeriodicTask, **facts: Any) -> JobRun:
    usual = {"finished_at": timezone.now(), "took_ms": 318, "result": Result.DONE}
    return JobRun.objects.create(job=task.task, **(usual | facts))


def schedule(sign_in: SignIn, language: str = "en") -> str:
    browser = sign_in("viewer")
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return browser.get(reverse(LIST)).text


def switch(browser: Client, task: PeriodicTask, **fields: str) -> Any:
    answer = browser.post(
        reverse("admin:django_celery_beat_periodictask_change", args=[task.pk]), fields
    )
    task.refresh_from_db()
    return answer


def test_every_job_has_a_german_sentence() -> None:
    with override("de"):
        left = [name for name in settings.CELERY_BEAT_SCHEDULE if gettext(name) == name]
    assert not left


def test_jobs_that_are_not_ours_are_left_out(sign_in: SignIn) -> None:
    a_job("celery.backend_cleanup", "celery.backend_cleanup")
    assert "backend_cleanup" not in schedule(sign_in)


def test_beat_adds_no_job_of_its_own(transactional_db: None) -> None:
    scheduler = DatabaseScheduler(app=current_app, lazy=True)
    scheduler.setup_schedule()
    assert set(PeriodicTask.objects.values_list("name", flat=True)) == set(
        settings.CELERY_BEAT_SCHEDULE
    )


def test_a_run_says_when_how_long_and_what_it_did(sign_in: SignIn) -> None:
    a_run(a_job(), did=[RELEASED])
    page = schedule(sign_in, "de")
    for words in ("Fällige Rückrufe senden", "gerade eben", "318\N{NO-BREAK SPACE}ms", "Erledigt"):
        assert words in page
    assert "3 Rückrufe freigegeben" in page


def test_a_run_that_found_nothing_says_so(sign_in: SignIn) -> None:
    a_run(a_job())
    assert "nothing to do" in schedule(sign_in)


def test_a_run_that_failed_says_why_and_since_when(sign_in: SignIn) -> None:
    then = timezone.now() - timedelta(hours=3)
    a_run(a_job(), result=Result.FAILED, reason="OperationalError", done_at=then)
    assert "OperationalError · last done 3 hours ago" in schedule(sign_in)


def test_a_run_that_could_not_work_says_why_in_the_readers_language(sign_in: SignIn) -> None:
    a_run(a_job(), result=Result.HINDERED, reason="The conversation was paused.")
    page = schedule(sign_in, "de")
    assert "Nicht erledigt" in page
    assert "Die Übertragung war angehalten." in page


def test_a_job_that_never_ran_shows_nothing(sign_in: SignIn) -> None:
    a_job()
    page = schedule(sign_in)
    assert "jb-none" in page
    assert "No job has run yet." in page


@pytest.mark.parametrize(
    ("worker", "beat", "words"),
    [
        (0, 0, "Worker and schedule are at work."),
        (10, 10, "The worker last did something 10 minutes ago."),
        (0, 10, "The worker is at work; the schedule was last heard of 10 minutes ago."),
        (0, None, "The worker is at work, and nothing was heard of the schedule yet."),
    ],
)
def test_the_page_says_who_is_alive(
    worker: int, beat: int | None, words: str, sign_in: SignIn
) -> None:
    now = timezone.now()
    rung_at = None if beat is None else now - timedelta(minutes=beat)
    a_run(a_job(), finished_at=now - timedelta(minutes=worker), rung_at=rung_at)
    assert words in schedule(sign_in)


def test_the_page_asks_for_all_runs_at_once(
    sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for n in range(10):
        a_run(a_job(f"Job {n}", f"job_{n}"))
    browser = sign_in("viewer")
    with django_assert_max_num_queries(15):
        browser.get(reverse(LIST))


def test_a_job_can_be_switched_off_and_nothing_else(sign_in: SignIn) -> None:
    task = a_job()
    a_run(task)
    switch(sign_in("Administrators"), task, name="Another")
    assert (task.enabled, task.name) == (False, "Push what is due")


@pytest.mark.parametrize("role", ["viewer", "Back office", "nobody"])
def test_only_administrators_switch_a_job(role: str, sign_in: SignIn) -> None:
    task = a_job()
    assert switch(sign_in(role), task).status_code == 403
    assert task.enabled


class TestAJobThatIsSwitchedOff:
    @pytest.fixture(autouse=True)
    def _at_work(self, settings: Settings) -> None:
        settings.SALESFORCE_URL = "https://acme.my.salesforce.com"
        a_run(a_job(), rung_at=timezone.now())
        PeriodicTask.objects.update(enabled=False)

    def test_the_schedule_says_so_above_all(self, sign_in: SignIn) -> None:
        text = schedule(sign_in)
        assert "A job of the schedule is switched off: Push what is due." in text
        assert "Worker and schedule are at work." not in text

    def test_the_overview_does_not_call_that_flowing(self, sign_in: SignIn) -> None:
        strip = sign_in("Administrators").get(reverse("overview_now")).json()["strip"]
        assert (strip["tone"], strip["word"]) == ("warn", "Partly switched off")
        assert "Push what is due" in strip["text"]
        shown = [button["link"] for button in strip["buttons"] if button["is_shown"]]
        assert shown == [reverse(LIST)]

    def test_what_is_left_of_celery_is_no_matter(self, sign_in: SignIn) -> None:
        PeriodicTask.objects.update(task="celery.backend_cleanup")
        strip = sign_in("Administrators").get(reverse("overview_now")).json()["strip"]
        assert strip["word"] != "Partly switched off"
