"""What somebody sees when a page is not there, not theirs, or broken: calm, and with a way on."""

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from pytest_django import DjangoDbBlocker

from callbacks.errors import server_error
from tests.callbacks.conftest import SignIn

WORDS = {
    "en": {
        403: "You may not open this page",
        404: "There is nothing at this address",
        500: "Something went wrong",
        "csrf": "This form has expired",
    },
    "de": {
        403: "Diese Seite dürfen Sie nicht öffnen",
        404: "Unter dieser Adresse gibt es nichts",
        500: "Etwas ist schiefgegangen",
        "csrf": "Dieses Formular ist abgelaufen",
    },
}
languages = pytest.mark.parametrize("language", WORDS)


def assert_leads_on(page: str, language: str, heading: str) -> None:
    assert f'<html lang="{language}">' in page
    assert f"<h1>{heading}</h1>" in page
    assert f'href="{reverse("admin:index")}"' in page


@languages
def test_where_nothing_is(client: Client, language: str) -> None:
    answer = client.get("/nowhere/", headers={"accept-language": language})
    assert answer.status_code == 404
    assert_leads_on(answer.text, language, WORDS[language][404])


@languages
@pytest.mark.django_db
def test_a_page_that_is_not_theirs(sign_in: SignIn, language: str) -> None:
    place = reverse("admin:callbacks_staffaction_changelist")
    answer = sign_in("Viewer").get(place, headers={"accept-language": language})
    assert answer.status_code == 403
    assert_leads_on(answer.text, language, WORDS[language][403])


@languages
def test_a_form_that_has_expired(language: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    place = reverse("admin:login")
    answer = browser.post(place, {"username": "a"}, headers={"accept-language": language})
    assert answer.status_code == 403
    assert_leads_on(answer.text, language, WORDS[language]["csrf"])


@languages
def test_a_fault_is_told_without_the_database(
    language: str, django_db_blocker: DjangoDbBlocker
) -> None:
    request = HttpRequest()
    request.path = "/admin/"
    with django_db_blocker.block(), override(language):
        answer = server_error(request)
    assert answer.status_code == 500
    assert_leads_on(answer.content.decode(), language, WORDS[language][500])  # type: ignore[attr-defined]
