"""The share of the daily calls that is left to others: we stop there, look, and go on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from callbacks.models import Callback, FunctionRoute
from crm import client as client_module
from crm import flow
from crm.access import Access
from crm.client import SalesforceClient
from crm.models import Org as OrgState
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.pushing import calls_made, fall_due_again, push
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


@pytest.fixture
def stopped(org: Org, client: SalesforceClient, settings: Settings) -> None:
    """The conversation, after the call that reached the reserve."""
    settings.SALESFORCE_API_RESERVE = 0.2
    org.settings(daily_limit=10_000)
    org.used_calls(8_000)
    a_callback()
    push(client)


def test_it_stops_at_the_reserve_and_says_until_when(stopped: None) -> None:
    state = OrgState.objects.get()
    assert state.trouble_code == "QUOTA_RESERVE"
    assert state.retry_at is not None
    assert timedelta(minutes=9) < state.retry_at - timezone.now() < timedelta(minutes=11)


def test_what_comes_meanwhile_waits_unharmed_and_uncalled(
    stopped: None, org: Org, client: SalesforceClient
) -> None:
    calls = calls_made(org)
    callbacks_due(3)
    assert push(client) == 0
    assert calls_made(org) == calls
    assert Callback.objects.filter(status="pending", failures=0, lease_no=0).count() == 3


def test_a_look_is_one_call_however_many_workers_come(
    stopped: None, org: Org, client: SalesforceClient
) -> None:
    callbacks_due(3)
    fall_due_again()
    calls = calls_made(org)
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(_push_in_a_thread, [client] * 8))
    assert calls_made(org) - calls == 1
    assert OrgState.objects.get().trouble_code == "QUOTA_RESERVE"


def _push_in_a_thread(client: SalesforceClient) -> None:
    try:
        push(client)
    finally:
        connection.close()


def test_a_look_after_a_restart_is_one_call_as_well(stopped: None, org: Org) -> None:
    callbacks_due(3)
    fall_due_again()
    calls = calls_made(org)
    push(SalesforceClient(Access.from_settings()))
    assert calls_made(org) - calls == 1
    assert OrgState.objects.get().trouble_code == "QUOTA_RESERVE"


def test_it_goes_on_by_itself_when_calls_are_free_again(
    stopped: None, org: Org, client: SalesforceClient
) -> None:
    callbacks_due(3)
    org.used_calls(100)
    fall_due_again()
    assert push(client) == 3
    assert OrgState.objects.get().trouble_since is None
    assert not Callback.objects.exclude(status="synced").exists()


def test_calls_that_the_org_refuses_for_the_day_pause_as_long(
    org: Org, client: SalesforceClient
) -> None:
    a_callback()
    org.arm({"action": "limit_daily"})
    push(client)
    state = OrgState.objects.get()
    assert state.trouble_code == "REQUEST_LIMIT_EXCEEDED"
    assert state.retry_at is not None
    assert state.retry_at - timezone.now() > timedelta(minutes=9)
    assert Callback.objects.get().failures == 0


def test_what_the_org_said_long_ago_stops_nobody(
    org: Org, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    org.settings(daily_limit=100)
    org.used_calls(99)
    client.probe()
    assert flow.is_in_reserve(client)
    monkeypatch.setattr(client_module, "USAGE_SECONDS", 0.0)
    assert not flow.is_in_reserve(client)
