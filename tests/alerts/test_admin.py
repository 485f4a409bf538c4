"""The page about alerts: how things stand, who is told, limits, and a message to try it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks.alerts.delivery import deliver
from callbacks.models import Alert, AlertMessage, AlertRules, NumberWatch, StaffAction
from tests.alerts.sinks import MailServer
from tests.callbacks.conftest import SignIn
from tests.factories import ServiceNumberFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/callbacks/alertrules/1/change/"
TRIAL = "/admin/callbacks/alertrules/1/send-test/"
LIMITS = {
    "stuck_minutes": "10",
    "decision_hours": "4",
    "unserved_hours": "72",
    "silent_usual": "10",
    "hold_minutes": "5",
    "digest_hour": "7",
    "numbers-TOTAL_FORMS": "0",
    "numbers-INITIAL_FORMS": "0",
}


def page(browser: Client, language: str = "en") -> str:
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return browser.get(reverse("admin:callbacks_alertrules_changelist"), follow=True).text


def press(browser: Client) -> Any:
    """Open the dialog and press its button; the data of the press, to press again."""
    key = browser.get(TRIAL).context["form"]["key"].value()
    return {"key": str(key), "_form_submitted": "True"}


def stand(kind: str, subject: str = "", **facts: Any) -> None:
    now = timezone.now()
    usual = {"is_on": True, "changed_at": now, "began_at": now - timedelta(minutes=20)}
    Alert.objects.create(kind=kind, subject=subject, **(usual | facts))


def test_it_says_how_each_condition_stands(sign_in: SignIn) -> None:
    stand("beat", told_on=True, told_at=timezone.now() - timedelta(minutes=15))
    for number in ("498946134180", "498946134181"):
        ServiceNumberFactory.create(number=number, name=f"Hotline {number[-1]}")
        stand("silent", number)
    AlertRules.objects.current()
    AlertRules.objects.update(unserved_hours=None)
    text = page(sign_in("viewer"))
    for words in ("began 20 minutes ago", "15 minutes ago", "2 service numbers", "Hotline 1"):
        assert words in text
    assert "not watched" in text
    assert "In order" in text


def test_it_says_who_is_told_and_what_is_missing(
    sign_in: SignIn,
    mail_server: MailServer,
) -> None:
    AlertRules.objects.current().people.add(UserFactory.create(email="petra@example.com"))
    text = page(sign_in("viewer"))
    assert "it@example.com, petra@example.com" in text
    assert "ALERT_WEBHOOK_URL" in text


def test_it_shows_what_became_of_messages(sign_in: SignIn, mail_server: MailServer) -> None:
    browser = sign_in("Administrators")
    mail_server.refused = {"it@example.com"}
    browser.post(TRIAL, press(browser))
    assert "not yet sent" in page(browser)
    deliver()
    assert "550 no such mailbox" in page(browser)
    AlertMessage.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert "given up" in page(browser)
    AlertMessage.objects.update(sent_at=timezone.now())
    assert re.search(r'data-tone="success">sent<', page(browser))


def test_a_test_message_goes_once_however_often_one_presses(
    sign_in: SignIn,
    mail_server: MailServer,
) -> None:
    browser = sign_in("Administrators")
    data = press(browser)
    for _ in range(2):
        assert browser.post(TRIAL, data)["HX-Redirect"] == PAGE
    deliver()
    assert len(mail_server.mails) == 1
    assert StaffAction.objects.filter(verb="tested_alerts").count() == 1
    browser.post(TRIAL, press(browser))
    deliver()
    assert len(mail_server.mails) == 2


def test_without_anybody_to_tell_it_says_so(sign_in: SignIn) -> None:
    browser = sign_in("Administrators")
    browser.post(TRIAL, press(browser))
    assert "Nothing was sent: there is nobody to tell." in page(browser)
    assert not StaffAction.objects.exists()


@pytest.mark.parametrize("role", ["Back office", "Viewer", "viewer", "nobody"])
def test_only_administrators_set_limits_and_send_tests(
    role: str,
    sign_in: SignIn,
    mail_server: MailServer,
) -> None:
    AlertRules.objects.current()
    browser = sign_in(role)
    changed = LIMITS | {"decision_hours": "8"}
    assert browser.post(PAGE, changed).status_code == 403
    assert browser.post(TRIAL, {"_form_submitted": "True"}).status_code == 403
    assert AlertRules.objects.current().decision_hours == 4
    assert not AlertMessage.objects.exists()


def test_limits_are_kept_with_who_changed_them(sign_in: SignIn) -> None:
    AlertRules.objects.current()
    clerk = UserFactory.create(email="petra@example.com")
    number = ServiceNumberFactory.create()
    line = {"service_number": str(number.pk), "unserved_hours": "4", "rules": "1"}
    data = LIMITS | {"decision_hours": "", "people": [str(clerk.pk)], "numbers-TOTAL_FORMS": "1"}
    data |= {f"numbers-0-{name}": value for name, value in line.items()}
    answer = sign_in("Administrators").post(PAGE, data)
    assert answer.status_code == 302
    rules = AlertRules.objects.current()
    assert rules.decision_hours is None
    assert list(rules.people.all()) == [clerk]
    watch = NumberWatch.objects.get()
    assert (watch.service_number, watch.unserved_hours, watch.watches_silence) == (number, 4, False)
    assert rules.history.first().person_name == "Petra Lindner"


@pytest.mark.parametrize(
    ("name", "value"), [("hold_minutes", "121"), ("digest_hour", "24"), ("silent_usual", "0")]
)
def test_a_senseless_limit_is_refused(name: str, value: str, sign_in: SignIn) -> None:
    AlertRules.objects.current()
    answer = sign_in("Administrators").post(PAGE, LIMITS | {name: value})
    assert set(answer.context["adminform"].form.errors) == {name}


def test_the_page_costs_few_statements(
    sign_in: SignIn,
    django_assert_max_num_queries: Any,
) -> None:
    AlertRules.objects.current()
    for n in range(10):
        stand("silent", f"4989461341{n}")
    browser = sign_in("Administrators")
    browser.get(PAGE)
    with django_assert_max_num_queries(15):
        browser.get(PAGE)


def test_nobody_adds_or_deletes_the_one_row_there_is(sign_in: SignIn) -> None:
    AlertRules.objects.current()
    browser = sign_in("superuser")
    assert browser.get("/admin/callbacks/alertrules/add/").status_code == 403
    assert browser.post("/admin/callbacks/alertrules/1/delete/").status_code == 403


def test_there_is_a_right_to_send_a_test() -> None:
    assert Permission.objects.filter(codename="test_alertrules").exists()
