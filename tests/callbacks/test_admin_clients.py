"""Secrets of ACD clients: shown in the answer that made them, and nowhere else, ever."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks import tokens
from callbacks.models import AcdClient, StaffAction
from callbacks.models.acd_client import digest
from tests.callbacks.conftest import SignIn
from tests.factories import CallbackFactory, ClientFactory

pytestmark = pytest.mark.django_db

NEW = {"name": "ACD München", "kind": "acd", "enabled": "on"}
VERBS = ["rotate_secret", "revoke_previous_secret", "revoke_tokens"]
SECRET = re.compile(r'id="jb-secret">([\w-]{43})<')


def url(verb: str, client: AcdClient) -> str:
    return reverse(f"admin:callbacks_acdclient_{verb}", args=[client.pk])


def secret_in(answer: Any) -> str:
    found = SECRET.search(answer.text)
    assert found
    return found[1]


def add(browser: Client) -> Any:
    return browser.post(reverse("admin:callbacks_acdclient_add"), NEW)


def dialog(browser: Client, verb: str, client: AcdClient) -> dict[str, Any]:
    """What the open dialog would send."""
    form = browser.get(url(verb, client)).context["form"]
    return {name: form[name].value() for name in form.fields}


def rotate(browser: Client, client: AcdClient) -> Any:
    return browser.post(url("rotate_secret", client), dialog(browser, "rotate_secret", client))


def test_a_new_client_gets_a_secret_that_works(sign_in: SignIn) -> None:
    answer = add(sign_in("Administrators"))
    client = AcdClient.objects.get()
    assert client.secret_digests == [digest(secret_in(answer))]
    assert client.client_id in answer.text


def test_the_answer_with_a_secret_is_kept_nowhere(sign_in: SignIn) -> None:
    assert "no-store" in add(sign_in("Administrators"))["Cache-Control"]


def test_a_secret_is_shown_once(sign_in: SignIn) -> None:
    browser = sign_in("Administrators")
    secret = secret_in(add(browser))
    client = AcdClient.objects.get()
    for place in (url("change", client), reverse("admin:index"), url("history", client)):
        assert secret not in browser.get(place).text


def test_a_secret_is_in_no_log_and_no_session(
    sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    browser = sign_in("Administrators")
    with caplog.at_level(logging.DEBUG):
        secrets = [secret_in(add(browser)), secret_in(rotate(browser, AcdClient.objects.get()))]
    kept = caplog.text + str([session.get_decoded() for session in Session.objects.all()])
    kept += str(browser.cookies) + str(list(AcdClient.objects.values()))
    assert not [secret for secret in secrets if secret in kept]


def test_a_name_that_is_taken_makes_no_secret(sign_in: SignIn) -> None:
    browser = sign_in("Administrators")
    add(browser)
    assert not SECRET.search(add(browser).text)
    assert AcdClient.objects.count() == 1


def test_rotating_keeps_the_secret_before(sign_in: SignIn) -> None:
    client = ClientFactory.create(secret_digest=digest("old"))
    answer = rotate(sign_in("Administrators"), client)
    client.refresh_from_db()
    assert client.secret_digests == [digest(secret_in(answer)), digest("old")]
    assert answer["HX-Retarget"] == "#dialog"


def test_a_double_click_rotates_once(sign_in: SignIn) -> None:
    client = ClientFactory.create(secret_digest=digest("old"))
    browser = sign_in("Administrators")
    data = dialog(browser, "rotate_secret", client)
    first = browser.post(url("rotate_secret", client), data)
    second = browser.post(url("rotate_secret", client), data)
    client.refresh_from_db()
    assert client.secret_digests == [digest(secret_in(first)), digest("old")]
    assert second["HX-Redirect"] == url("change", client)


def test_revoking_ends_the_secret_before(sign_in: SignIn) -> None:
    client = ClientFactory.create(secret_digest=digest("new"), previous_secret_digest=digest("old"))
    sign_in("Administrators").post(
        url("revoke_previous_secret", client), {"_form_submitted": "True"}
    )
    client.refresh_from_db()
    assert client.secret_digests == [digest("new")]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", ["Back office", "viewer", "nobody"])
def test_only_administrators_make_and_revoke_secrets(verb: str, role: str, sign_in: SignIn) -> None:
    client = ClientFactory.create(previous_secret_digest=digest("old"))
    browser = sign_in(role)
    assert browser.get(url(verb, client)).status_code == 403
    assert browser.post(url(verb, client), {"_form_submitted": "True"}).status_code == 403
    before = client.secret_digests
    client.refresh_from_db()
    assert client.secret_digests == before
    assert client.token_generation == 0


def test_revoking_tokens_leaves_none_valid(sign_in: SignIn) -> None:
    client = ClientFactory.create(secret_digest=digest("a secret"))
    browser = sign_in("Administrators")
    tokens.issue(client, secret="a secret", generation=0, now=timezone.now())
    assert valid_tokens(browser, client) == 1
    browser.post(url("revoke_tokens", client), {"_form_submitted": "True"})
    assert valid_tokens(browser, client) == 0
    client.refresh_from_db()
    assert client.token_generation == 1
    assert client.secret_digests == [digest("a secret")]


def valid_tokens(browser: Client, client: AcdClient) -> int:
    page = browser.get(url("change", client)).text
    found = re.search(r"Valid access tokens.*?>\s*(\d+)\s*<", page, re.DOTALL)
    assert found
    return int(found[1])


def change(browser: Client, client: AcdClient, **fields: str) -> Any:
    form = {"name": client.name, "kind": client.kind, "enabled": "on"}
    answer = browser.post(url("change", client), form | fields)
    client.refresh_from_db()
    return answer


def test_a_password_for_the_old_sign_in_is_hashed_kept_and_taken_away(sign_in: SignIn) -> None:
    client, browser = ClientFactory.create(), sign_in("Administrators")
    change(browser, client, sign_in_name="acd", password=" word+token")
    assert client.takes_password("acd", " word+token")
    assert "word+token" not in client.sign_in_password
    assert "word+token" not in browser.get(url("change", client)).text
    change(browser, client, sign_in_name="acd")
    assert client.takes_password("acd", " word+token")
    change(browser, client, sign_in_name="")
    assert (client.sign_in_name, client.sign_in_password) == ("", "")


def test_a_user_name_needs_a_password(sign_in: SignIn) -> None:
    client = ClientFactory.create()
    page = change(sign_in("Administrators"), client, sign_in_name="acd")
    assert set(page.context["adminform"].form.errors) == {"password"}
    assert client.sign_in_name == ""


def test_there_is_nothing_to_revoke_at_first(sign_in: SignIn) -> None:
    client = ClientFactory.create()
    page = sign_in("Administrators").get(url("change", client)).text
    assert "/rotate-secret/" in page
    assert "/revoke-previous-secret/" not in page


@pytest.mark.parametrize("key", ["999", "nonsense"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_client_that_does_not_exist_is_not_found(key: str, verb: str, sign_in: SignIn) -> None:
    place = reverse(f"admin:callbacks_acdclient_{verb}", args=[key])
    answer = sign_in("superuser").post(place, {"_form_submitted": "True"})
    assert answer.status_code == 404


def test_a_client_that_sent_callbacks_is_switched_off_not_deleted(sign_in: SignIn) -> None:
    used, unused = CallbackFactory.create().client, ClientFactory.create()
    browser = sign_in("superuser")
    assert browser.post(url("delete", used), {"post": "yes"}).status_code == 403
    browser.post(url("delete", unused), {"post": "yes"})
    assert list(AcdClient.objects.all()) == [used]
    browser.post(url("change", used), {"name": used.name, "kind": "acd"})
    used.refresh_from_db()
    assert not used.enabled


def test_wrong_limits_are_refused_with_a_reason(sign_in: SignIn) -> None:
    wrong = {"allowed_networks": "here", "timezone": "Bavaria", "region": "XX"}
    browser = sign_in("superuser")
    page = browser.post(reverse("admin:callbacks_acdclient_add"), NEW | wrong)
    assert set(page.context["adminform"].form.errors) == set(wrong)


def test_the_list_says_who_used_it_when_and_from_where(sign_in: SignIn) -> None:
    minutes_ago = timezone.now() - timedelta(minutes=3)
    ClientFactory.create(last_used_at=minutes_ago, allowed_networks="192.0.2.0/24\n198.51.100.7")
    ClientFactory.create(previous_secret_digest=digest("old"))
    page = sign_in("viewer").get(reverse("admin:callbacks_acdclient_changelist")).text
    for words in ("3 minutes ago", "2 networks", "never used", "anywhere", "Two valid"):
        assert words in page


def test_who_touched_a_secret_is_written_down(sign_in: SignIn) -> None:
    client, browser = ClientFactory.create(name="ACD München"), sign_in("Administrators")
    data = dialog(browser, "rotate_secret", client)
    browser.post(url("rotate_secret", client), data)
    browser.post(url("rotate_secret", client), data)
    for verb in ("revoke_previous_secret", "revoke_previous_secret", "revoke_tokens"):
        browser.post(url(verb, client), {"_form_submitted": "True"})
    written = StaffAction.objects.order_by("id").values_list("verb", "reason", "person_name")
    assert list(written) == [
        (verb, "ACD München", "Petra Lindner")
        for verb in ("new_secret", "revoked_secret", "revoked_tokens")
    ]
