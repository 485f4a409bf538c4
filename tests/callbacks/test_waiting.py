"""Who has waited longest."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from callbacks.admin.wording import phone
from callbacks.alerts.watches import WATCHES
from callbacks.lists import unserved
from callbacks.models import Alert, AlertRules, Callback, ServiceNumber
from callbacks.waiting import Waiting, longest_waits, oldest_unserved
from tests.callbacks.cast import a_callback

pytestmark = pytest.mark.django_db

LIST = reverse("admin:callbacks_callback_changelist")


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
    assert longest_waits(5, count_to=3) == ([], 0)


def test_all_who_wait_are_counted_up_to_a_limit(now: datetime) -> None:
    for hours, number in enumerate(["4989", "4989", "4940"]):
        waits_since(number, now - timedelta(hours=hours))
    waits_since("4989", now, status="dismissed")
    longest = [Waiting("4940", "", now - timedelta(hours=2))]
    assert longest_waits(1, count_to=5) == (longest, 3)
    assert longest_waits(1, count_to=2) == (longest, 2)


def test_the_first_page_names_the_longest_waits_and_leads_to_them(
    now: datetime, admin_client: Client
) -> None:
    waits_since("498946134180", now - timedelta(hours=3))
    waits_since("", now - timedelta(days=2))
    waits = admin_client.get(reverse("admin:index")).context["now"]["waits"]
    shown = waits["rows"]
    assert [(row["text"], row["figure"]) for row in shown if row["text"]] == [
        ("without a service number", "2 days ago"),
        (phone("498946134180"), "3 hours ago"),
    ]
    listed = admin_client.get(shown[0]["link"])
    assert [each.service_number for each in listed.context["cl"].result_list] == [""]
    assert waits["all"]["text"] == "2 wait"
    assert admin_client.get(waits["all"]["link"]).context["cl"].result_count == 2


class TestTheListOfWhoWaits:
    @pytest.fixture
    def waiting(self, now: datetime) -> list[Callback]:
        """The longest wait first, in every state in which somebody waits."""
        case = {"status": "synced", "case_id": "500A", "case_status": "New", "case_owner": "Süd"}
        return [
            waits_since("4989", now - timedelta(days=3), **case),
            waits_since("4940", now - timedelta(days=2), status="failed"),
            waits_since("", now - timedelta(days=1), status="held"),
            waits_since("4989", now - timedelta(hours=1)),
        ]

    @pytest.fixture(autouse=True)
    def _others(self, now: datetime) -> None:
        for status in ("dismissed", "answered", "merged"):
            waits_since("4989", now - timedelta(days=9), status=status)
        waits_since("4989", now, status="synced", case_id="500B", case_closed_at=now)

    def test_holds_the_longest_wait_first_and_nobody_else(
        self, waiting: list[Callback], admin_client: Client
    ) -> None:
        page = admin_client.get(LIST, unserved())
        assert list(page.context["cl"].result_list) == waiting
        assert "New · Süd" in page.text
        tab = next(tab for tab in page.context["tabs"] if tab.is_current)
        assert (tab.title, tab.link) == ("Not answered yet", "?status__exact=unserved")

    def test_is_narrowed_down_like_the_others(
        self, waiting: list[Callback], admin_client: Client
    ) -> None:
        there = admin_client.get(LIST, unserved("4989"))
        assert list(there.context["cl"].result_list) == [waiting[0], waiting[3]]
        without = admin_client.get(LIST, unserved(""))
        assert list(without.context["cl"].result_list) == [waiting[2]]
        lately = admin_client.get(LIST, unserved() | {"q": "4989555010", "received": "week"})
        assert list(lately.context["cl"].result_list) == waiting

    def test_says_so_when_nobody_waits(self, admin_client: Client) -> None:
        assert "Nobody waits for an answer." in admin_client.get(LIST, unserved()).text

    @pytest.mark.usefixtures("waiting")
    def test_is_where_an_alert_leads(self, now: datetime, admin_client: Client) -> None:
        watch = WATCHES["unserved"]
        subjects = [each.subject for each in watch.look(AlertRules(unserved_hours=12), now)]
        rows = {
            subject: admin_client.get(watch.page(Alert(kind="unserved", subject=subject)))
            for subject in subjects
        }
        counted = {name: page.context["cl"].result_count for name, page in rows.items()}
        assert counted == {"4989": 2, "4940": 1, "": 1}

    @pytest.mark.usefixtures("waiting")
    def test_takes_few_queries(
        self, admin_client: Client, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(15):
            admin_client.get(LIST, unserved())

    @pytest.mark.postgres
    @pytest.mark.usefixtures("waiting")
    def test_is_read_and_counted_in_an_index(self, admin_client: Client) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            with CaptureQueriesContext(connection) as asked:
                admin_client.get(LIST, unserved())
            for query in _of_the_list(asked):
                cursor.execute(f"EXPLAIN {query}")
                plan = "\n".join(line for (line,) in cursor.fetchall())
                assert "using callback_unserved" in plan
                assert "Sort" not in plan


def _of_the_list(asked: CaptureQueriesContext) -> list[str]:
    return [each["sql"] for each in asked if "'deleted'" in each["sql"] and "LIMIT" in each["sql"]]


@pytest.mark.postgres
def test_each_number_is_one_look_into_the_index(now: datetime) -> None:
    first = waits_since("4989", now)
    waiting = [_another(first, n) for n in range(200)]
    Callback.objects.bulk_create(waiting)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Callback._meta.db_table}")
        cursor.execute("SET LOCAL enable_seqscan = off")
        with CaptureQueriesContext(connection) as asked:
            oldest_unserved(5)
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert plan.count("Index Only Scan using callback_unserved on") >= 2
    assert "Seq Scan on callbacks_callback" not in plan


def _another(first: Callback, n: int) -> Callback:
    facts = {"service_number": f"49891{n % 5}", "received_at": first.received_at}
    return Callback(client=first.client, dialect=first.dialect, payload={}, **facts)
