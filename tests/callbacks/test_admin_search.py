"""Finding a callback by what a clerk has at hand."""

import pytest
from django.db import connection
from django.urls import reverse

from callbacks.admin.search import matching
from callbacks.models import Callback
from tests.callbacks.conftest import SignIn
from tests.factories import CallbackFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wanted() -> Callback:
    CallbackFactory.create(caller_number="4930123456", service_name="Störung")
    CallbackFactory.create(caller_number="", caller_text="anonymous")
    return CallbackFactory.create(
        caller_number="4989555010",
        service_name="Vertrag",
        function="Termin",
        synced=True,
        case_number="00001027",
    )


@pytest.mark.parametrize(
    "text",
    [
        "+49 (0)89 555-010",
        "+49 89 555010",
        "0049 89 555010",
        "4989555010",
        "089 555010",
        "(089) 555 010",
        "089/555010",
        "089 5550",
        "555010",
        "5010",
        "010",
        "00001027",
        "1027",
        "vertrag",
        "Vertr",
        "termin",
        "  089 555010 ",
    ],
)
def test_it_is_found(text: str, wanted: Callback) -> None:
    assert list(Callback.objects.filter(matching(text))) == [wanted]


def test_its_key_finds_it(wanted: Callback) -> None:
    assert list(Callback.objects.filter(matching(str(wanted.pk)))) == [wanted]


def test_the_number_to_call_back_finds_it() -> None:
    callback = CallbackFactory.create(callback_number="491716547539")
    assert list(Callback.objects.filter(matching("0171 654"))) == [callback]


def test_what_was_sent_instead_of_a_number_finds_it(wanted: Callback) -> None:
    assert Callback.objects.get(matching("anonym")).caller_text == "anonymous"


@pytest.mark.parametrize("text", ["ertrag", "089 666", "%", "_", "*", "1"])
def test_something_else_finds_nothing(text: str, wanted: Callback) -> None:
    assert not Callback.objects.filter(matching(text)).exists()


@pytest.mark.parametrize("text", ["Maria", "maria web", "weber", "WEB", "Maria Weber"])
def test_a_contacts_name_finds_it(text: str) -> None:
    wanted = CallbackFactory.create(contact_name="Maria Weber")
    CallbackFactory.create(contact_name="Anna Marianne Weberski-Bauer")
    found = set(Callback.objects.filter(matching(text)))
    assert wanted in found


@pytest.mark.parametrize("text", ["aria", "eber", "Weber Maria", "%", "_aria"])
def test_the_middle_of_a_name_finds_nothing(text: str) -> None:
    CallbackFactory.create(contact_name="Maria Weber")
    assert not Callback.objects.filter(matching(text)).exists()


def test_a_service_is_found_by_the_name_that_staff_gave_it() -> None:
    ServiceNumberFactory.create(number="4989100", name="Vertragsabteilung")
    wanted = CallbackFactory.create(service_number="4989100", service_name="hotline7")
    CallbackFactory.create()
    assert Callback.objects.get(matching("vertragsa")) == wanted


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("0171 654", "callback_caller_start"),
        ("7539", "callback_caller_end"),
        ("weber", "callback_contact_surname"),
    ],
)
def test_each_way_has_an_index(text: str, index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    assert index in Callback.objects.filter(matching(text)).order_by().explain()


def test_the_list_searches(wanted: Callback, sign_in: SignIn) -> None:
    page = sign_in("Back office").get(
        reverse("admin:callbacks_callback_changelist"), {"q": "089 555010"}
    )
    assert list(page.context["cl"].result_list) == [wanted]


def test_an_empty_list_says_what_was_looked_for(sign_in: SignIn) -> None:
    page = sign_in("viewer").get(reverse("admin:callbacks_callback_changelist"), {"q": "zzz"})
    assert "Nothing found for “zzz”." in page.text
