"""Who has waited longest."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from callbacks.admin.wording import phone
from callbacks.models import Callback, ServiceNumber
from callbacks.waiting import Waiting, oldest_unserved
from tests.callbacks.cast import a_callback

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def waits_since(number: str, at: datetime, **facts: object) -> Callback:
    return a_callback(service_number=number, received_at=at, **facts)


def test_it_is_the_oldest_of_each_number_and_the_longest_wait_first(now: datetime) -> None:
    ServiceNumber.objects.create(number="4940", name="Hotline")
    for hours in (1, 3, 2):
        waits_since("4989", now - timedelta(hours=hours))
    waits_since("4940", now - timedelta(hours=5))
    waits_since("", now)
    assert oldest_unserved() == [
        Waiting("4940", "Hotline", now - timedelta(hours=5)),
        Waiting("4989", "", now - timedelta(hours=3)),
        Waiting("", "", now),
    ]


@pytest.mark.parametrize("status", ["pending", "held", "failed", "synced"])
def test_somebody_waits_until_the_case_is_closed(now: datetime, status: str) -> None:
    callback = waits_since("4989", now, status=status, case_id="500A")
    assert len(oldest_unserved()) == 1
    Callback.objects.filter(id=callback.id).update(case_closed_at=now)
    assert oldest_unserved() == []


@pytest.mark.parametrize(
    "facts", [{"status": "dismissed"}, {"status": "answered"}, {"case_gone": "deleted"}]
)
def test_nobody_waits_where_somebody_decided_so(now: datetime, facts: dict[str, str]) -> None:
    waits_since("4989", now, **facts)
    assert oldest_unserved() == []


def test_nobody_waits() -> None:
    assert oldest_unserved() == []


def test_the_first_page_names_the_longest_waits_and_leads_to_them(
    now: datetime, admin_client: Client
) -> None:
    waits_since("498946134180", now - timedelta(hours=3))
    waits_since("", now - timedelta(days=2))
    shown = admin_client.get(reverse("admin:index")).context["now"]["waits"]["rows"]
    assert [(row["text"], row["figure"]) for row in shown if row["text"]] == [
        ("without a service number", "2 days ago"),
        (phone("498946134180"), "3 hours ago"),
    ]
    listed = admin_client.get(shown[0]["link"])
    assert [each.service_number for each in listed.context["cl"].result_list] == [""]


@pytest.mark.postgres
def test_each_number_is_one_look_into_the_index(now: datetime) -> None:
    waits_since("4989", now)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        with CaptureQueriesContext(connection) as asked:
            oldest_unserved(5)
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Only Scan using callback_unserved" in plan
    assert "Seq Scan on callbacks_callback" not in plan
