"""A group is sent again: a fixed set, at a rate, first one on trial, nothing lost or doubled."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from callbacks import replaying, staff
from callbacks.models import Callback, Replay, ReplayItem, StaffAction
from callbacks.models.queue import CallbackQuerySet
from callbacks.replaying import SHARE, NothingToSendError, Plan, Scope
from tests.callbacks.replays import (
    AT_ONCE,
    ON_TRIAL,
    SIGNATURE,
    count,
    failed,
    many,
    per_minute,
    started,
    step,
    the_org_refuses,
    the_org_takes,
    time_passes,
)
from tests.factories import CallbackFactory, UserFactory

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=8)


def state() -> str:
    return Replay.objects.get().state


class TestTheSet:
    def test_it_is_the_group_and_nothing_else(self) -> None:
        mine = failed(2)
        failed(1, failure_signature="ANOTHER")
        CallbackFactory.create(synced=True)
        replay = started()
        assert set(replay.items.values_list("callback", flat=True)) == {c.pk for c in mine}

    def test_it_is_what_was_shown(self) -> None:
        failed(3)
        scope = Scope(signature=SIGNATURE)
        shown = list(scope.callbacks().values_list("pk", flat=True))
        replay = started(scope=scope)
        assert list(replay.items.order_by("pk").values_list("callback", flat=True)) == shown

    def test_those_that_fail_later_do_not_slip_in(self) -> None:
        failed(2)
        replay = started()
        failed(1)
        assert replay.items.count() == 2

    def test_the_longest_wait_goes_first(self) -> None:
        now = timezone.now()
        late, early = (
            failed(1, received_at=now - timedelta(minutes=minutes))[0] for minutes in (1, 9)
        )
        replay = started()
        keys = list(replay.items.order_by("pk").values_list("callback", flat=True))
        assert keys == [early.pk, late.pk]

    def test_old_ones_stay_unless_they_are_wanted(self) -> None:
        failed(2)
        failed(1, received_at=timezone.now() - LONG_AGO)
        young = Plan(per_minute=None, on_trial=False, with_old=False)
        assert started(young).items.count() == 2
        assert started(AT_ONCE).items.count() == 1

    def test_everything_since_a_time(self) -> None:
        now = timezone.now()
        failed(2, failure_signature="ANOTHER")
        failed(1, received_at=now - timedelta(hours=3))
        assert started(scope=Scope(since=now - timedelta(hours=1))).items.count() == 2

    def test_a_selection(self) -> None:
        first, _second = failed(2)
        gone = CallbackFactory.create(synced=True)
        assert started(scope=Scope(keys=(first.pk, gone.pk))).items.count() == 1

    def test_what_a_replay_is_about_to_send_is_in_no_second_one(self) -> None:
        failed(2)
        started()
        with pytest.raises(NothingToSendError):
            started()
        assert Replay.objects.count() == 1

    def test_what_a_cancelled_one_left_can_be_sent_by_another(self) -> None:
        failed(2)
        started()
        Replay.objects.cancel()
        assert started().items.count() == 2

    def test_a_second_click_leads_to_the_same_replay(self) -> None:
        failed(3)
        token, petra = uuid.uuid4(), UserFactory.create()
        scope = Scope(signature=SIGNATURE)
        first, second = (replaying.start(scope, AT_ONCE, token=token, by=petra) for _ in range(2))
        assert first == second
        assert ReplayItem.objects.count() == 3

    def test_who_began_it_is_written_once(self) -> None:
        failed(3)
        started()
        action = StaffAction.objects.get()
        assert (action.verb, action.callback, action.person_name) == (
            StaffAction.Verb.REPLAYED,
            None,
            "Petra Lindner",
        )
        assert action.changes == {"callbacks": [None, 3]}


class TestSending:
    def test_a_step_requeues_at_most_half_a_batch(self) -> None:
        failed(SHARE + 5)
        started()
        step()
        assert (count("pending"), count("failed")) == (SHARE, 5)

    def test_more_goes_when_this_is_taken(self) -> None:
        failed(SHARE + 5)
        started()
        step()
        step()
        assert count("failed") == 5
        Callback.objects.lease(isolation=0, seconds=150)
        step()
        assert count("failed") == 0

    def test_new_callbacks_come_first(self) -> None:
        many(SHARE - 1)
        failed(5)
        started()
        step()
        assert count("failed") == 4

    def test_it_is_over_when_nothing_is_under_way(self) -> None:
        failed(2)
        started()
        step()
        step()
        assert state() == "running"
        the_org_takes()
        step()
        step()
        assert state() == "done"
        assert Replay.objects.get().ended_at

    def test_requeued_are_those_alone_that_are_failed_still(self) -> None:
        mine, dismissed, requeued = failed(3)
        started()
        petra = UserFactory.create()
        staff.dismiss(Callback.objects.filter(pk=dismissed.pk), by=petra, reason="x")
        staff.requeue(Callback.objects.filter(pk=requeued.pk), by=petra)
        lease_no = Callback.objects.get(pk=requeued.pk).lease_no
        step()
        mine.refresh_from_db()
        assert mine.status == "pending"
        assert count("dismissed") == 1
        assert Callback.objects.get(pk=requeued.pk).lease_no == lease_no
        assert replaying.progress(Replay.objects.get()).otherwise == 2

    def test_what_was_passed_over_leaves_room_for_others(self) -> None:
        gone = failed(7)
        failed(3)
        started(per_minute(18))
        Callback.objects.filter(pk__in=[c.pk for c in gone]).update(status="dismissed")
        step()
        assert count("pending") == 3

    def test_a_step_that_is_not_due_does_nothing(self) -> None:
        failed(SHARE + 5)
        started()
        step()
        Callback.objects.lease(isolation=0, seconds=150)
        replaying.advance_all()
        assert count("failed") == 5

    def test_a_step_that_fails_in_the_middle_leaves_no_trace(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failed(3)
        started()
        requeue = CallbackQuerySet.requeue

        def dies(callbacks: CallbackQuerySet) -> int:
            requeue(callbacks)
            raise KeyboardInterrupt

        with monkeypatch.context() as deadly:
            deadly.setattr(CallbackQuerySet, "requeue", dies)
            with pytest.raises(KeyboardInterrupt):
                step()
        assert (count("failed"), ReplayItem.objects.unsent().count()) == (3, 3)
        step()
        assert count("pending") == 3


class TestTheRate:
    def test_so_many_within_ten_seconds(self) -> None:
        failed(30)
        started(per_minute(60))
        step()
        step()
        assert count("pending") == 10

    def test_and_so_many_again_afterwards(self) -> None:
        failed(30)
        started(per_minute(60))
        step()
        time_passes(seconds=11)
        step()
        assert count("pending") == 20

    def test_a_pause_is_not_made_up_for(self) -> None:
        failed(30)
        started(per_minute(60))
        step()
        time_passes(hours=1)
        step()
        assert count("pending") == 20

    @pytest.mark.parametrize(("rate", "expected"), [(None, 100), (600, 100), (60, 10), (1, 1)])
    def test_portions(self, rate: int | None, expected: int) -> None:
        assert replaying.portion(rate) == expected


class TestTheTrial:
    def test_one_goes_first(self) -> None:
        failed(5)
        started(ON_TRIAL)
        step()
        step()
        assert (count("pending"), count("failed")) == (1, 4)

    def test_the_rest_follows_if_it_arrives(self) -> None:
        failed(5)
        started(ON_TRIAL)
        step()
        the_org_takes()
        step()
        assert (count("pending"), count("synced")) == (4, 1)

    def test_a_comment_on_a_case_has_arrived_as_well(self) -> None:
        failed(5)
        started(ON_TRIAL)
        step()
        Callback.objects.pending().update(status="merged")
        step()
        assert count("pending") == 4

    def test_it_stops_and_says_why_if_not(self) -> None:
        failed(5)
        started(ON_TRIAL)
        step()
        the_org_refuses()
        step()
        step()
        replay = Replay.objects.get()
        assert (replay.state, count("failed")) == ("stopped", 5)
        assert replay.stop_reason == "A text is longer than its field in Salesforce."

    def test_it_stops_as_well_if_no_route_wants_it_any_more(self) -> None:
        failed(2)
        started(ON_TRIAL)
        step()
        Callback.objects.pending().update(status="held")
        step()
        assert state() == "stopped"
        assert Replay.objects.get().stop_reason

    def test_going_on_tries_another_one(self) -> None:
        failed(5)
        started(ON_TRIAL)
        step()
        the_org_refuses()
        step()
        Replay.objects.go_on()
        step()
        step()
        assert (count("pending"), state()) == (1, "running")
        the_org_takes()
        step()
        assert count("pending") == 3

    def test_the_only_one_ends_it_either_way(self) -> None:
        failed(1)
        started(ON_TRIAL)
        step()
        the_org_refuses()
        step()
        assert state() == "done"

    def test_one_that_somebody_dismissed_meanwhile_is_no_trial(self) -> None:
        failed(3)
        replay = started(ON_TRIAL)
        first = replay.items.order_by("pk").values("callback")[:1]
        Callback.objects.filter(pk__in=first).update(status="dismissed")
        step()
        assert count("pending") == 1


class TestSteering:
    def test_a_paused_one_sends_nothing(self) -> None:
        failed(3)
        started()
        assert Replay.objects.pause() == 1
        step()
        assert count("pending") == 0
        assert Replay.objects.go_on() == 1
        step()
        assert count("pending") == 3

    def test_a_pause_in_the_trial_keeps_the_trial(self) -> None:
        failed(3)
        started(ON_TRIAL)
        Replay.objects.pause()
        Replay.objects.go_on()
        step()
        assert count("pending") == 1

    def test_what_is_under_way_is_counted_during_a_pause(self) -> None:
        failed(3)
        replay = started(per_minute(12))
        step()
        Replay.objects.pause()
        the_org_takes()
        assert replaying.progress(replay).arrived == 2
        step()
        assert ReplayItem.objects.filter(outcome="synced").count() == 2

    def test_cancelling_leaves_the_rest_failed(self) -> None:
        failed(5)
        started(per_minute(12))
        step()
        assert Replay.objects.cancel() == 1
        the_org_takes()
        step()
        assert (state(), count("failed"), count("synced")) == ("cancelled", 3, 2)

    @pytest.mark.parametrize("verb", ["pause", "go_on", "cancel"])
    def test_what_is_over_stays_over(self, verb: str) -> None:
        failed(1)
        started()
        Replay.objects.finish()
        assert getattr(Replay.objects, verb)() == 0
        assert state() == "done"
