"""An administrator changes the key field under our feet: we pause, and no Case is made twice."""

import time
from collections.abc import Callable

import pytest
from django.db.models import Sum

from callbacks.models import Callback
from crm.client import SalesforceClient
from crm.preconditions import Preconditions, preconditions
from tests.callbacks.cast import callbacks_due
from tests.faults.conversation import LOST, doubled, push, trouble
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db

AN_HOUR = 3_600.0
KEY, OTHER = "Jtel_Callback_ID__c", "Jtel_Key__c"

Change = Callable[[Org], object]
CHANGES: dict[str, Change] = {
    "not unique": lambda org: org.change_field(KEY, unique=False),
    "no external id": lambda org: org.change_field(KEY, external_id=False),
    "read-only": lambda org: org.change_field(KEY, createable=False),
    "hidden": lambda org: org.arm({"action": "field_hidden", "params": {"field": KEY}}),
    "renamed": lambda org: org.rename_field(KEY, OTHER),
    "gone": lambda org: org.remove_field(KEY),
}
change = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


def doubled_by_any_key(org: Org) -> list[str]:
    has_other = any(OTHER in case for case in org.records("Case"))
    return doubled(org, field=OTHER if has_other else KEY)


@change
def test_before_the_first_callback_nothing_is_created(
    client: SalesforceClient, org: Org, change: Change
) -> None:
    change(org)
    callbacks_due(3)
    push(client)
    push(client)
    assert trouble()
    assert org.state()["records"]["Case"] == 0
    assert set(Callback.objects.values_list("status", "failures")) == {("pending", 0)}


@change
def test_between_two_callbacks_no_case_is_doubled_and_no_row_blamed(
    client: SalesforceClient, org: Org, change: Change
) -> None:
    callbacks_due(1)
    push(client)
    assert Callback.objects.get().status == "synced"
    org.arm(LOST)
    change(org)
    callbacks_due(3)
    for _ in range(4):
        push(client)
    assert doubled_by_any_key(org) == []
    assert not Callback.objects.failed().exists()
    assert Callback.objects.aggregate(blamed=Sum("failures")) == {"blamed": 0}


@pytest.mark.parametrize("occasion", ["a new sign-in", "an hour"])
def test_the_field_is_looked_at_again_and_all_goes_on_once_it_is_mended(
    client: SalesforceClient, org: Org, occasion: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A memory of its own: what failed an hour ahead would be remembered by the tests that follow.
    monkeypatch.setattr(preconditions, "_assured", Preconditions()._assured)
    callbacks_due(1)
    push(client)
    org.change_field(KEY, unique=False)
    if occasion == "a new sign-in":
        org.arm({"action": "token_expired"})
    else:
        later = time.monotonic() + AN_HOUR
        monkeypatch.setattr("time.monotonic", lambda: later)
    callbacks_due(3)
    push(client)
    assert trouble() == "KEY_FIELD_NOT_UNIQUE"
    assert org.state()["records"]["Case"] == 1

    org.change_field(KEY, unique=True)
    push(client)
    assert trouble() == ""
    assert set(Callback.objects.values_list("status", "failures")) == {("synced", 0)}
