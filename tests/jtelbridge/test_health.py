import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from callbacks.models import AcdClient, Callback, JobRun
from crm.models import Org
from jtelbridge import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    with mock.patch.object(health, "_migrated", new=False):
        yield


@pytest.fixture
def asked(client: Client) -> Any:
    def ask() -> tuple[int, dict[str, Any]]:
        answer = client.get("/readyz")
        return answer.status_code, answer.json()

    return ask


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def make_due(seconds_ago: float, **facts: Any) -> Callback:
    client, _ = AcdClient.objects.get_or_create(name="ACD", secret_digest="none")
    callback = Callback.objects.create(client=client, dialect="base", received_at=Now(), **facts)
    Callback.objects.filter(id=callback.id).update(due_at=Now() - timedelta(seconds=seconds_ago))
    return callback


def test_a_healthy_process_says_so_without_touching_anything(client: Client) -> None:
    with mock.patch.object(connection, "cursor", side_effect=AssertionError("touched")):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_with_everything_in_place_it_is_ready(asked: Any) -> None:
    assert asked() == (
        200,
        {
            "status": "ready",
            "database": "ok",
            "migrations": "ok",
            "broker": "ok",
            "salesforce": "not configured",
            "oldest_due_seconds": 0.0,
            "worker_silent_seconds": None,
            "beat_silent_seconds": None,
        },
    )


def test_without_a_database_it_is_not_ready(asked: Any) -> None:
    with mock.patch.object(connection, "cursor", side_effect=OperationalError("secret host name")):
        status, report = asked()
    assert (status, report["status"], report["database"]) == (503, "unready", "OperationalError")
    assert report["oldest_due_seconds"] is None


@pytest.mark.postgres
def test_a_database_that_takes_no_writes_is_not_ready(asked: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    status, report = asked()
    assert (status, report["database"]) == (503, "read-only")


def test_with_a_migration_missing_it_is_not_ready(asked: Any) -> None:
    newest = MigrationLoader(connection).graph.leaf_nodes("callbacks")[0]
    MigrationRecorder(connection).record_unapplied(*newest)
    status, report = asked()
    assert (status, report["status"]) == (503, "unready")
    assert report["migrations"].endswith("not applied")


def test_migrations_are_looked_up_once(asked: Any, django_assert_max_num_queries: Any) -> None:
    asked()
    # The database, what is due at each isolation, who was heard.
    with django_assert_max_num_queries(1 + 4 + 1):
        asked()


def test_a_broker_that_refuses_degrades_and_no_more(
    asked: Any, settings: Settings, closed_port: int
) -> None:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{closed_port}/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1}
    status, report = asked()
    assert (status, report["status"]) == (200, "degraded")
    assert report["broker"] == "ConnectionError"


def test_a_broker_that_accepts_and_never_answers_does_not_hold_the_answer(
    asked: Any, settings: Settings, silent_port: int
) -> None:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent_port}/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 0.5}
    with mock.patch.object(health, "BROKER_SECONDS", 0.1):
        status, report = asked()
    assert (status, report["status"]) == (200, "degraded")
    assert report["broker"] == "no answer within 0.1 s"


def test_a_broker_folder_that_is_gone_degrades(
    asked: Any, settings: Settings, tmp_path: Path
) -> None:
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}
    status, report = asked()
    assert (status, report["status"], report["broker"]) == (200, "degraded", "PermissionError")


def test_callbacks_that_nobody_brings_to_salesforce_degrade(asked: Any) -> None:
    make_due(300, isolation=2)
    make_due(90)
    status, report = asked()
    assert (status, report["status"]) == (200, "degraded")
    assert report["oldest_due_seconds"] == pytest.approx(300, abs=30)


@pytest.mark.parametrize(
    ("worker", "beat", "verdict"),
    [(2, 60, "ready"), (2, 300, "degraded"), (300, 300, "degraded")],
)
def test_whoever_fell_silent_degrades(asked: Any, worker: int, beat: int, verdict: str) -> None:
    now = timezone.now()
    finished_at, rung_at = (now - timedelta(seconds=seconds) for seconds in (worker, beat))
    JobRun.objects.create(
        job="x", took_ms=1, result="done", finished_at=finished_at, rung_at=rung_at
    )
    status, report = asked()
    assert (status, report["status"]) == (200, verdict)
    assert report["worker_silent_seconds"] == pytest.approx(worker, abs=30)
    assert report["beat_silent_seconds"] == pytest.approx(beat, abs=30)


def test_a_conversation_that_pauses_degrades(asked: Any, settings: Settings) -> None:
    settings.SALESFORCE_URL = "https://acme.my.salesforce.com"
    assert asked()[1]["salesforce"] == "ok"
    Org.objects.create(trouble_since=Now(), trouble_code="SERVER_UNAVAILABLE")
    status, report = asked()
    assert (status, report["status"]) == (200, "degraded")
    assert report["salesforce"] == "SERVER_UNAVAILABLE"


def test_a_pause_of_staff_degrades_and_says_so(asked: Any, settings: Settings) -> None:
    settings.SALESFORCE_URL = "https://acme.my.salesforce.com"
    Org.objects.create(paused_at=Now(), trouble_since=Now(), trouble_code="SERVER_UNAVAILABLE")
    status, report = asked()
    assert (status, report["status"], report["salesforce"]) == (200, "degraded", "paused by staff")


@pytest.mark.parametrize("facts", [{"status": "held"}, {"status": "failed"}])
def test_what_waits_for_staff_is_not_overdue(asked: Any, facts: dict[str, Any]) -> None:
    make_due(300, **facts)
    assert asked()[1]["oldest_due_seconds"] == 0


def test_what_is_not_due_yet_is_not_overdue(asked: Any) -> None:
    make_due(-300)
    assert asked()[1]["status"] == "ready"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_read_only(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
