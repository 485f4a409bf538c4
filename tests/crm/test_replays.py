"""What the conversation tells of replays: where the cure is, and what sending again costs."""

import pytest
from django.test import Client
from django.urls import reverse

from callbacks.models import Callback, FunctionRoute
from crm.client import SalesforceClient
from crm.errors import CURED_IN_ROUTE
from crm.estimates import calls_for
from tests.callbacks.conftest import person
from tests.callbacks.replays import AT_ONCE, SIGNATURE, failed, many, started, step
from tests.crm.pushing import push
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db

START = reverse("admin:callbacks_failedsync_replay")


@pytest.fixture
def clerk() -> Client:
    browser = Client()
    browser.force_login(person("Back office"))
    return browser


@pytest.fixture
def _no_look_ups() -> None:
    FunctionRoute.objects.update(find_caller_in="")


def test_the_cure_is_a_link_where_it_is_in_the_route(clerk: Client) -> None:
    failed(1)
    failed(1, failure_signature="OTHER", failure_code="DUPLICATES_DETECTED")
    link = reverse("admin:callbacks_functionroute_change", args=[FunctionRoute.objects.get().pk])
    text = clerk.get(reverse("admin:callbacks_failedsync_changelist")).text
    assert text.count(f'href="{link}"') == 1


def test_what_an_administrator_of_the_org_mends_is_not_cured_in_a_route() -> None:
    assert {"STRING_TOO_LONG", "MAPPING_VALUE", "REQUIRED_FIELD_MISSING"} <= CURED_IN_ROUTE
    assert not CURED_IN_ROUTE & {"DUPLICATES_DETECTED", "UNSENDABLE", "UNABLE_TO_LOCK_ROW"}


@pytest.mark.usefixtures("_no_look_ups")
def test_a_preview_tells_the_calls_of_each_pace(clerk: Client) -> None:
    many(250, failed=True)
    text = clerk.get(START, {"signature": SIGNATURE}).text
    assert "600 a minute (recommended) · less than a minute · about 6 API calls" in text
    assert "60 a minute · about 4 minutes · about 50 API calls" in text
    assert "As fast as Salesforce takes them · less than a minute · about 6 API calls" in text


@pytest.mark.usefixtures("_no_look_ups")
def test_it_costs_what_was_told(client: SalesforceClient, org: Org) -> None:
    failed(40, lease_no=1)
    [told] = calls_for(Callback.objects.failed(), [1])
    started(AT_ONCE)
    step()
    push(client)
    assert Callback.objects.filter(status="synced").count() == 40
    made = [entry for entry in org.log() if entry["path"].endswith("/composite")]
    assert len(made) == told == 2


@pytest.mark.parametrize(("action", "further"), [("create", 2), ("comment", 8)])
def test_looking_for_callers_and_cases_costs_more(action: str, further: int) -> None:
    FunctionRoute.objects.update(find_caller_in="Contact", action=action)
    failed(60)
    assert calls_for(Callback.objects.failed(), [1]) == [2 + further]


def test_what_no_route_sends_costs_no_search() -> None:
    FunctionRoute.objects.update(enabled=False)
    failed(60)
    assert calls_for(Callback.objects.failed(), [1]) == [2]
