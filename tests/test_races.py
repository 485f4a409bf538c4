"""Many at once, on PostgreSQL, each with a connection of its own."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from callbacks import caring
from callbacks.models import AcdClient, Callback, Care, FunctionRoute
from crm.models import CaseUpdate
from tests.callbacks.cast import callbacks_due
from tests.callbacks.test_queue import failed, put_off, synced
from tests.factories import UserFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

T = TypeVar("T")


def at_once(count: int, work: Callable[[], T]) -> list[T]:
    """Run the work in so many threads that start together."""
    start = Barrier(count)

    def run(_number: int) -> T:
        start.wait(30)
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


@pytest.fixture
def secret() -> str:
    FunctionRoute.objects.get_or_create(service_number=None, function="")
    client = AcdClient(name="ACD")
    secret = client.new_secret()
    client.save()
    return secret


@pytest.mark.parametrize("key", ["", "the-same-for-all"])
def test_fifty_simultaneous_identical_posts_make_one_row(secret: str, key: str) -> None:
    body = json.dumps({"CallerID": "4989555010", "ServiceNumber": "498946134180"})
    headers = {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": key} if key else {})

    def post() -> tuple[int, str, bool]:
        answer = Client(headers=headers).post("/api/v1/callbacks", body, "application/json")
        return answer.status_code, answer.json()["CallbackID"], answer.json()["Duplicate"]

    answers = at_once(50, post)
    row = Callback.objects.get()
    assert {(status, key) for status, key, _ in answers} == {(200, str(row.id))}
    assert sorted(duplicate for *_, duplicate in answers) == [False] + [True] * 49
    assert row.repeats == 49


def test_a_released_key_goes_to_one_of_fifty(secret: str) -> None:
    body = json.dumps({"CallerID": "4989555010"})
    headers = {"Authorization": f"Bearer {secret}"}

    def post() -> bool:
        answer = Client(headers=headers).post("/api/v1/callbacks", body, "application/json")
        return bool(answer.json()["Duplicate"])

    post()
    Callback.objects.update(received_at=timezone.now() - timedelta(days=1))
    assert sorted(at_once(50, post)) == [False] + [True] * 49
    assert Callback.objects.count() == 2


def test_sixteen_workers_get_each_row_once() -> None:
    callbacks_due(1_000)

    def take_all() -> list[UUID]:
        taken: list[UUID] = []
        while batch := Callback.objects.lease(isolation=0, seconds=60).callbacks:
            taken += [callback.id for callback in batch]
        return taken

    taken = [key for keys in at_once(16, take_all) for key in keys]
    assert len(taken) == len(set(taken)) == 1_000


def test_of_sixteen_settlers_with_one_lease_each_outcome_is_written_once() -> None:
    callbacks_due(1)
    [leased] = Callback.objects.lease(isolation=0, seconds=60).callbacks
    wins = at_once(16, lambda: len(Callback.objects.mark_failed([failed(leased)])))
    assert sum(wins) == 1
    wins = at_once(16, lambda: len(Callback.objects.mark_synced([synced(leased)])))
    assert sum(wins) == 1


def test_the_late_worker_finds_its_lease_lost() -> None:
    callbacks_due(1)
    [late] = Callback.objects.lease(isolation=0, seconds=60).callbacks
    Callback.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    [other] = Callback.objects.lease(isolation=1, seconds=60).callbacks
    assert Callback.objects.mark_put_off([put_off(late)]) == set()
    assert Callback.objects.mark_put_off([put_off(other)]) == {other.id}


def test_double_clicks_on_requeue_count_once() -> None:
    callbacks_due(1)
    Callback.objects.update(status="failed")
    assert sum(at_once(16, Callback.objects.requeue)) == 1
    assert Callback.objects.get().lease_no == 1


def test_of_eight_who_take_a_group_at_once_one_is_on_it_and_all_learn_who() -> None:
    callbacks_due(1)
    Callback.objects.update(status="failed", failure_signature="CODE")
    people = iter(UserFactory.create_batch(8))
    told = at_once(8, lambda: caring.take("CODE", by=next(people)).person_id)
    assert set(told) == {Care.objects.get().person_id}


def test_of_eight_who_take_over_at_once_one_does() -> None:
    callbacks_due(1)
    Callback.objects.update(status="failed", failure_signature="CODE")
    seen = caring.take("CODE", by=UserFactory.create()).since
    people = iter(UserFactory.create_batch(8))
    told = at_once(8, lambda: caring.take("CODE", by=next(people), instead_of=seen).person_id)
    assert set(told) == {Care.objects.get().person_id}


def test_of_many_changes_of_one_case_one_is_under_way() -> None:
    keys = [callback.id for callback in callbacks_due(8)]
    CaseUpdate.note({key: ("500000000000001AAA", ["Priority"]) for key in keys})
    waiting = iter(keys)
    won = at_once(8, lambda: CaseUpdate.begin(next(waiting), "500000000000001AAA"))
    assert sorted(won) == [False] * 7 + [True]
    assert CaseUpdate.objects.filter(under_way=True).count() == 1
