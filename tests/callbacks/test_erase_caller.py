"""A caller who wants to be forgotten is, at once, as far as nobody still has to call back."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from callbacks import staff
from callbacks.mentions import finder
from callbacks.models import Callback, RejectedRequest
from callbacks.models.queue import Caller, Synced
from crm.models import StoredRequest
from tests.callbacks.cast import a_callback
from tests.callbacks.test_retention import everything_about
from tests.factories import AttemptFactory, RejectedFactory

pytestmark = pytest.mark.django_db

NUMBER = "491716547539"
CASE = {"status": "synced", "case_id": "500000000000001AAA", "case_number": "00001000"}


def of_caller(**facts: Any) -> Callback:
    return a_callback(**({"caller_number": NUMBER, "caller_text": f"+{NUMBER}"} | facts))


def erase(written: str = "+49 171 6547539") -> str:
    said = StringIO()
    call_command("erase_caller", written, stdout=said)
    return said.getvalue()


def refused(written: str = "+49 171 6547539") -> str:
    said = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("erase_caller", written, stdout=said)
    return f"{said.getvalue()}{error.value}"


@pytest.mark.parametrize(
    "written", ["+49 171 6547539", "0171 654 75 39", "0049-171/6547539", NUMBER, "(0171) 6547539"]
)
def test_the_number_may_be_written_in_any_way(written: str) -> None:
    callback = of_caller(**CASE)
    assert "callbacks 1" in erase(written)
    assert NUMBER not in everything_about(callback)


@pytest.mark.parametrize("status", ["synced", "dismissed", "merged", "answered"])
def test_what_is_finished_is_erased_however_young(status: str) -> None:
    facts = CASE if status == "synced" else {"status": status}
    callback = of_caller(
        payload={"UserData": "Erika"}, contact_name="Erika", raw_body=b"Erika", **facts
    )
    AttemptFactory.create(callback=callback, detail="Erika")
    erase()
    assert "Erika" not in everything_about(callback)
    callback.refresh_from_db()
    assert callback.erased_at is not None


def test_the_number_to_call_back_on_counts_as_well() -> None:
    callback = of_caller(caller_number="4989555010", callback_number=NUMBER, **CASE)
    erase()
    assert "4989555010" not in everything_about(callback)


def test_other_callers_are_left_alone() -> None:
    other = of_caller(caller_number="491716547530", **CASE)
    assert "callbacks 0" in erase()
    other.refresh_from_db()
    assert (other.caller_number, other.erased_at) == ("491716547530", None)


def test_it_names_the_cases_that_salesforce_keeps() -> None:
    of_caller(**CASE)
    assert "erase there as well: 00001000" in erase()


def test_the_number_is_not_repeated_in_full() -> None:
    of_caller(**CASE)
    assert "6547539" not in erase()


@pytest.mark.parametrize("status", ["pending", "held", "failed"])
def test_what_is_not_finished_is_kept_and_said(status: str) -> None:
    callback, _done = of_caller(status=status), of_caller(**CASE)
    said = refused()
    assert f"Callback {callback.id}: " in said
    assert "callbacks 1" in said
    assert NUMBER in everything_about(callback)


def test_one_in_doubt_is_not_erased_before_it_is_settled() -> None:
    callback = of_caller(lease_no=1, due_at=timezone.now() + timedelta(minutes=2))
    AttemptFactory.create(callback=callback, outcome="put_off")
    assert "once it is settled" in refused()
    Callback.objects.filter(id=callback.id).update(**CASE)
    assert "Nothing of this caller is left here." in erase()


def test_a_second_time_there_is_nothing_left() -> None:
    of_caller(**CASE)
    erase()
    assert "callbacks 0" in erase()


@pytest.mark.parametrize("written", ["217", "anonymous", "", "0"])
def test_what_is_no_number_is_refused(written: str) -> None:
    of_caller(caller_number="", caller_text=written, **CASE)
    assert "is no full telephone number" in refused(written)


def test_rejected_requests_that_contain_it_are_deleted() -> None:
    RejectedFactory.create(body=b'{"CallerID": +49 171/6547539')
    RejectedFactory.create(body=b"", path="/api/v1/callbacks?CallerID=0171%206547539")
    RejectedFactory.create(body=b"CallerID=4989555010")
    assert "rejected requests 2" in erase()
    assert RejectedRequest.objects.get().body_text == "CallerID=4989555010"


def a_stored(status: str, body: str) -> StoredRequest:
    return StoredRequest.objects.create(
        method="POST", path="jtelACD/writeCallStatistics", body=body.encode(), status=status
    )


def test_requests_stored_for_the_org_are_deleted_once_delivered() -> None:
    a_stored("delivered", f'{{"CallerID": "{NUMBER}"}}')
    a_stored("delivered", '{"CallerID": "4989555010"}')
    assert "stored for Salesforce 1." in erase()
    assert StoredRequest.objects.count() == 1


def test_stored_requests_that_wait_are_kept_and_said() -> None:
    a_stored("pending", f'{{"CallerID": "{NUMBER}"}}')
    assert "1 not delivered" in refused()
    assert StoredRequest.objects.count() == 1


class TestMentions:
    @pytest.mark.parametrize(
        "text",
        [
            f"CallerID={NUMBER}",
            "+49 (0)171 654 75 39",
            "00491716547539",
            "tel:+49-171-6547539;x",
            "CallerID=%2B49%20171%206547539&x=1",
            "0171/6547539",
            "0171\u20136547539",
        ],
    )
    def test_it_is_found_as_people_and_machines_write_it(self, text: str) -> None:
        assert finder(NUMBER)(text)

    @pytest.mark.parametrize("text", ["", "171 6547530", "491716547, 539", "49171x6547539"])
    def test_other_digits_are_not_it(self, text: str) -> None:
        assert not finder(NUMBER)(text)


def test_what_is_heard_of_a_caller_after_that_is_not_kept(admin_user: User) -> None:
    of_caller()
    [leased] = Callback.objects.lease(isolation=0, seconds=60).callbacks
    staff.dismiss(Callback.objects.all(), by=admin_user, reason="Test call")
    assert "callbacks 1" in erase()
    erika = Caller("003000000000001AAA", name="Erika", candidates=({"name": "Erika"},))
    case = ("Case", CASE["case_id"], CASE["case_number"], "New", "")
    Callback.objects.mark_synced([Synced(leased.id, leased.lease_no, *case, erika)])
    row = Callback.objects.get()
    assert (row.status, row.case_id) == ("synced", CASE["case_id"])
    assert (row.contact_id, row.contact_name, row.candidates) == ("", "", [])
