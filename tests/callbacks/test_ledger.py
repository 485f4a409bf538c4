"""The ledger: whatever happens to callbacks, what was accepted is what there is."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from callbacks import ledger, retention
from callbacks.models import Callback, FailedSync, SyncAttempt
from callbacks.models.callback import Status
from callbacks.models.queue import CallbackQuerySet, Failed, Lease, PutOff, Synced
from tests.callbacks.cast import a_callback, a_client
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
STEPS = 300


def synced(callback: Callback) -> Synced:
    return Synced(callback.id, callback.lease_no, "Case", "500A", "00001000", "New", "")


def failed(callback: Callback) -> Failed:
    return Failed(callback.id, callback.lease_no, "row", "CODE", "CODE", "Why.", "What.", "")


def transitions(petra: User) -> list[Callable[[Callback], object]]:
    """Every verb that the store has, each on one callback, in whatever state it is."""

    def only(callback: Callback) -> CallbackQuerySet:
        return Callback.objects.filter(id=callback.id)

    return [
        lambda _: Callback.objects.lease(isolation=0, seconds=60),
        lambda c: Callback.objects.mark_synced([synced(c)]),
        lambda c: Callback.objects.mark_failed([failed(c)]),
        lambda c: Callback.objects.mark_put_off([PutOff(c.id, c.lease_no, 0, 1, 0)]),
        lambda c: Callback.objects.hold([Lease(c.id, c.lease_no)]),
        lambda c: only(c).requeue(),
        lambda c: only(c).release(),
        lambda c: only(c).make_again(),
        lambda c: only(c).dismiss(by=petra, reason="Test"),
        lambda c: only(c).update(status=Status.MERGED),
        lambda c: only(c).update(status=Status.ANSWERED),
        lambda _: retention.erase_expired(),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_accepted_is_the_sum_of_all_states_after_any_steps(seed: int, settings: Settings) -> None:
    settings.RETENTION_DAYS = 1
    chance, accepted = random.Random(seed), 0
    verbs = transitions(UserFactory.create())
    for _ in range(STEPS):
        if chance.random() < 0.1:
            accepted += 1
            a_callback(
                service_number=chance.choice(["4989", "4940", ""]),
                received_at=timezone.now() - timedelta(days=chance.randrange(4)),
            )
        if callbacks := list(Callback.objects.order_by("id")):
            chance.choice(verbs)(chance.choice(callbacks))
    lines = ledger.lines(LONG_AGO)
    assert sum(line.accepted for line in lines) == accepted == Callback.objects.count()
    for line in lines:
        assert line.accepted == sum(line.by_status.values())
    assert len({status for line in lines for status, n in line.by_status.items() if n}) > 3


def test_a_line_is_a_day_of_the_clock_on_the_wall_and_a_service_number(
    settings: Settings,
) -> None:
    settings.JTEL_TIMEZONE = "Europe/Berlin"
    before_midnight = datetime(2026, 6, 30, 21, 59, tzinfo=UTC)
    for minutes in (0, 2):
        a_callback(received_at=before_midnight + timedelta(minutes=minutes), service_number="4989")
    a_callback(received_at=before_midnight, service_number="4940", status="held")
    told = [(line.day, line.service_number, line.accepted) for line in ledger.lines(LONG_AGO)]
    assert told == [
        (date(2026, 7, 1), "4989", 1),
        (date(2026, 6, 30), "4940", 1),
        (date(2026, 6, 30), "4989", 1),
    ]


def test_each_state_has_its_column_and_erased_is_counted_beside() -> None:
    for status in Status.values:
        a_callback(status=status, case_id="500A", erased_at=timezone.now())
    [line] = ledger.lines(LONG_AGO)
    assert line.by_status == dict.fromkeys(Status, 1)
    assert (line.accepted, line.erased) == (len(Status), len(Status))


def test_it_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in ("4989", "4940"):
        a_callback(service_number=number)
    with django_assert_num_queries(1):
        assert len(ledger.lines(LONG_AGO)) == 2


class TestNobodyDeletesACallback:
    """What was accepted stays accepted: rows are emptied, never deleted."""

    def test_not_the_back_office(self, admin_client: Client) -> None:
        callback = a_callback(status="failed")
        request = admin_client.get(reverse("admin:index")).wsgi_request
        for model in (Callback, FailedSync, SyncAttempt):
            if model in site._registry:
                assert not site._registry[model].has_delete_permission(request)
        for name in ("callback", "failedsync"):
            answer = admin_client.post(
                reverse(f"admin:callbacks_{name}_delete", args=[callback.pk]), {"post": "yes"}
            )
            assert answer.status_code == 403

    def test_not_with_its_client(self) -> None:
        a_callback()
        with pytest.raises(ProtectedError):
            a_client().delete()

    def test_not_with_who_dismissed_it(self) -> None:
        petra = UserFactory.create()
        a_callback(status="dismissed", dismissed_by=petra)
        petra.delete()
        assert Callback.objects.get().dismissed_by is None

    def test_not_the_clock(self, settings: Settings) -> None:
        settings.RETENTION_DAYS = 1
        a_callback(status="dismissed", received_at=timezone.now() - timedelta(days=2))
        assert retention.erase_expired() == 1
        assert Callback.objects.count() == 1
