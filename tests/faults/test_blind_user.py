"""The integration user cannot see its own Cases: it makes none twice, and finds them later."""

import pytest

from callbacks.models import Callback
from crm.client import SalesforceClient
from tests.callbacks.cast import callbacks_due
from tests.faults.conversation import LOST, doubled, push
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db

BLIND = {"action": "private_sharing"}


def test_a_case_that_nobody_told_us_of_and_we_cannot_see_is_not_made_again(
    client: SalesforceClient, org: Org
) -> None:
    org.arm(BLIND)
    org.arm(LOST)
    callbacks_due(3)
    for _ in range(4):
        push(client)
    assert org.state()["records"]["Case"] == 3
    assert doubled(org) == []
    assert set(Callback.objects.values_list("status", flat=True)) == {"pending"}

    org.clear()
    push(client)
    assert set(Callback.objects.values_list("status", flat=True)) == {"synced"}
    assert org.state()["records"]["Case"] == 3


def test_a_case_whose_making_was_confirmed_is_told_though_we_cannot_see_it(
    client: SalesforceClient, org: Org
) -> None:
    org.arm(BLIND)
    callbacks_due(3)
    push(client)
    ids = {case["Id"] for case in org.records("Case")}
    assert set(Callback.objects.values_list("status", "case_id")) == {
        ("synced", record) for record in ids
    }
