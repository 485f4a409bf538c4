"""A Case that somebody deleted or merged is never made again, even if we never heard of it."""

import pytest

from callbacks.models import Callback, FunctionRoute
from crm.client import SalesforceClient
from tests.callbacks.cast import a_callback, callbacks_due
from tests.crm.conversation import push_all
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


@pytest.fixture
def unheard(org: Org, client: SalesforceClient) -> Callback:
    """Pending, but its Case is there: the answer was lost."""
    client.identity()
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    callback = a_callback()
    push_all(client)
    callback.refresh_from_db()
    assert (callback.status, org.audit()["cases"]) == ("pending", 1)
    return callback


def push_again(client: SalesforceClient, callback: Callback) -> None:
    Callback.objects.update(due_at=callback.received_at)
    push_all(client)
    callback.refresh_from_db()


def test_a_deleted_case_is_not_made_again(
    org: Org, client: SalesforceClient, unheard: Callback
) -> None:
    [case] = org.records("Case")
    org.delete(case["Id"])
    push_again(client, unheard)
    assert org.audit()["cases"] == 0
    assert (unheard.status, unheard.case_id, unheard.case_gone) == ("synced", case["Id"], "deleted")


def test_a_merged_case_is_not_made_again(
    org: Org, client: SalesforceClient, unheard: Callback
) -> None:
    [case] = org.records("Case")
    master = org.create("Case", Subject="The one that stays")
    org.merge(master["Id"], case["Id"])
    push_again(client, unheard)
    assert org.audit()["cases"] == 1
    assert (unheard.status, unheard.case_gone) == ("synced", "merged")


def test_those_in_doubt_do_not_hold_the_others(
    org: Org, client: SalesforceClient, unheard: Callback
) -> None:
    [case] = org.records("Case")
    org.delete(case["Id"])
    callbacks_due(3)
    push_again(client, unheard)
    assert Callback.objects.filter(status="synced", case_gone="").count() == 3
    assert org.audit()["cases"] == 3


def test_nothing_is_made_while_that_cannot_be_asked(
    org: Org, client: SalesforceClient, unheard: Callback
) -> None:
    org.arm({"action": "status", "match": {"op": "query"}, "params": {"status": 500}})
    push_again(client, unheard)
    assert (unheard.status, org.audit()["cases"]) == ("pending", 1)
