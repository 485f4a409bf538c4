"""Ctrl+K: to a page or a callback from wherever somebody is."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks.models import Callback
from tests.callbacks.conftest import SignIn, person
from tests.factories import CallbackFactory

pytestmark = pytest.mark.django_db

PALETTE = reverse("palette")


@pytest.fixture
def wanted() -> Callback:
    return CallbackFactory.create(
        failed=True, caller_number="491716547539", contact_name="Eva Meier", service_name="Süd"
    )


def found(browser: Client, text: str) -> str:
    answer = browser.get(PALETTE, {"s": text, "extended": "1"})
    return answer.text.replace("\N{NO-BREAK SPACE}", " ")


def page_of(callback: Callback) -> str:
    return reverse("admin:callbacks_callback_change", args=[callback.pk])


def test_it_is_where_unfold_asks() -> None:
    assert reverse("admin:search") == PALETTE


@pytest.mark.parametrize("text", ["0171 6547539", "7539", "eva", "Meier"])
def test_a_callback_is_found_as_in_its_list(text: str, wanted: Callback, sign_in: SignIn) -> None:
    hits = found(sign_in("Back office"), text)
    assert page_of(wanted) in hits
    for words in ("+49 171 6547539 · Eva Meier", "Failed · Süd · just now"):
        assert words in hits


def test_a_viewer_sees_dots(wanted: Callback, sign_in: SignIn) -> None:
    browser = sign_in("Viewer")
    hits = found(browser, "+49 171 6547539")
    assert "+49 171 •••••539 · •••••" in hits
    assert page_of(wanted) not in found(browser, "7539")


def test_whoever_may_not_see_callbacks_finds_none(wanted: Callback, sign_in: SignIn) -> None:
    assert page_of(wanted) not in found(sign_in("nobody"), "7539")


def test_a_right_that_was_taken_counts_at_once(wanted: Callback) -> None:
    clerk: User = person("Back office")
    browser = Client()
    browser.force_login(clerk)
    assert "6547539" in found(browser, "0171 6547539")
    clerk.groups.set([Group.objects.get(name="Viewer")])
    assert "6547539" not in found(browser, "0171 6547539").replace("0171 6547539", "")


def test_there_are_ten_and_the_way_to_the_rest(sign_in: SignIn) -> None:
    CallbackFactory.create_batch(12, service_name="Süd")
    browser = sign_in("Back office")
    hits = found(browser, "süd")
    assert hits.count("<li ") == 11
    assert f"{reverse('admin:callbacks_callback_changelist')}?q=s%C3%BCd" in hits


def test_the_newest_come_first(sign_in: SignIn) -> None:
    old = CallbackFactory.create(received_at=timezone.now() - timedelta(days=1))
    new = CallbackFactory.create()
    hits = found(sign_in("Back office"), "Hotline")
    assert hits.index(page_of(new)) < hits.index(page_of(old))


def test_pages_are_found_by_their_names(sign_in: SignIn) -> None:
    users = reverse("admin:auth_user_changelist")
    assert f'href="{users}"' in found(sign_in("Administrators"), "user")
    assert users not in found(sign_in("Back office"), "user")


def test_it_speaks_the_readers_language(sign_in: SignIn) -> None:
    browser = sign_in("Back office")
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    assert reverse("admin:callbacks_servicenumber_changelist") in found(browser, "servicen")
    assert "Nichts gefunden." in found(browser, "zzzz")


@pytest.mark.parametrize("text", ["", " ", "<script>", "%", "x" * 500, "\0"])
def test_nonsense_is_harmless(text: str, sign_in: SignIn) -> None:
    hits = found(sign_in("superuser"), text)
    assert "<script>" not in hits


def test_nothing_of_it_is_kept(wanted: Callback, sign_in: SignIn) -> None:
    answer = sign_in("Back office").get(PALETTE, {"s": "7539"})
    assert "no-store" in answer["Cache-Control"]
    assert "data-title" not in answer.text


def test_a_stranger_is_asked_to_sign_in() -> None:
    assert Client().get(PALETTE, {"s": "7539"}).status_code == 302
