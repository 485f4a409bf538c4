"""Signing in: who guesses passwords has to wait, and nobody else has."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = reverse("admin:login")
IN, OUT = 302, 429


@pytest.fixture(autouse=True)
def _petra() -> None:
    UserFactory.create(username="petra")
    UserFactory.create(username="anna")


def sign_in(password: str = PASSWORD, username: str = "petra", **headers: str) -> Any:
    extra: dict[str, Any] = headers
    return Client().post(LOGIN, {"username": username, "password": password}, **extra)


def guess(times: int, **headers: str) -> None:
    for number in range(times):
        sign_in(f"guess {number}", **headers)


def test_nine_wrong_ones_are_forgiven() -> None:
    guess(9)
    assert sign_in().status_code == IN
    guess(9)
    assert sign_in().status_code == IN


def test_after_ten_the_right_one_comes_too_late() -> None:
    guess(10)
    answer = sign_in()
    assert answer.status_code == OUT
    assert answer["Retry-After"] == "900"
    assert "Too many wrong passwords. Wait 15 minutes, then sign in again." in answer.text
    assert "_auth_user_id" not in answer.client.session


def test_it_is_said_in_german() -> None:
    guess(10)
    answer = sign_in(HTTP_ACCEPT_LANGUAGE="de")
    assert "Zu viele falsche Passwörter. Warten Sie 15 Minuten" in answer.text


def test_guessing_on_does_not_prolong_it() -> None:
    guess(10)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        guess(10)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert sign_in().status_code == IN


def test_others_sign_in_meanwhile() -> None:
    guess(10)
    assert sign_in(username="anna").status_code == IN
    assert sign_in(REMOTE_ADDR="192.0.2.7").status_code == IN


def test_a_forged_address_gives_no_new_guesses() -> None:
    for number in range(10):
        sign_in("wrong", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert sign_in().status_code == OUT


def test_behind_a_proxy_its_word_counts(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    guess(10, HTTP_X_FORWARDED_FOR="192.0.2.1")
    assert sign_in(HTTP_X_FORWARDED_FOR="192.0.2.1").status_code == OUT
    assert sign_in(HTTP_X_FORWARDED_FOR="192.0.2.2").status_code == IN


@pytest.mark.parametrize("nonsense", ["", "nonsense", "unix:", "x" * 300])
def test_an_address_that_is_none_is_no_error(nonsense: str) -> None:
    guess(10, REMOTE_ADDR=nonsense)
    assert sign_in(REMOTE_ADDR=nonsense).status_code == OUT
