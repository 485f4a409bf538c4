"""How the org describes its objects, asked as seldom as may be."""

import threading
from collections.abc import Callable

import pytest

from crm import schema
from crm.client import SalesforceClient
from crm.errors import CrmError, CrmUnavailable
from crm.models import ObjectDescription
from crm.remembered import Remembered
from crm.schema import described, last_known
from tests.orgsim.process import Org
from tests.processes import until

pytestmark = pytest.mark.django_db


def describes(org: Org) -> int:
    return sum(entry["path"].endswith("/describe") for entry in org.log())


def test_an_object_is_described_with_what_typing_needs(client: SalesforceClient) -> None:
    case = described(client, "Case")
    assert (case.name, case.label, case.key_prefix, case.name_field) == (
        *("Case", "Case", "500", "CaseNumber"),
    )
    assert case.fields["OwnerId"].reference_to == ("Group", "User")
    assert case.field("suppliedphone") is case.fields["SuppliedPhone"]
    assert case.field("Nope__c") is None
    assert "Master" not in case.record_types


def test_a_numbers_digits_are_told(client: SalesforceClient) -> None:
    amount = described(client, "Callback_Request__c").fields["Amount__c"]
    assert (amount.type, amount.precision, amount.scale) == ("double", 8, 2)


def test_an_object_is_asked_for_once(client: SalesforceClient, org: Org) -> None:
    first = described(client, "Case")
    assert described(client, "Case") is first
    described(client, "Account")
    assert describes(org) == 2


def test_a_new_sign_in_asks_again(client: SalesforceClient, org: Org) -> None:
    described(client, "Case")
    org.advance(1_000_000)
    client.probe()
    described(client, "Case")
    assert describes(org) == 2


def test_what_is_too_old_is_asked_again(client: SalesforceClient, org: Org) -> None:
    described(client, "Case")
    described(client, "Case", max_age=0)
    schema.forget()
    described(client, "Case")
    assert describes(org) == 3


def test_the_last_description_outlives_the_conversation(client: SalesforceClient) -> None:
    assert last_known("Case") is None
    told = described(client, "Case")
    assert last_known("Case") == told


def test_what_another_release_wrote_is_not_known() -> None:
    ObjectDescription.objects.create(
        name="Case", description={"fields": {}, "colour": "red"}, described_at="2026-11-23T08:00Z"
    )
    assert last_known("Case") is None


def test_an_unknown_object_is_told_by_its_code(client: SalesforceClient) -> None:
    with pytest.raises(CrmError) as caught:
        described(client, "Nope__c")
    assert caught.value.code in schema.UNKNOWN_OBJECT
    assert last_known("Nope__c") is None


# --- one asks, the others wait


class Asked:
    """Something to ask that answers when it is told to."""

    def __init__(self, answer: Callable[[], str]) -> None:
        self.times = 0
        self.may_answer = threading.Event()
        self._answer = answer

    def __call__(self, _client: SalesforceClient, _name: str) -> str:
        self.times += 1
        self.may_answer.wait(20)
        return self._answer()


def crowd(asked: Asked, client: SalesforceClient) -> list[str]:
    """What four threads are told that ask at the same time."""
    told: list[str] = []
    waiting = threading.Barrier(5)
    remembered = Remembered(asked)

    def ask() -> None:
        waiting.wait(20)
        try:
            told.append(remembered.get(client))
        except CrmError as error:
            told.append(error.code)

    client.identity()
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    waiting.wait(20)
    until(lambda: asked.times > 0)
    asked.may_answer.set()
    for thread in threads:
        thread.join(20)
    return told


def test_one_thread_asks_for_all(client: SalesforceClient) -> None:
    asked = Asked(lambda: "told")
    assert crowd(asked, client) == ["told"] * 4
    assert asked.times == 1


def test_a_failure_is_shared_with_those_who_waited(client: SalesforceClient) -> None:
    def fail() -> str:
        raise CrmUnavailable("NO_ANSWER")

    asked = Asked(fail)
    assert crowd(asked, client) == ["NO_ANSWER"] * 4
    assert asked.times < 4
