"""What the conversation does by the clock."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from celery import current_app
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from pytest_django import Settings

from callbacks.models import FunctionRoute
from crm import tasks
from crm.models import Finding, ReconciliationRun
from crm.models import Org as OrgState
from tests.callbacks.cast import a_callback
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_job_has_a_task() -> None:
    current_app.loader.import_default_modules()
    for job in project.CELERY_BEAT_SCHEDULE.values():
        assert job["task"] in current_app.tasks


def test_the_comparison_is_nightly_by_the_clock_on_the_wall(settings: Settings) -> None:
    plan = settings.CELERY_BEAT_SCHEDULE["Compare with Salesforce"]["schedule"]
    stored = CrontabSchedule.from_schedule(plan)
    stored.save()
    stored.refresh_from_db()
    assert (stored.hour, stored.minute) == ("2", "30")
    berlin = ZoneInfo("Europe/Berlin")
    at_two = datetime(2026, 7, 1, 2, 0, tzinfo=berlin)
    delta = stored.schedule.remaining_delta(at_two)
    assert (delta[0] + delta[1]).astimezone(berlin).hour == 2


def test_staff_reads_when_it_runs(admin_client: Client) -> None:
    plan = CrontabSchedule.objects.create(hour="2", minute="5", timezone="Europe/Berlin")
    PeriodicTask.objects.create(name="Compare with Salesforce", task="x", crontab=plan)
    place = reverse("admin:django_celery_beat_periodictask_changelist")
    assert "daily at 2:05" in admin_client.get(place).text


def test_the_way_back_the_comparison_and_the_watch_run(org: Org) -> None:
    FunctionRoute.objects.get_or_create(service_number=None, function="")
    a_callback(status="synced", case_object="Case", case_id="500000000000001AAA")
    org.remove_field("Jtel_Requested_At__c")
    tasks.pull_cases()
    tasks.reconcile_recent()
    tasks.watch_objects()
    assert ReconciliationRun.objects.get().error_code == ""
    assert set(Finding.objects.values_list("kind", flat=True)) == {
        "missing_there",
        "field_vanished",
    }


@pytest.mark.usefixtures("org")
def test_without_an_org_nothing_runs(settings: Settings) -> None:
    settings.SALESFORCE_URL = ""
    tasks.pull_cases()
    tasks.reconcile_recent()
    tasks.watch_objects()
    assert not ReconciliationRun.objects.exists()
    assert not OrgState.objects.exists()
