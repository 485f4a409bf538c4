"""Workflow queries, asked of a simulated org over a socket."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from callbacks.models import Callback
from crm.models import NamedQuery, QueryAnswerField
from tests.callbacks.conftest import person
from tests.crm.asking import QUERY, Acd, an_acd, calls, enter_case, enter_contact, forget_all
from tests.crm.hostile import hostile, never
from tests.orgsim.process import Org

pytestmark = pytest.mark.django_db

BY_NAME = "SELECT Id, LastName, Account.Name FROM Contact WHERE LastName = :Param1"
HOSTILE = [
    *(
        "' OR LastName != '",
        "\\",
        "\\'",
        "'",
        "%",
        "_",
        "M%",
        "' LIMIT 1 //",
        "ä\N{HONEYBEE}",
        "\n",
    ),
    *(":Param1", "Meier' ", "x" * 1_300, "x" * 10_000, "ß" * 1_300, "{0}", "%27", "\x00"),
]


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all(monkeypatch)


@pytest.fixture
def acd() -> Acd:
    return an_acd()


def a_query(soql: str = BY_NAME, *, answers: dict[str, str] | None = None, **facts: Any) -> None:
    query = NamedQuery.objects.create(name="Contacts", soql=soql, **facts)
    for name, template in (answers or {}).items():
        QueryAnswerField.objects.create(query=query, name=name, template=template)


@pytest.mark.parametrize("path", [QUERY, f"{QUERY}/", "/services/apexrest/jtelACD/query"])
def test_one_record_becomes_variables(acd: Acd, org: Org, path: str) -> None:
    account = org.create("Account", Name="Meier KG")["Id"]
    contact = org.create("Contact", LastName="Meier", AccountId=account)["Id"]
    a_query()
    answer = acd.posts(path, Query="contacts", Param1="Meier")
    assert answer.status_code == 200
    assert answer.json() == {
        "Id": contact,
        "LastName": "Meier",
        "Account": {"Name": "Meier KG"},
        "Query": "Contacts",
        "Count": 1,
        "Message": "One record was found.",
    }
    assert not Callback.objects.exists()


def test_several_records_are_counted_and_none_is_named(acd: Acd, org: Org) -> None:
    for _ in range(3):
        enter_contact(org)
    a_query()
    answer = acd.posts(QUERY, Query="Contacts", Param1="Meier")
    assert answer.status_code == 300
    assert answer.json() == {"Count": 2, "Message": "Several records were found."}


def test_no_record_is_404(acd: Acd, org: Org) -> None:
    a_query(answers={"Contact.Name": "{{ record.LastName }}"})
    answer = acd.posts(QUERY, Query="Contacts", Param1="Meier")
    said = answer.json()
    assert (answer.status_code, said["Error"], said["Count"]) == (404, "not_found", 0)
    assert said["Contact"] == {"Name": None}


def test_a_query_answers_variables_of_its_own(acd: Acd, org: Org) -> None:
    enter_contact(org)
    a_query(answers={"Greeting": "{{ record.LastName }} {{ answer.Count }} {{ param1 }}"})
    said = acd.posts(QUERY, Query="Contacts", Param1="Meier").json()
    assert said["Greeting"] == "Meier 1 Meier"


def test_a_form_and_the_query_string_are_read_too(acd: Acd, org: Org) -> None:
    enter_contact(org)
    a_query()
    url = f"{QUERY}?Query=Contacts"
    assert acd.http.post(url, {"Param1": "Meier"}).status_code == 200


@pytest.mark.parametrize("param", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_parameter_finds_nothing_but_itself(acd: Acd, org: Org, param: str) -> None:
    enter_contact(org)
    a_query()
    answer = acd.posts(QUERY, Query="Contacts", Param1=param)
    assert (answer.status_code, answer.json()["Error"]) in [
        (404, "not_found"),
        (404, "unfit_parameter"),
    ]


def test_a_hostile_name_is_found_by_itself(acd: Acd, org: Org) -> None:
    a_query()
    for number, param in enumerate(['O\'Neil \\ "x" %_', "ä\N{HONEYBEE}:Param2"]):
        contact = enter_contact(org, param, Phone=str(number))
        assert acd.posts(QUERY, Query="Contacts", Param1=param).json()["Id"] == contact


def test_wildcards_of_the_acd_are_none(acd: Acd, org: Org) -> None:
    enter_contact(org)
    a_query("SELECT Id FROM Contact WHERE LastName LIKE :Param1%")
    statuses = {
        text: acd.posts(QUERY, Query="Contacts", Param1=text).status_code
        for text in ("Mei", "%", "_eier", "eier")
    }
    assert statuses == {"Mei": 200, "%": 404, "_eier": 404, "eier": 404}


@pytest.mark.parametrize("fields", [{}, {"Query": ""}, {"Query": "x"}, {"Query": {"a": 1}}])
def test_an_unknown_name_is_told_plainly(acd: Acd, org: Org, fields: dict[str, Any]) -> None:
    a_query()
    answer = acd.posts(QUERY, **fields)
    assert (answer.status_code, answer.json()["Error"]) == (404, "unknown_query")
    assert calls(org) == 0


def test_a_query_that_is_switched_off_is_unknown(acd: Acd, org: Org) -> None:
    a_query(enabled=False)
    assert acd.posts(QUERY, Query="Contacts", Param1="x").json()["Error"] == "unknown_query"


def test_an_unsound_query_is_unknown_however_it_was_stored(acd: Acd, org: Org) -> None:
    a_query("SELECT Id FROM Contact WHERE LastName = ':Param1'")
    assert acd.posts(QUERY, Query="Contacts", Param1="x").json()["Error"] == "unknown_query"


def test_nothing_is_not_asked_for(acd: Acd, org: Org) -> None:
    enter_case(org)
    a_query("SELECT Id FROM Case WHERE SuppliedPhone = :Param1")
    answer = acd.posts(QUERY, Query="Contacts")
    assert answer.json()["Message"] == "Param1 is empty."
    assert (answer.status_code, calls(org)) == (404, 0)


def test_a_query_that_the_org_refuses_is_told_apart(acd: Acd, org: Org) -> None:
    a_query("SELECT Id FROM Contact WHERE Nonsense__c = :Param1")
    answer = acd.posts(QUERY, Query="Contacts", Param1="x")
    assert (answer.status_code, answer.json()["Error"]) == (404, "refused")


def test_a_silent_org_is_answered_for(acd: Acd, settings: Settings) -> None:
    a_query(budget_ms=300)
    with hostile(never) as silent:
        settings.SALESFORCE_URL = silent.url
        settings.SALESFORCE_CLIENT_ID, settings.SALESFORCE_CLIENT_SECRET = "id", "secret"
        answer = acd.posts(QUERY, Query="Contacts", Param1="x")
    assert (answer.status_code, answer.json()["Error"]) == (404, "too_late")


def test_an_answer_is_kept_for_a_moment(acd: Acd, org: Org) -> None:
    enter_contact(org)
    a_query()
    acd.posts(QUERY, Query="Contacts", Param1="Meier")
    before = calls(org)
    assert acd.posts(QUERY, Query="Contacts", Param1="Meier").status_code == 200
    assert calls(org) == before


def test_a_form_refuses_what_could_not_be_kept_safe() -> None:
    with pytest.raises(ValidationError, match="limit is set by itself"):
        NamedQuery(name="x", soql=f"{BY_NAME} LIMIT 5").full_clean()
    with pytest.raises(ValidationError, match="has this variable already"):
        QueryAnswerField(name="Count", template="").full_clean(exclude=["query"])
    with pytest.raises(ValidationError, match="cannot be read"):
        QueryAnswerField(name="Name", template="{{").full_clean(exclude=["query"])


@pytest.mark.parametrize(("role", "status"), [("Administrators", 200), ("Back office", 403)])
def test_administrators_write_queries(role: str, status: int) -> None:
    a_query(answers={"Name": "{{ record.Name }}"})
    browser = Client()
    browser.force_login(person(role))
    query = NamedQuery.objects.get()
    for page in ("", "add/", f"{query.pk}/change/"):
        answer = browser.get(f"/admin/crm/namedquery/{page}")
        assert answer.status_code == status
