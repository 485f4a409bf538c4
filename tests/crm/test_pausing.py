"""A person pauses the conversation, and lets it go on at once or drop by drop."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from callbacks.models import Callback, FunctionRoute
from crm.client import SalesforceClient
from crm.models import Org as OrgState
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.pushing import calls_made, fall_due_again, keys_in, push
from tests.orgsim.process import Org
from tests.processes import Installation, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


def pause() -> None:
    OrgState.pause(by=None, reason="Data load tonight")


def resume(per_minute: int | None = None, *, seconds_ago: float = 0) -> None:
    """As of so many seconds ago, for what drips needs time."""
    OrgState.resume(per_minute=per_minute)
    OrgState.objects.update(drip_since=F("drip_since") - timedelta(seconds=seconds_ago))


def conversation(*arguments: str) -> str:
    out = StringIO()
    call_command("conversation", *arguments, stdout=out)
    return out.getvalue()


def test_while_staff_pauses_nothing_leaves(org: Org, client: SalesforceClient) -> None:
    callbacks_due(3)
    client.identity()
    calls = calls_made(org)
    pause()
    assert push(client) == 0
    assert calls_made(org) == calls
    assert Callback.objects.filter(status="pending", lease_no=0).count() == 3


def test_a_pause_of_staff_is_not_ended_by_an_org_that_is_well(
    org: Org, client: SalesforceClient
) -> None:
    a_callback()
    org.arm({"action": "status", "params": {"status": 503}})
    push(client)
    pause()
    org.clear()
    fall_due_again()
    assert push(client) == 0
    OrgState.resume()
    assert push(client) == 1


def test_what_is_under_way_when_staff_pauses_is_settled_and_no_more_leaves(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(450)
    client.identity()
    org.arm({"action": "latency", "params": {"ms": 1000}})
    with ThreadPoolExecutor(1) as worker:
        pushing = worker.submit(_push_in_a_thread, client)
        until(lambda: Callback.objects.filter(lease_no=1).count() >= 200)
        pause()
        pushing.result()
    synced = Callback.objects.filter(status="synced").count()
    assert synced == len(keys_in(org)) < 450
    assert Callback.objects.due().filter(isolation=0, failures=0).count() == 450 - synced


def _push_in_a_thread(client: SalesforceClient) -> None:
    try:
        push(client)
    finally:
        connection.close()


def test_resumed_at_once_all_goes(org: Org, client: SalesforceClient) -> None:
    callbacks_due(3)
    pause()
    resume()
    assert push(client) == 3


def test_a_drip_gives_so_many_a_minute_to_all_workers_together(
    org: Org, client: SalesforceClient
) -> None:
    callbacks_due(40)
    pause()
    resume(per_minute=30, seconds_ago=20)
    assert [push(client) for _ in range(3)] == [10, 0, 0]
    OrgState.objects.update(drip_since=F("drip_since") - timedelta(seconds=10))
    assert push(client) == 5


def test_a_drip_makes_no_flood_of_what_nobody_drew(client: SalesforceClient) -> None:
    callbacks_due(100)
    resume(per_minute=30, seconds_ago=3600)
    assert push(client) == 30
    assert push(client) == 0


def test_a_drip_ends_by_itself_when_nothing_is_due(org: Org, client: SalesforceClient) -> None:
    callbacks_due(5)
    resume(per_minute=60, seconds_ago=30)
    assert push(client) == 5
    assert push(client) == 0
    assert OrgState.objects.get().drip_per_minute is None
    callbacks_due(100)
    assert push(client) == 100


def test_a_drip_counts_only_what_was_due(client: SalesforceClient) -> None:
    OrgState.objects.current()
    resume(per_minute=60, seconds_ago=30)
    assert OrgState.draw(200) == 30
    OrgState.put_back(28)
    assert 28 <= OrgState.draw(200) <= 29  # the clock goes on


def test_one_drop_goes_to_one_worker() -> None:
    OrgState.objects.current()
    resume(per_minute=60, seconds_ago=30)
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(_draw_in_a_thread, [30] * 8))
    assert 30 <= sum(drawn) <= 31


def _draw_in_a_thread(most: int) -> int:
    try:
        return OrgState.draw(most)
    finally:
        connection.close()


def test_a_pause_ends_a_drip() -> None:
    OrgState.objects.current()
    resume(per_minute=60)
    pause()
    assert OrgState.objects.get().drip_per_minute is None


def test_an_org_in_trouble_pauses_a_drip_too(org: Org, client: SalesforceClient) -> None:
    callbacks_due(5)
    resume(per_minute=60, seconds_ago=3)
    org.arm({"action": "status", "params": {"status": 503}})
    push(client)
    state = OrgState.objects.get()
    assert state.retry_at
    assert state.drip_per_minute == 60
    assert not Callback.objects.exclude(failures=0).exists()


def test_the_console_pauses_and_resumes() -> None:
    a_callback()
    said = conversation("pause", "--reason", "Data load tonight")
    assert "Paused by the console just now: Data load tonight" in said
    assert "1 callbacks wait." in said
    assert "30 a minute" in conversation("resume", "--per-minute", "30")
    assert "as they come" in conversation("resume")
    assert "as they come" in conversation("status")


def test_the_console_refuses_a_rate_that_is_none() -> None:
    with pytest.raises(CommandError, match="at least 1"):
        conversation("resume", "--per-minute", "0")


def test_while_paused_callers_are_answered_and_afterwards_all_goes_out(
    installation: Installation, org: Org
) -> None:
    installation.talk_to(org)
    installation.start_web()
    installation.start_worker()
    installation.manage("conversation", "pause", "--reason", "Data load tonight")
    answers = [installation.post({"CallerID": f"4989555012{n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert installation.counts() == {"pending": 3}
    installation.manage("conversation", "resume")
    installation.post({"CallerID": "49895550129"})
    until(lambda: installation.counts() == {"synced": 4})
