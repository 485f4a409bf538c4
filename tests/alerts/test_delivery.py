"""Messages on the wire: over SMTP and HTTP, to servers of the test's own."""

import hashlib
import hmac
import json
import threading
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone

from callbacks.alerts import delivery, telling, webhook
from callbacks.alerts.delivery import deliver
from callbacks.models import AlertMessage, AlertRules
from tests.alerts.conftest import ADDRESS
from tests.alerts.sinks import Hook, MailServer
from tests.factories import UserFactory
from tests.processes import free_port

pytestmark = pytest.mark.django_db


def tell() -> None:
    telling.tell_trial(AlertRules.objects.current(), uuid4(), timezone.now())


def tell_staff(*addresses: str) -> None:
    rules = AlertRules.objects.current()
    rules.people.set([UserFactory.create(email=address) for address in addresses])
    tell()


def later() -> None:
    """All that was put off falls due."""
    AlertMessage.objects.update(due_at=F("created_at"))


def test_a_message_is_mailed_once(mail_server: MailServer) -> None:
    tell()
    deliver()
    deliver()
    (mail,) = mail_server.mails
    assert (mail["To"], mail["From"]) == (ADDRESS, "jtelbridge@example.com")
    assert mail["Subject"] == "[jtelbridge] Test message"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Alerts reach you on this way." in mail.get_content()
    assert AlertMessage.objects.get().sent_at


def test_one_receiver_learns_nothing_of_another(mail_server: MailServer) -> None:
    tell_staff("petra@example.com")
    deliver()
    assert {mail["To"] for mail in mail_server.mails} == {ADDRESS, "petra@example.com"}
    assert mail_server.connections == 1


def test_a_refused_receiver_does_not_keep_it_from_the_others(mail_server: MailServer) -> None:
    mail_server.refused = {ADDRESS}
    tell_staff("petra@example.com")
    deliver()
    assert [mail["To"] for mail in mail_server.mails] == ["petra@example.com"]
    assert AlertMessage.objects.get(receiver=ADDRESS).error == "550 no such mailbox"


def test_a_message_that_cannot_be_mailed_keeps_nobody_waiting(mail_server: MailServer) -> None:
    tell_staff("petra@example.com")
    AlertMessage.objects.filter(receiver=ADDRESS).update(subject="two\nlines")
    deliver()
    assert [mail["To"] for mail in mail_server.mails] == ["petra@example.com"]
    assert AlertMessage.objects.get(receiver=ADDRESS).error == "BadHeaderError"


def test_a_mail_server_that_is_away_is_asked_once_and_again_later(
    mail_server: MailServer,
) -> None:
    mail_server.is_broken = True
    tell_staff("petra@example.com", "paul@example.com")
    deliver()
    assert mail_server.connections == 1
    assert AlertMessage.objects.exclude(error="").count() == 1
    mail_server.is_broken = False
    later()
    deliver()
    assert len(mail_server.mails) == 3
    assert not AlertMessage.objects.exclude(error="").exists()


def test_nobody_listening_is_no_harm(mail_server: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT = free_port()
    tell()
    deliver()
    assert AlertMessage.objects.get().error == "Connection refused"


def test_a_mail_that_goes_out_twice_is_known_by_its_id(mail_server: MailServer) -> None:
    tell()
    deliver()
    AlertMessage.objects.update(sent_at=None)  # as when the worker died before it wrote that down
    later()
    deliver()
    first, second = mail_server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_two_workers_send_it_once(mail_server: MailServer) -> None:
    tell()
    mine, others = (AlertMessage.objects.lease_due("mail") for _ in range(2))
    assert [message.receiver for message in mine] == [ADDRESS]
    assert list(others) == []


def test_what_a_dead_worker_had_in_its_hands_falls_due_again(mail_server: MailServer) -> None:
    tell()
    list(AlertMessage.objects.lease_due("mail"))
    deliver()
    assert not mail_server.mails
    later()
    deliver()
    assert len(mail_server.mails) == 1


def test_a_day_later_it_is_no_news_any_more(mail_server: MailServer) -> None:
    tell()
    AlertMessage.objects.update(created_at=timezone.now() - timedelta(hours=25))
    deliver()
    assert not mail_server.mails
    assert AlertMessage.objects.get().is_given_up


def test_messages_are_kept_for_a_month(mail_server: MailServer) -> None:
    tell()
    AlertMessage.objects.update(created_at=timezone.now() - timedelta(days=31))
    deliver()
    assert not AlertMessage.objects.exists()


def test_without_a_mail_server_no_mail_counts_as_sent(
    mail_server: MailServer, settings: Any
) -> None:
    tell()
    settings.EMAIL_HOST = ""
    deliver()
    assert AlertMessage.objects.get().sent_at is None


def is_signed(hook: Hook) -> bool:
    """As whoever gets it checks it."""
    (post,) = hook.posts
    given = dict(part.split("=") for part in post.headers["X-Jtelbridge-Signature"].split(","))
    signed = given["t"].encode() + b"." + post.body
    expected = hmac.new(b"s" * 32, signed, hashlib.sha256).hexdigest()
    return abs(time.time() - int(given["t"])) < 60 and hmac.compare_digest(given["v1"], expected)


def test_a_message_is_posted_once_and_signed(hook: Hook) -> None:
    tell()
    deliver()
    deliver()
    assert is_signed(hook)
    body = json.loads(hook.posts[0].body)
    assert body["event"] == "test"
    assert body["text"].startswith("[jtelbridge] Test message")
    assert body["id"] == hook.posts[0].headers["X-Jtelbridge-Id"]
    assert AlertMessage.objects.get().sent_at


@pytest.mark.parametrize("status", [301, 400, 500])
def test_a_post_that_is_not_taken_is_tried_again_later(hook: Hook, status: int) -> None:
    hook.status, hook.location = status, hook.url
    tell()
    deliver()
    deliver()
    assert len(hook.posts) == 1
    assert AlertMessage.objects.get().error == f"HTTP {status}"
    hook.status = 200
    later()
    deliver()
    assert AlertMessage.objects.get().sent_at


def test_an_answer_that_drips_ends_with_its_time(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "SECONDS", 0.5)
    hook.dripping = threading.Event()
    tell()
    began = time.monotonic()
    deliver()
    assert time.monotonic() - began < 5
    hook.dripping.set()
    assert AlertMessage.objects.get().error == "ReadTimeout"


def test_nothing_from_the_surroundings_redirects_a_post(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    tell()
    deliver()
    assert len(hook.posts) == 1


def test_a_broken_mail_server_does_not_keep_the_webhook_waiting(
    mail_server: MailServer, hook: Hook
) -> None:
    mail_server.is_broken = True
    tell()
    deliver()
    assert len(hook.posts) == 1


def test_a_round_has_an_end(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "SECONDS", -1.0)
    tell_staff("petra@example.com")
    deliver()
    assert len(mail_server.mails) == 1
    deliver()
    assert len(mail_server.mails) == 2
