"""`manage.py reconcile`: the ledger, who waits, and what is open."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from callbacks.models import Callback, FunctionRoute, ServiceNumber
from crm.client import SalesforceClient
from crm.models import Finding
from crm.models import Org as OrgState
from tests.callbacks.cast import a_callback
from tests.crm.conversation import a_case, case_by_hand
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db(transaction=True)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def route() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


def lines(*arguments: str) -> list[str]:
    output = StringIO()
    call_command("reconcile", *arguments, stdout=output, no_color=True)
    return output.getvalue().splitlines()


def failing_lines(*arguments: str) -> list[str]:
    """The output, the error behind it."""
    output = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("reconcile", *arguments, stdout=output, no_color=True)
    assert caught.value.returncode == 1
    return [*output.getvalue().splitlines(), str(caught.value)]


def test_the_ledger_comes_first_a_line_for_each_day_and_number(
    org: Org, client: SalesforceClient
) -> None:
    a_case(client)
    a_callback(status="held", service_number="")
    head, blank, number, *_ = lines()
    assert head.split() == [
        *("day", "service", "number", "accepted", "pending", "synced", "held", "failed"),
        *("dismissed", "merged", "answered", "erased"),
    ]
    today = f"{timezone.localdate()}"
    assert blank.split() == [today, "-", *"100100000"]
    assert number.split() == [today, "498946134180", *"101000000"]


def test_it_says_who_has_waited_longest(org: Org) -> None:
    ServiceNumber.objects.create(number="498946134180", name="Hotline")
    a_callback(status="held", received_at=timezone.now() - timedelta(hours=3))
    assert "Longest wait for Hotline (498946134180): 3 hours ago" in lines()


def test_where_both_agree_it_ends_well(org: Org, client: SalesforceClient) -> None:
    a_case(client)
    said = lines()
    assert "1 records read, 1 callbacks to find" in said
    assert said[-1] == "Callbacks and Salesforce agree."


def test_on_a_terminal_it_draws_a_bar(org: Org, client: SalesforceClient) -> None:
    a_case(client)
    terminal = Terminal()
    call_command("reconcile", stdout=terminal, no_color=True)
    assert f"\r[{'#' * 40}] 1 records read" in terminal.getvalue()


def test_a_finding_is_a_line_with_its_next_step_and_status_one(org: Org) -> None:
    callback = a_callback(
        status="synced", case_object="Case", case_id="500000000000001AAA", case_number="00000001"
    )
    *_, finding, error = failing_lines()
    assert finding.startswith(f"Case is missing in Salesforce: {callback.id}. ")
    assert "there was 00000001" in finding
    assert finding.endswith("let it be made again.")
    assert error == "1 findings are open."


def test_only_the_days_asked_for_are_looked_at(org: Org) -> None:
    a_callback(
        status="synced",
        case_object="Case",
        case_id="500000000000001AAA",
        received_at=timezone.now() - timedelta(days=3),
    )
    assert lines("--days", "2")[-1] == "Callbacks and Salesforce agree."
    assert failing_lines("--days", "4")[-1] == "1 findings are open."


class TestMendingMany:
    @pytest.fixture(autouse=True)
    def _many(self, org: Org) -> None:
        for _ in range(21):
            case_by_hand(org, a_callback(status="failed").id)

    def test_is_left_to_a_person(self) -> None:
        assert failing_lines()[-1] == "21 findings are open."
        assert Callback.objects.failed().count() == 21

    def test_asks_to_be_sure(self) -> None:
        failing_lines()
        assert failing_lines("--mend") == [
            "21 callbacks would be settled. Add --yes to settle them."
        ]
        assert Callback.objects.failed().count() == 21

    def test_is_done_when_somebody_is(self) -> None:
        failing_lines("--mend", "--yes")
        assert Callback.objects.filter(status="synced").count() == 21
        assert not Finding.objects.filter(detail__settled=False).exists()


class TestWhenItCannotCompare:
    @pytest.mark.usefixtures("org")
    def test_it_says_why_and_what_to_do(self) -> None:
        OrgState.objects.create(org_id="00D000000000000AAA")
        error = failing_lines()[-1]
        assert error.startswith("Not compared (ANOTHER_ORG): ")
        assert len(error.split(". ")) > 1

    @pytest.mark.usefixtures("org")
    def test_a_pause_of_staff_has_to_end_first(self) -> None:
        OrgState.objects.create(paused_at=timezone.now())
        assert "Resume it first" in failing_lines()[-1]

    def test_without_an_org_the_ledger_is_told_all_the_same(self, settings: Settings) -> None:
        settings.SALESFORCE_URL = ""
        a_callback()
        said = failing_lines()
        assert "498946134180" in said[1]
        assert "NOT_CONFIGURED" in said[-1]
