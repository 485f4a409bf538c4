"""How far a replay is, and the workers that take its steps."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from callbacks import replaying, staff, tasks
from callbacks.models import Callback, Replay, ReplayItem
from callbacks.replaying import Scope
from tests.callbacks.replays import (
    AT_ONCE,
    SIGNATURE,
    count,
    failed,
    per_minute,
    started,
    step,
    the_org_refuses,
    the_org_takes,
    time_passes,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


class TestProgress:
    def test_it_is_counted_from_the_rows(self) -> None:
        failed(6)
        replay = started()
        step()
        first, second, third, fourth = Callback.objects.pending().order_by("pk")[:4]
        the_org_takes(first, second)
        the_org_refuses(third)
        Callback.objects.filter(pk=fourth.pk).update(status="held")
        now = replaying.progress(replay)
        told = (now.arrived, now.failed, now.otherwise, now.under_way, now.unsent)
        assert told == (2, 1, 1, 2, 0)
        step()
        assert replaying.progress(replay) == now
        assert (now.total, now.settled, now.outstanding, now.percent) == (6, 4, 2, 66)

    def test_what_happens_afterwards_changes_nothing(self) -> None:
        failed(2)
        replay = started()
        step()
        the_org_refuses()
        step()
        staff.dismiss(Callback.objects.all(), by=UserFactory.create(), reason="x")
        assert replaying.progress(replay).failed == 2

    def test_the_pace_is_that_of_the_last_minute(self) -> None:
        failed(10)
        replay = started(per_minute(60))
        Replay.objects.update(started_at=timezone.now() - timedelta(minutes=5))
        replay.refresh_from_db()
        step()
        assert replaying.pace(replay) == 10
        time_passes(minutes=2)
        assert replaying.pace(replay) == 0


class TestTheTask:
    def test_without_a_replay_it_ends_at_once(self) -> None:
        tasks.send_replayed()

    def test_it_takes_step_after_step(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(replaying, "STEP_SECONDS", 0.0)
        failed(3)
        started()
        monkeypatch.setattr(tasks, "REPLAY_SECONDS", 0.2)
        tasks.send_replayed()
        assert count("pending") == 3

    def test_one_thread_of_a_worker_is_enough(self) -> None:
        failed(3)
        started()
        with tasks._replaying:
            tasks.send_replayed()
        assert count("pending") == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestSeveralAtOnce:
    def test_of_many_workers_one_takes_the_step(self) -> None:
        failed(30)
        started(per_minute(60))
        ready = threading.Barrier(4)

        def work(_: int) -> None:
            ready.wait()
            replaying.advance_all()
            connection.close()

        with ThreadPoolExecutor(4) as workers:
            list(workers.map(work, range(4)))
        assert count("pending") == 10

    def test_of_many_clicks_one_begins_it(self) -> None:
        failed(5)
        token, petra = uuid.uuid4(), UserFactory.create()
        ready = threading.Barrier(4)

        def click(_: int) -> int:
            ready.wait()
            begun = replaying.start(Scope(signature=SIGNATURE), AT_ONCE, token=token, by=petra)
            connection.close()
            return int(begun.pk)

        with ThreadPoolExecutor(4) as clicks:
            assert len(set(clicks.map(click, range(4)))) == 1
        assert ReplayItem.objects.count() == 5
