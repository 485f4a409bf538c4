"""Salesforce's side: the org, what was compared with it, and what is handed to it."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from celery import current_app
from django.conf import settings
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from callbacks.models import AcdClient, Callback, JobRun
from callbacks.models.job_run import Result, Run
from crm.inspected import Finding as Inspected
from crm.inspected import Level, said
from crm.models import (
    ApiCalls,
    Finding,
    Inspection,
    NamedQuery,
    ObjectDescription,
    Org,
    PassThroughResource,
    ReconciliationRun,
    StoredRequest,
)
from tests.crm.objects import CASE

USAGE = {"sync": 9_214, "search": 4_120, "pull": 1_440, "describe": 96, "reconcile": 31}
RESOURCE = "jtelACD/writeCallStatistics"
BROKEN_OFF = 2  # nights ago, in the middle of a comparison
CHECKS = (
    Inspected(Level.OK, said("The org offers API version %(version)s.", version="62.0")),
    Inspected(Level.OK, said("Salesforce takes Cases from our user: tried, and none was stored.")),
    Inspected(Level.OK, said("The fields of the default Case are ours to fill.")),
    Inspected(
        Level.WARNING,
        said("No org is pinned yet: the first to which we send will be."),
    ),
)
QUIET = Run(Result.DONE, 12)
AGO = {  # of the last run, where beat does not ring every few seconds
    "crm.tasks.reconcile_recent": timedelta(hours=12, minutes=3),
    "crm.tasks.watch_objects": timedelta(minutes=34),
    "crm.tasks.erase_stored": timedelta(minutes=21),
    "callbacks.tasks.erase_expired": timedelta(minutes=17),
    "callbacks.tasks.forget_expired_tokens": timedelta(minutes=8),
    "callbacks.tasks.forget_old_changes": timedelta(hours=7),
}
RUNS = {
    "crm.tasks.push_due": Run(
        Result.DONE, 318, did=[("%(n)d callback handled", "%(n)d callbacks handled", 3)]
    ),
    "crm.tasks.pull_cases": Run(
        Result.DONE, 1_204, did=[("%(n)d Case changed", "%(n)d Cases changed", 12)]
    ),
    "callbacks.tasks.erase_expired": Run(Result.FAILED, 10_004, "OperationalError"),
}


def org_and_its_day(now: datetime) -> None:
    Org.objects.current()
    Org.objects.update(
        org_id="00D8d0000000001EAA",
        user_id="0058d0000000001EAA",
        signed_in_at=now - timedelta(minutes=31),
        flows_since=now - timedelta(hours=5, minutes=52),
        pulled_at=now - timedelta(minutes=1),
    )
    Inspection.objects.create(
        asked_at=now - timedelta(minutes=40),
        began_at=now - timedelta(minutes=40),
        ended_at=now - timedelta(minutes=40) + timedelta(seconds=3),
        findings=[check.kept() for check in CHECKS],
    )
    Org.note_usage(used=49_620, maximum=100_000)
    today = now.astimezone(UTC).date()
    ApiCalls.objects.add({(today, name): calls for name, calls in USAGE.items()})


def comparisons_and_findings(now: datetime) -> None:
    night = now.replace(hour=2, minute=0, second=0) - timedelta(days=1)
    ReconciliationRun.objects.bulk_create(
        ReconciliationRun(
            started_at=night - timedelta(days=day),
            finished_at=night - timedelta(days=day) + timedelta(seconds=74),
            since=night - timedelta(days=day + 7),
            counts={}
            if day == BROKEN_OFF
            else {"records": 3_119 - 41 * day, "callbacks": 3_120 - 41 * day},
            error_code="NO_CONNECTION" if day == BROKEN_OFF else "",
        )
        for day in range(4)
    )
    synced = Callback.objects.filter(status="synced").latest("received_at")
    case = {"id": synced.case_id, "name": synced.case_number, "url": synced.case_url}
    for kind, subject, detail in (
        ("missing_there", str(synced.pk), {"cases": [case]}),
        (
            "field_required",
            "Case.Reason",
            {"faults": [{"why": "required", "routes": ["Störung Süd"]}]},
        ),
        (
            "field_shrank",
            "Case.Subject",
            {"faults": [{"why": "length", "was": 255, "is": 40, "routes": ["Störung Süd"]}]},
        ),
    ):
        Finding.objects.create(
            kind=kind, subject=subject, detail=detail, found_at=night, seen_at=now
        )


def schedule() -> None:
    """As beat writes it when it starts, and with a first run of each."""
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        ModelEntry.from_entry(name, app=current_app, **entry)
        JobRun.objects.note(entry["task"], RUNS.get(entry["task"], QUIET), by_beat=True)
    now = timezone.now()
    for job, before in AGO.items():
        JobRun.objects.filter(job=job).update(finished_at=now - before, rung_at=now - before)
    PeriodicTask.objects.update(last_run_at=now, total_run_count=17)


def passed_through(client: AcdClient, now: datetime) -> None:
    NamedQuery.objects.create(
        name="Vertrag",
        soql="SELECT Id, Name FROM Account WHERE AccountNumber = :Param1",
    )
    PassThroughResource.objects.get_or_create(
        path=RESOURCE, defaults={"methods": "POST", "mode": PassThroughResource.Mode.STORE}
    )
    body = b'{"SalesForceID": "500Ab0000000001AAA", "AgentUID": "4711", "bOutbound": 0}'
    StoredRequest.objects.bulk_create(
        StoredRequest(
            client=client,
            method="POST",
            path=RESOURCE,
            content_type="application/json",
            body=body,
            received_at=now - timedelta(minutes=4 * number),
            attempts=int(status != "pending"),
            status=status,
            code="HTTP 500" if status == "failed" else "",
            detail="System.LimitException: Too many SOQL queries" if status == "failed" else "",
            delivered_at=now if status == "delivered" else None,
            dismiss_reason="Testanruf" if status == "dismissed" else "",
        )
        for number, status in enumerate(("pending", "failed", "delivered", "dismissed"), start=1)
    )


def described(now: datetime) -> None:
    """What Salesforce said of its Cases when it was asked last."""
    known = {"description": asdict(CASE), "described_at": now - timedelta(minutes=12)}
    ObjectDescription.objects.update_or_create(name="Case", defaults=known)
