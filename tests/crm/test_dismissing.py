"""Staff dismisses what waits, and yet there is a Case: it is never overlooked."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from django.contrib.auth.models import User

from callbacks import staff
from callbacks.models import Callback, FunctionRoute
from crm import delivery, settling
from crm.client import SalesforceClient
from crm.models import Finding
from crm.outcomes import Told
from crm.settling import Started
from tests.callbacks.cast import a_callback
from tests.crm.comparing import compare
from tests.crm.conversation import a_case, now_is, pull_all, push_all
from tests.crm.pushing import fall_due_again, keys_in
from tests.factories import UserFactory
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


@pytest.fixture
def petra() -> User:
    return UserFactory.create()


def dismiss(callback: Callback, by: User) -> None:
    only = Callback.objects.filter(pk=callback.pk)
    assert staff.dismiss(only, by=by, reason="Test call") == (1, 0)


def whose_answer_was_lost(org: Org, client: SalesforceClient) -> Callback:
    """The org made its Case, and the line was cut before it could say so."""
    a_case(client)
    callback = a_callback()
    org.arm({"action": "commit_then_drop", "match": {"op": "create"}, "count": 1})
    push_all(client)
    org.clear()
    assert now_is(callback).status == "pending"
    assert str(callback.id) in keys_in(org)
    return callback


def test_dismissed_while_its_answer_was_on_the_way(
    org: Org, client: SalesforceClient, petra: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = a_callback()

    def settle(told: Sequence[Told], *, started: Started) -> set[UUID]:
        if told:
            dismiss(callback, by=petra)
        return settling.settle(told, started=started)

    monkeypatch.setattr(delivery, "settle", settle)
    push_all(client)
    assert (now_is(callback).status, keys_in(org)) == ("synced", [str(callback.id)])


def test_the_pull_finds_the_case_whose_answer_was_lost(
    org: Org, client: SalesforceClient, petra: User
) -> None:
    callback = whose_answer_was_lost(org, client)
    dismiss(callback, by=petra)
    pull_all(client)
    assert now_is(callback).status == "synced"
    assert [f.subject for f in Finding.objects.all()] == [str(callback.id)]


def test_the_comparison_finds_it_too(org: Org, client: SalesforceClient, petra: User) -> None:
    callback = whose_answer_was_lost(org, client)
    dismiss(callback, by=petra)
    compare(client)
    assert now_is(callback).status == "synced"
    assert Finding.objects.get().detail["was"] == "dismissed"


def test_without_a_case_it_stays_dismissed(org: Org, client: SalesforceClient, petra: User) -> None:
    a_case(client)
    callback = a_callback()
    dismiss(callback, by=petra)
    fall_due_again()
    push_all(client)
    pull_all(client)
    compare(client)
    assert now_is(callback).status == "dismissed"
    assert str(callback.id) not in keys_in(org)


def test_sent_again_there_is_no_second_case(
    org: Org, client: SalesforceClient, petra: User
) -> None:
    callback = whose_answer_was_lost(org, client)
    dismiss(callback, by=petra)
    assert staff.requeue(Callback.objects.filter(pk=callback.pk), by=petra) == 1
    fall_due_again()
    push_all(client)
    assert now_is(callback).status == "synced"
    assert keys_in(org).count(str(callback.id)) == 1


def test_sent_at_once_there_is_no_second_case(
    org: Org, client: SalesforceClient, petra: User
) -> None:
    callback = whose_answer_was_lost(org, client)
    assert staff.send_now(Callback.objects.filter(pk=callback.pk), by=petra) == 1
    push_all(client)
    assert now_is(callback).status == "synced"
    assert keys_in(org).count(str(callback.id)) == 1
