from collections.abc import Iterator
from typing import Any

import pytest

from tests.alerts import sinks
from tests.alerts.sinks import Hook, MailServer
from tests.callbacks.conftest import sign_in

__all__ = ["sign_in"]

ADDRESS = "it@example.com"


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """A mail server that the settings name, and one address that is told."""
    with sinks.mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "jtelbridge@example.com"
        settings.ALERT_EMAILS = [ADDRESS]
        yield server


@pytest.fixture
def hook(settings: Any) -> Iterator[Hook]:
    with sinks.hook() as server:
        settings.ALERT_WEBHOOK_URL, settings.ALERT_WEBHOOK_SECRET = server.url, "s" * 32
        yield server
