"""What is looked up during a call, asked of a simulated org over a socket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks import sightings
from callbacks.models import AcdClient, Callback, FunctionRoute, ServiceNumber
from callbacks.routing import release_routed, route_table
from crm.lookups import case_number_in, phone_forms
from tests.crm.asking import (
    CALLERS,
    EVA,
    Acd,
    a_route,
    an_acd,
    calls,
    enter_case,
    enter_contact,
    forget_all,
)
from tests.factories import CallbackFactory
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@pytest.fixture
def acd() -> Acd:
    return an_acd()


# --- who calls


def test_a_known_caller_is_named_and_noted(acd: Acd, org: Org) -> None:
    contact = enter_contact(org)
    a_route("find_caller")
    answer = acd.posts(CallerID=EVA, Function="WHO")
    said = answer.json()
    assert (answer.status_code, said["Status"], said["Count"]) == (200, "answered", 1)
    assert (said["ContactID"], said["ContactName"]) == (contact, "Meier")
    assert (said["RecordObject"], said["UserData"]) == ("Contact", contact)
    assert said["RecordURL"] == f"{org.url}/lightning/r/Contact/{contact}/view"
    callback = Callback.objects.get()
    assert (callback.status, callback.contact_id) == ("answered", contact)
    assert said["CallbackID"] == str(callback.id)


def test_several_callers_are_counted_and_none_is_named(acd: Acd, org: Org) -> None:
    ids = {enter_contact(org, name) for name in ("Meier", "Fuchs")}
    a_route("find_caller")
    answer = acd.posts(CallerID=EVA)
    assert answer.status_code == 300
    assert answer.json() == {"Count": 2, "Message": "Several records were found."}
    assert {each["id"] for each in Callback.objects.get().candidates} == ids


def test_one_of_several_is_named_where_the_route_says_so(acd: Acd, org: Org) -> None:
    enter_contact(org, "Meier")
    first = enter_contact(org, "Fuchs")
    a_route("find_caller", record_when_several=True)
    answer = acd.posts(CallerID=EVA)
    assert (answer.status_code, answer.json()["Count"]) == (300, 2)
    assert (answer.json()["ContactID"], answer.json()["UserData"]) == (first, "2 records")
    assert Callback.objects.get().contact_id == ""


def test_nobody_is_404_with_every_variable(acd: Acd, org: Org) -> None:
    enter_contact(org)
    a_route("find_caller", answers={"Contact.Name": "{{ record.Name }}"})
    known = acd.posts(CallerID=EVA).json()
    answer = acd.posts(CallerID="4989555099")
    said = answer.json()
    assert (answer.status_code, said["Error"], said["Count"]) == (404, "not_found", 0)
    assert set(known) | {"Error"} == set(said)
    assert (known["Contact"], said["Contact"]) == ({"Name": "Meier"}, {"Name": None})
    assert said["ContactID"] is said["UserData"] is None


def test_leads_and_accounts_are_found_where_the_route_looks_for_them(acd: Acd, org: Org) -> None:
    lead = org.create("Lead", LastName="Neu", Company="Neu KG", Phone="+49 89 555010")["Id"]
    account = org.create("Account", Name="Meier KG", Phone="089 555011")["Id"]
    a_route("find_caller", find_caller_in="Contact, Lead, Account")
    said = acd.posts(CallerID=EVA).json()
    assert (said["LeadID"], said["LeadName"], said["ContactID"]) == (lead, "Neu", None)
    said = acd.posts(CallerID="4989555011").json()
    assert (said["AccountID"], said["AccountName"]) == (account, "Meier KG")


def test_who_withholds_the_number_is_not_looked_up(acd: Acd, org: Org) -> None:
    a_route("find_caller", late_status=200)
    answer = acd.posts(CallerID="anonymous")
    assert (answer.status_code, answer.json()["Error"]) == (404, "no_number")
    assert calls(org) == 0


def test_the_same_question_twice_is_no_repeat(acd: Acd, org: Org) -> None:
    a_route("find_caller")
    said = [acd.posts(CallerID=EVA).json() for _ in range(2)]
    assert [each["Duplicate"] for each in said] == [False, False]
    assert Callback.objects.filter(status="answered").count() == 2


def test_the_acd_event_dialect_hears_200_whatever_was_found(acd: Acd, org: Org) -> None:
    a_route("find_caller")
    for count in range(3):
        answer = acd.posts(Caller=f"498955502{count}", AcdEventsID=count)
        assert (answer.status_code, answer.json()["Count"]) == (200, count)
        for _ in range(count + 1):
            enter_contact(org, Phone=f"+49 89 55502{count + 1}")


# --- with GET


@pytest.mark.parametrize("path", [CALLERS, "/services/apexrest/jtelACD/getCallerInformation"])
def test_a_look_up_with_get_leaves_nothing_behind(acd: Acd, org: Org, path: str) -> None:
    contact = enter_contact(org)
    answer = acd.asks(path, CallerID=EVA, ServiceNumber="498946134180", Function="WHO")
    said = answer.json()
    assert (answer.status_code, said["ContactID"], said["CallbackID"]) == (200, contact, None)
    assert (said["Status"], said["Function"]) == ("answered", "WHO")
    assert not Callback.objects.exists()
    sightings.flush()
    assert ServiceNumber.objects.get().number == "498946134180"


def test_a_look_up_without_a_caller_is_refused(acd: Acd, org: Org) -> None:
    answer = acd.asks(ServiceNumber="498946134180")
    assert (answer.status_code, answer.json()["Error"]) == (400, "no_caller")


def test_a_look_up_goes_by_the_route_of_its_function(acd: Acd, org: Org) -> None:
    case = enter_case(org, SuppliedPhone=f"+{EVA}")
    FunctionRoute.objects.create(name="Case", function="Status", action="find_case")
    route_table.expire()
    assert acd.asks(CallerID=EVA, Function="status").json()["CaseID"] == case["Id"]
    assert acd.asks(CallerID=EVA, Function="other").json()["Error"] == "not_found"


def test_a_reader_may_look_up_and_not_store(org: Org) -> None:
    reader = an_acd(kind=AcdClient.Kind.READER)
    assert reader.asks(CallerID=EVA).status_code == 404
    assert reader.posts("/api/v1/query", Query="x").json()["Error"] == "unknown_query"
    assert reader.posts(CallerID=EVA).status_code == 403


# --- which Case


@pytest.fixture
def _cases_are_found() -> None:
    a_route("find_case")


@pytest.mark.usefixtures("_cases_are_found")
def test_the_open_case_of_the_caller_is_found_by_contact(acd: Acd, org: Org) -> None:
    contact = enter_contact(org)
    case = enter_case(org, ContactId=contact, Priority="High")
    enter_case(org, ContactId=contact, Status="Closed")
    answer = acd.posts(CallerID=EVA)
    said = answer.json()
    assert (answer.status_code, said["CaseID"]) == (200, case["Id"])
    assert (said["CaseNumber"], said["CaseStatus"]) == (case["CaseNumber"], "New")
    assert (said["CaseSubject"], said["CasePriority"]) == ("Heating is out", "High")
    assert (said["ContactID"], said["ContactName"]) == (contact, "Meier")
    assert (said["CaseIsClosed"], said["RecordID"]) == (False, case["Id"])
    callback = Callback.objects.get()
    assert (callback.case_number, callback.contact_name) == (case["CaseNumber"], "Meier")


@pytest.mark.usefixtures("_cases_are_found")
@pytest.mark.parametrize(
    "written", ["+4989555010", "004989555010", "089555010", "+49 89 555010", "089 555010"]
)
def test_the_open_case_is_found_by_number_however_it_is_written(
    acd: Acd, org: Org, written: str
) -> None:
    case = enter_case(org, SuppliedPhone=written)
    assert acd.posts(CallerID=EVA).json()["CaseID"] == case["Id"]


@pytest.mark.usefixtures("_cases_are_found")
def test_the_open_case_that_we_made_is_found_whatever_stands_in_it(acd: Acd, org: Org) -> None:
    case, closed = enter_case(org), enter_case(org, Status="Closed")
    for each in (case, closed):
        CallbackFactory.create(synced=True, caller_number=EVA, case_id=each["Id"])
    assert acd.posts(CallerID=EVA).json()["CaseID"] == case["Id"]


@pytest.mark.usefixtures("_cases_are_found")
def test_several_open_cases_are_counted(acd: Acd, org: Org) -> None:
    for _ in range(2):
        enter_case(org, SuppliedPhone=f"+{EVA}")
    answer = acd.posts(CallerID=EVA)
    assert (answer.status_code, answer.json()["Count"]) == (300, 2)


def test_of_several_open_cases_the_newest_is_named(acd: Acd, org: Org) -> None:
    a_route("find_case", record_when_several=True)
    enter_case(org, SuppliedPhone=f"+{EVA}")
    org.advance(60)
    newest = enter_case(org, SuppliedPhone=f"+{EVA}")
    assert acd.posts(CallerID=EVA).json()["CaseID"] == newest["Id"]


@pytest.mark.usefixtures("_cases_are_found")
def test_a_case_number_in_user_data_is_looked_up_whoever_calls(acd: Acd, org: Org) -> None:
    case = enter_case(org, Status="Closed")
    keyed_in = case["CaseNumber"].lstrip("0")
    said = acd.posts(CallerID="anonymous", UserData=keyed_in).json()
    assert (said["CaseID"], said["CaseIsClosed"]) == (case["Id"], True)
    assert acd.posts(CallerID=EVA, UserData="99999999").status_code == 404


@pytest.mark.usefixtures("_cases_are_found")
def test_who_has_no_open_case_hears_404(acd: Acd, org: Org) -> None:
    enter_case(org, SuppliedPhone=f"+{EVA}", Status="Closed")
    enter_case(org, SuppliedPhone="+4989555099")
    answer = acd.posts(CallerID=EVA)
    assert (answer.status_code, answer.json()["Error"]) == (404, "not_found")


def test_a_case_number_is_digits_alone() -> None:
    assert case_number_in(" 1027 ") == "00001027"
    texts = ("", "ABC", "123456789", "12 34", "1027'", "\N{SUPERSCRIPT TWO}", "٣")
    assert [case_number_in(text) for text in texts] == [""] * len(texts)


@given(st.from_regex(r"\A[0-9]{0,20}\Z"))
def test_any_digits_have_forms_or_none(digits: str) -> None:
    assert all(forms.strip() for forms in phone_forms(digits))


# --- a route's own variables


def test_a_route_answers_variables_of_its_own(acd: Acd, org: Org) -> None:
    enter_contact(org)
    answers = {
        "Greeting": "Hello {{ record.Name }}, {{ answer.ContactName|upper }}",
        "Contact.Name": "{{ record.Name }}",
        "Contact.Line": "{{ service_name }} {{ user_data }} {{ fields.Extra }}",
        "Nothing": "{{ record.Unknown }}",
    }
    a_route("find_caller", answers=answers)
    said = acd.posts(CallerID=EVA, ServiceName="Hotline", UserData="4711", Extra="x").json()
    assert said["Greeting"] == "Hello Meier, MEIER"
    assert said["Contact"] == {"Name": "Meier", "Line": "Hotline 4711 x"}
    assert said["Nothing"] is None


def test_a_route_that_creates_answers_variables_of_its_own(acd: Acd, org: Org) -> None:
    a_route("create", answers={"Key": "{{ answer.CallbackID|truncatechars:9 }}"})
    said = acd.posts(CallerID=EVA).json()
    assert said["Status"] == "pending"
    assert said["Key"] == f"{said['CallbackID'][:8]}…"


def test_what_is_only_stored_is_never_sent(acd: Acd, org: Org) -> None:
    a_route("store")
    said = [acd.posts(CallerID=EVA).json() for _ in range(2)]
    assert [(each["Status"], each["Duplicate"]) for each in said] == [
        ("answered", False),
        ("answered", True),
    ]


@pytest.mark.parametrize("action", ["find_caller", "find_case", "store"])
def test_what_is_held_waits_on_for_a_route_that_sends(acd: Acd, action: str) -> None:
    CallbackFactory.create(held=True)
    a_route(action)
    assert release_routed() == 0
    a_route("create")
    assert release_routed() == 1
