"""What is kept of each run of a job: for the schedule's page, and to tell who is alive."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Task, current_app
from django.db import DatabaseError
from django.utils import timezone

from callbacks import jobs
from callbacks.models import JobRun
from callbacks.models.job_run import Result
from callbacks.tasks import release_held
from tests.factories import CallbackFactory, RouteFactory
from tests.processes import Installation, until

pytestmark = pytest.mark.django_db


def run(task: "Task[Any, Any]") -> JobRun:
    """As a worker runs it, signals included."""
    task.apply()
    return JobRun.objects.get(job=task.name)


@pytest.fixture
def a_job() -> Iterator[Any]:
    """A job of the test's own; what it does is told by `work`."""
    holder = SimpleNamespace(work=lambda: None)

    def work() -> None:
        holder.work()

    task = current_app.task(name="tests.a_job")(work)
    yield SimpleNamespace(task=task, holder=holder)
    current_app.tasks.unregister("tests.a_job")


def test_a_run_is_kept_with_what_it_did() -> None:
    CallbackFactory.create_batch(2, held=True, function="new")
    RouteFactory.create(function="new")
    before = timezone.now()
    kept = run(release_held)
    assert kept.result == Result.DONE
    assert kept.did == [["%(n)d callback released", "%(n)d callbacks released", 2]]
    assert kept.done_at == kept.finished_at
    assert abs((kept.finished_at - before).total_seconds()) < 30


def test_a_job_has_one_row_however_often_it_runs() -> None:
    first = run(release_held).finished_at
    assert run(release_held).finished_at >= first
    assert JobRun.objects.count() == 1


def test_a_run_costs_one_statement(a_job: Any, django_assert_num_queries: Any) -> None:
    run(a_job.task)
    with django_assert_num_queries(1):
        a_job.task.apply()


def test_an_error_is_kept_by_name_alone(a_job: Any) -> None:
    def fail() -> None:
        raise ValueError("+49 171 6547539")

    run(a_job.task)
    a_job.holder.work = fail
    kept = run(a_job.task)
    assert (kept.result, kept.reason) == (Result.FAILED, "ValueError")
    assert kept.done_at is not None
    assert kept.done_at < kept.finished_at


def test_a_job_says_why_it_could_not_work(a_job: Any) -> None:
    a_job.holder.work = lambda: jobs.hindered("No Salesforce org is configured.")
    kept = run(a_job.task)
    assert (kept.result, kept.reason) == (Result.HINDERED, "No Salesforce org is configured.")
    assert kept.done_at is None


def test_a_hindrance_is_not_the_next_runs(a_job: Any) -> None:
    a_job.holder.work = lambda: jobs.hindered("No Salesforce org is configured.")
    run(a_job.task)
    a_job.holder.work = lambda: None
    assert run(a_job.task).result == Result.DONE


def test_what_is_said_outside_of_a_job_is_not_kept() -> None:
    jobs.hindered("No Salesforce org is configured.")
    assert not JobRun.objects.exists()


def test_a_bell_shows_the_worker_alive_and_not_the_beat() -> None:
    assert JobRun.objects.pulse() == (None, None)
    run(release_held)
    pulse = JobRun.objects.pulse()
    assert pulse.worker_at is not None
    assert pulse.beat_at is None


def test_the_beat_is_heard_through_a_worker(installation: Installation) -> None:
    installation.start_worker()
    installation.start_beat()
    runs = "SELECT job, result, reason FROM callbacks_jobrun WHERE rung_at IS NOT NULL"
    run = ("crm.tasks.push_due", "hindered", "No Salesforce org is configured.")
    until(lambda: run in installation.query(runs))


def test_a_run_is_done_also_when_it_cannot_be_noted(
    a_job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(type(JobRun.objects.all()), "note", away)
    assert a_job.task.apply().successful()
