"""In which language and zone the back office speaks to whom."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks.models import Preferences
from jtelbridge.middleware import zone_named
from tests.callbacks.conftest import SignIn, person
from tests.factories import CallbackFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    return person("Back office")


@pytest.fixture
def browser(clerk: User) -> Client:
    browser = Client()
    browser.force_login(clerk)
    return browser


def language_of(browser: Client, **headers: str) -> str:
    page = browser.get(reverse("admin:index"), headers=headers, follow=True)
    return str(page.text.split('<html lang="')[1].split('"')[0])


def time_of_arrival(browser: Client) -> str:
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    callback = CallbackFactory.create(received_at=moment)
    text = browser.get(reverse("admin:callbacks_callback_change", args=[callback.pk])).text
    return str(text.split("<dt>Received</dt><dd>")[1].split("<")[0])


class TestLanguage:
    def test_the_browser_says_it(self, browser: Client) -> None:
        assert language_of(browser, accept_language="de-AT,de;q=0.9") == "de"
        assert language_of(browser, accept_language="fr") == "en"

    def test_a_choice_goes_before_the_browser(self, clerk: User, browser: Client) -> None:
        Preferences.objects.create(person=clerk, language="en")
        assert language_of(browser, accept_language="de") == "en"

    def test_the_menu_stores_the_choice(self, clerk: User, browser: Client) -> None:
        browser.post(reverse("set_language"), {"language": "de", "next": "/admin/"})
        assert Preferences.objects.get(person=clerk).language == "de"
        elsewhere = Client()
        elsewhere.force_login(clerk)
        assert language_of(elsewhere, accept_language="en") == "de"

    @pytest.mark.parametrize("language", ["fr", "", "x" * 40])
    def test_the_menu_stores_no_language_that_is_not_spoken(
        self, language: str, browser: Client
    ) -> None:
        browser.post(reverse("set_language"), {"language": language, "next": "/admin/"})
        assert not Preferences.objects.exists()

    def test_a_stranger_chooses_for_the_browser_alone(self) -> None:
        browser = Client()
        browser.post(reverse("set_language"), {"language": "de", "next": "/admin/"})
        assert browser.cookies[settings.LANGUAGE_COOKIE_NAME].value == "de"
        assert not Preferences.objects.exists()

    def test_one_request_leaves_the_next_its_own(self, clerk: User, browser: Client) -> None:
        Preferences.objects.create(person=clerk, language="de", time_zone="Asia/Tokyo")
        browser.get(reverse("admin:index"))
        assert language_of(Client(), accept_language="en") == "en"
        assert timezone.get_current_timezone_name() == settings.TIME_ZONE


class TestTimeZone:
    def test_without_a_word_it_is_the_installations(self, browser: Client) -> None:
        assert time_of_arrival(browser) == "1 Jul 2026, 14:00"

    def test_the_browser_says_it(self, browser: Client) -> None:
        browser.cookies["zone"] = "Europe/London"
        assert time_of_arrival(browser) == "1 Jul 2026, 13:00"

    def test_a_choice_goes_before_the_browser(self, clerk: User, browser: Client) -> None:
        browser.cookies["zone"] = "Europe/London"
        Preferences.objects.create(person=clerk, time_zone="Asia/Tokyo")
        assert time_of_arrival(browser) == "1 Jul 2026, 21:00"

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "Nowhere/Land",
            "Europe",
            "../../etc/passwd",
            "/etc/localtime",
            "x" * 300,
            "Ä/Ö",
            "\0",
        ],
    )
    def test_what_is_no_zone_is_none(self, name: str) -> None:
        assert zone_named(name) is None


class TestOwnSettings:
    @pytest.mark.parametrize("role", ["Viewer", "nobody"])
    def test_everybody_may_set_their_own(self, role: str, sign_in: SignIn) -> None:
        browser = sign_in(role)
        answer = browser.post(
            reverse("own_settings"), {"language": "de", "time_zone": "Asia/Tokyo"}
        )
        assert answer.status_code == 302
        assert (language_of(browser), Preferences.objects.get().time_zone) == ("de", "Asia/Tokyo")

    def test_the_browser_again(self, browser: Client) -> None:
        browser.post(reverse("set_language"), {"language": "de", "next": "/admin/"})
        browser.post(reverse("own_settings"), {"language": "", "time_zone": ""})
        assert language_of(browser, accept_language="en") == "en"

    def test_the_confirmation_speaks_the_new_language(self, browser: Client) -> None:
        place = reverse("own_settings")
        answer = browser.post(place, {"language": "de", "time_zone": ""}, follow=True)
        assert "Ihre Wahl ist gespeichert." in answer.text

    def test_no_zone_that_there_is_not(self, browser: Client) -> None:
        place = reverse("own_settings")
        assert browser.post(place, {"language": "", "time_zone": "Moon/Sea"}).status_code == 200
        assert not Preferences.objects.exists()
