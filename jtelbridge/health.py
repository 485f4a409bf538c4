"""Whether this process is up, and whether it is ready to take callbacks.

Not ready means that a callback could not be stored. A dead broker, a silent worker, or callbacks
that nobody brings to Salesforce, cost time and lose nothing: degraded.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection

from callbacks.models import JobRun
from callbacks.models.job_run import SILENT
from callbacks.waiting import oldest_due_seconds

LATE_SECONDS = 60  # a dozen sweeps
BROKER_SECONDS = 2
OK = "ok"
UNUSED = "not configured"
PAUSED = "paused by staff"
HEARD = ("worker_silent_seconds", "beat_silent_seconds")  # in the order of a Pulse
_probes = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readyz")
_migrated = False


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    report = readiness()
    return JsonResponse(report, status=503 if report["status"] == "unready" else 200)


def readiness() -> dict[str, Any]:
    report: dict[str, Any] = {"database": database()}
    if report["database"] == OK:
        report["migrations"] = migrations()
    ready = all(state == OK for state in report.values())
    report["broker"] = broker()
    report["salesforce"] = salesforce() if ready else None
    report["oldest_due_seconds"] = late = oldest_due_seconds() if ready else None
    silence = heard() if ready else dict.fromkeys(HEARD)
    report |= silence
    in_trouble = report["broker"] != OK or report["salesforce"] not in {OK, UNUSED}
    is_late = (late or 0) > LATE_SECONDS
    is_silent = any((seconds or 0) > SILENT.total_seconds() for seconds in silence.values())
    degraded = in_trouble or is_late or is_silent
    verdict = "unready" if not ready else "degraded" if degraded else "ready"
    return {"status": verdict, **report}


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute(READ_ONLY[connection.vendor])
            return "read-only" if cursor.fetchone()[0] else OK
    except Error as error:
        return type(error).__name__


READ_ONLY = {
    "postgresql": "SELECT current_setting('transaction_read_only')::bool",
    "sqlite": "SELECT COUNT(*) * 0 FROM sqlite_schema",
}


def migrations() -> str:
    """Looked up until there is nothing left to apply: this process' code does not change."""
    global _migrated  # noqa: PLW0603 - what was once applied stays so
    if not _migrated:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return f"{len(missing)} not applied"
        _migrated = True
    return OK


def broker() -> str:
    """Asked in a thread of its own: some brokers accept a connection and never say a word."""
    probe = _probes.submit(ask_broker)
    try:
        probe.result(timeout=BROKER_SECONDS)
    except TimeoutError:
        probe.cancel()
        return f"no answer within {BROKER_SECONDS} s"
    except Exception as error:  # noqa: BLE001 - each transport brings errors of its own
        return type(error).__name__
    return OK


def ask_broker() -> None:
    options: dict[str, Any] = getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {})
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        if not os.access(options["data_folder_out"], os.W_OK | os.X_OK):
            raise PermissionError
        return
    asked = Connection(
        settings.CELERY_BROKER_URL, connect_timeout=BROKER_SECONDS, transport_options=options
    )
    # Not asked.connect(): that one tries again, and sleeps in between.
    transport = asked.transport
    transport.close_connection(transport.establish_connection())


def salesforce() -> str:
    """What the workers last found, or staff wants; nobody is asked here."""
    if not (settings.SALESFORCE_URL and apps.is_installed("crm")):
        return UNUSED
    states = apps.get_model("crm", "Org").objects.values_list("paused_at", "trouble_code")
    for paused_at, trouble_code in states:
        return PAUSED if paused_at else trouble_code or OK
    return OK


def heard() -> dict[str, float | None]:
    """For how long nothing was heard of each; nothing if it never was. Beat is heard by a worker."""
    now = timezone.now()
    return {
        name: round(max((now - at).total_seconds(), 0.0), 1) if at else None
        for name, at in zip(HEARD, JobRun.objects.pulse(), strict=True)
    }
