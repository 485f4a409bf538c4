"""Another org answers at the same address: nothing goes there until a person has looked."""

import pytest

from callbacks.models import Callback
from crm.client import SalesforceClient
from crm.models import Org as Conversation
from tests.callbacks.cast import callbacks_due
from tests.faults.conversation import LOST, doubled, push, trouble
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db


def test_the_other_org_gets_no_case_and_the_first_one_none_twice(
    client: SalesforceClient, org: Org
) -> None:
    callbacks_due(1)
    push(client)
    org.arm(LOST)
    callbacks_due(3)
    push(client)  # created over there, and nobody heard of it
    assert org.state()["records"]["Case"] == 4

    org.swap()
    callbacks_due(2)
    push(client)
    push(client)
    assert trouble() == "ANOTHER_ORG"
    assert org.state()["records"]["Case"] == 0

    org.swap()
    push(client)
    push(client)
    assert trouble() == ""
    assert set(Callback.objects.values_list("status", "failures")) == {("synced", 0)}
    assert org.state()["records"]["Case"] == 6
    assert doubled(org) == []


def test_once_a_person_confirmed_it_the_other_org_is_ours(
    client: SalesforceClient, org: Org
) -> None:
    callbacks_due(1)
    push(client)
    org.swap()
    callbacks_due(2)
    push(client)
    Conversation.forget_pinned()
    push(client)
    assert trouble() == ""
    assert org.state()["records"]["Case"] == 2
