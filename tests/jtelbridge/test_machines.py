"""What an ACD asks for passes by all that is for people, and loses nothing by it."""

import pytest
from django.test import Client
from pytest_django import Settings

from tests.crm.asking import CALLBACKS, an_acd

pytestmark = pytest.mark.django_db


def test_an_answer_is_whole_and_leaves_nothing_with_the_acd() -> None:
    answer = an_acd().posts(CallerID="4989555010")
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [CALLBACKS, "/services/oauth2/token", "/api/docs/"])
def test_a_name_that_is_not_ours_is_refused(settings: Settings, path: str) -> None:
    settings.ALLOWED_HOSTS = ["callbacks.example.com"]
    assert Client(headers={"Host": "evil.example.com"}).post(path).status_code == 400
    assert Client(headers={"Host": "callbacks.example.com"}).post(path).status_code != 400 or (
        "oauth2" in path
    )


def test_nobody_who_is_signed_in_as_a_person_is_an_acd(admin_client: Client) -> None:
    assert admin_client.post(CALLBACKS).status_code == 401


@pytest.mark.parametrize("path", ["/api/nothing", "/services/nothing", "/api/v1/callbacks/a/b"])
def test_where_there_is_nothing_the_answer_can_be_read(path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer.json()["Error"]) == (404, "not_found")
