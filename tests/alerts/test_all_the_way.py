"""From the org's trouble to the mail that says so: the real program, org, mail server and webhook."""

import json
from collections.abc import Iterator

import pytest

from tests.alerts import sinks
from tests.alerts.sinks import Hook, MailServer
from tests.orgsim.process import Org
from tests.processes import Installation

PUSH = "from crm.tasks import push_due; push_due()"
WATCH = "from callbacks.tasks import watch; watch()"
AT_ONCE = "from callbacks.models import AlertRules; AlertRules.objects.create(hold_minutes=0, digest_hour=None)"


@pytest.fixture
def told(installation: Installation, org: Org) -> Iterator[tuple[MailServer, Hook]]:
    """An installation that brings callbacks to an org, and whoever it tells."""
    installation.talk_to(org)
    with sinks.mail_server() as mails, sinks.hook() as hook:
        installation.settings |= {
            "EMAIL_URL": mails.url,
            "DEFAULT_FROM_EMAIL": "jtelbridge@example.com",
            "ALERT_EMAILS": "it@example.com",
            "ALERT_LANGUAGE": "de",
            "ALERT_WEBHOOK_URL": hook.url,
            "ALERT_WEBHOOK_SECRET": "s" * 32,
            "CSRF_TRUSTED_ORIGINS": "https://callbacks.example.com",
        }
        installation.python(AT_ONCE)
        yield mails, hook


def test_trouble_is_told_when_it_begins_and_when_it_is_over(
    installation: Installation, org: Org, told: tuple[MailServer, Hook]
) -> None:
    mails, hook = told
    installation.start_web()
    installation.post({"CallerID": "49199123456789", "ServiceNumber": "498946134180"})
    installation.settings["SALESFORCE_CLIENT_SECRET"] = "changed there"
    installation.python(PUSH)
    installation.python(WATCH)
    installation.settings["SALESFORCE_CLIENT_SECRET"] = org.client_secret
    installation.execute("UPDATE crm_org SET retry_at = trouble_since")
    installation.python(PUSH)
    installation.python(WATCH)
    began, over = mails.mails_to("it@example.com")
    assert began["Subject"].strip() == "[jtelbridge] Störung bei Salesforce: Rückrufe warten"
    assert "https://callbacks.example.com/admin/crm/org/" in began.get_content()
    assert over["Subject"].strip() == "[jtelbridge] Salesforce nimmt wieder Rückrufe an"
    changes = [json.loads(post.body)["changes"][0] for post in hook.posts]
    assert [change["state"] for change in changes] == ["began", "over"]
    assert "99123456789" not in "".join(post.body.decode() for post in hook.posts)
