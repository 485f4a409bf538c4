"""`POST /services/oauth2/token`, as an ACD sees it that was built to talk to Salesforce."""

import base64
import hashlib
import hmac
import math
import re
import time
from collections.abc import Iterator
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from callbacks import oauth, sightings
from callbacks.authentication import clients_by_digest
from callbacks.models import AccessToken, AcdClient, RejectedRequest
from callbacks.models.acd_client import digest
from callbacks.throttling import Limit

PATH = "/services/oauth2/token"
FORM = "application/x-www-form-urlencoded"
OLD_FLOW = {"grant_type": "password", "username": "acd@example.com", "password": "word+token"}

pytestmark = pytest.mark.django_db


class Acd:
    """A telephone system that has an id and a secret, and signs in."""

    def __init__(self, name: str = "ACD", **facts: Any) -> None:
        self.record = AcdClient(name=name, **facts)
        self.secret = self.record.new_secret()
        self.record.save()
        clients_by_digest.expire()  # as on commit

    def form(self, **changes: str) -> dict[str, str]:
        right = {
            "grant_type": "client_credentials",
            "client_id": self.record.client_id,
            "client_secret": self.secret,
        }
        return right | changes

    def sign_in(self, *, address: str = "192.0.2.1", **changes: str) -> Any:
        return ask(urlencode(self.form(**changes)), REMOTE_ADDR=address)

    def takes_passwords(self) -> None:
        self.record.sign_in_name = OLD_FLOW["username"]
        self.record.set_sign_in_password(OLD_FLOW["password"])
        self.record.save()
        clients_by_digest.expire()


def ask(body: str | bytes, *, path: str = PATH, media_type: str = FORM, **meta: Any) -> Any:
    return Client(raise_request_exception=False).generic("POST", path, body, media_type, **meta)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


@pytest.fixture(autouse=True)
def _full_buckets() -> Iterator[None]:
    yield
    oauth.failures.forget()
    oauth.sign_ins.forget()


@pytest.fixture
def acd() -> Acd:
    return Acd()


# --- the answer


def test_the_answer_is_shaped_like_salesforces(acd: Acd) -> None:
    answer = acd.sign_in()
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {
        *("access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"),
    }
    assert body["token_type"] == "Bearer"
    assert body["id"].startswith(f"{body['instance_url']}/id/")
    assert re.fullmatch(r"\d{13}", body["issued_at"])
    assert abs(int(body["issued_at"]) / 1000 - time.time()) < 60


def test_no_cache_keeps_the_answer_nor_a_refusal(acd: Acd) -> None:
    for answer in (acd.sign_in(), acd.sign_in(client_secret="wrong")):
        assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")


def test_the_signature_proves_id_and_time_with_the_secret_that_was_shown(acd: Acd) -> None:
    body = acd.sign_in().json()
    signed = f"{body['id']}{body['issued_at']}".encode()
    expected = hmac.new(acd.secret.encode(), signed, hashlib.sha256).digest()
    assert base64.b64decode(body["signature"]) == expected


def test_the_acd_is_told_to_come_back_where_it_came(acd: Acd, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["callbacks.example.com"]
    body = urlencode(acd.form())
    assert ask(body, HTTP_HOST="callbacks.example.com:8443").json()["instance_url"] == (
        "http://callbacks.example.com:8443"
    )
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    behind_tls = ask(body, HTTP_HOST="callbacks.example.com", HTTP_X_FORWARDED_PROTO="https")
    assert behind_tls.json()["instance_url"] == "https://callbacks.example.com"


def test_a_token_is_stored_hashed_with_its_owner_and_its_end(acd: Acd, settings: Settings) -> None:
    settings.ACD_TOKEN_MINUTES = 7
    token = acd.sign_in().json()["access_token"]
    row = AccessToken.objects.get()
    assert row.digest == digest(token)
    assert row.client == acd.record
    assert (row.expires_at - row.created_at).total_seconds() == 7 * 60
    assert token not in str(AccessToken.objects.values())


def test_every_sign_in_gets_a_token_of_its_own(acd: Acd) -> None:
    assert len({acd.sign_in().json()["access_token"] for _ in range(3)}) == 3


@pytest.mark.parametrize("path", [PATH, f"{PATH}/"])
def test_a_slash_at_the_end_never_redirects(acd: Acd, path: str) -> None:
    assert ask(urlencode(acd.form()), path=path).status_code == 200


def test_http_basic_is_as_good_as_a_form(acd: Acd) -> None:
    header = basic(acd.record.client_id, acd.secret)
    answer = ask("grant_type=client_credentials", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 200


def test_either_of_two_secrets_signs_in(acd: Acd) -> None:
    new = acd.record.new_secret()
    acd.record.save()
    clients_by_digest.expire()
    assert acd.sign_in().status_code == 200
    assert acd.sign_in(client_secret=new).status_code == 200


def test_signing_in_counts_as_use(acd: Acd) -> None:
    acd.sign_in()
    sightings.flush()
    acd.record.refresh_from_db()
    assert acd.record.last_used_at is not None


# --- refusals


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"client_id": "x"}, "invalid_client_id", "client identifier invalid"),
        ({"client_secret": "x"}, "invalid_client", "invalid client credentials"),
        ({"client_secret": ""}, "invalid_client", "invalid client credentials"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type", "grant type not supported"),
        ({"grant_type": ""}, "unsupported_grant_type", "grant type not supported"),
    ],
)
def test_a_refusal_is_salesforces_object(
    acd: Acd, changes: dict[str, str], error: str, description: str
) -> None:
    answer = acd.sign_in(**changes)
    assert answer.status_code == 400
    assert answer.json() == {"error": error, "error_description": description}
    assert not AccessToken.objects.exists()


def test_the_secret_of_one_client_does_not_sign_another_in(acd: Acd) -> None:
    other = Acd("Other ACD")
    answer = acd.sign_in(client_secret=other.secret)
    assert answer.json()["error"] == "invalid_client"


def test_a_disabled_client_is_refused_at_once_even_by_a_process_that_has_not_heard(
    acd: Acd,
) -> None:
    acd.sign_in()
    AcdClient.objects.update(enabled=False)
    assert acd.sign_in().json()["error"] == "invalid_client_id"


def test_a_client_signs_in_from_its_networks_only(acd: Acd) -> None:
    acd.record.allowed_networks = "192.0.2.0/24"
    acd.record.save()
    clients_by_digest.expire()
    assert acd.sign_in(address="192.0.2.7").status_code == 200
    answer = acd.sign_in(address="198.51.100.7")
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_grant", "error_description": "ip restricted"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_only_post_signs_in(method: str) -> None:
    answer = Client().generic(method, PATH)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer.json()["error"] == "invalid_request"


def test_secrets_in_the_query_string_are_not_taken(acd: Acd) -> None:
    answer = ask("", path=f"{PATH}?{urlencode(acd.form())}")
    assert answer.json()["error"] == "unsupported_grant_type"


GOOD_GRANT = b"grant_type=client_credentials&client_id="
HOSTILE: dict[str, tuple[bytes, str, int, str]] = {
    "nothing": (b"", "", 400, "unsupported_grant_type"),
    "json": (b'{"grant_type": "client_credentials"}', "text/json", 400, "invalid_request"),
    "multipart": (b"--X--", "multipart/form-data; boundary=X", 400, "invalid_request"),
    "huge": (b"a=" + b"x" * 20_000, FORM, 413, "invalid_request"),
    "over every limit": (b"a=" + b"x" * 2_000_000, FORM, 413, "invalid_request"),
    "many fields": (b"&".join([b"a=b"] * 2_000), FORM, 400, "invalid_request"),
    "NULs": (GOOD_GRANT + b"%00&client_secret=%00", FORM, 400, "invalid_client_id"),
    "surrogates": (GOOD_GRANT + b"%ED%A0%80&client_secret=\xff", FORM, 400, "invalid_client_id"),
    "not a form": (b"\x00\xff\xfe<xml/>", FORM, 400, "unsupported_grant_type"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_in_so_many_words(name: str) -> None:
    body, media_type, status, error = HOSTILE[name]
    answer = ask(body, media_type=media_type)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "error_description"}
    assert not RejectedRequest.objects.exists()


@pytest.mark.parametrize(
    "header", ["Basic", "Basic %%%", "Basic ä", "Basic /w==", "Basic " + "A" * 9_999, "basic AAAA"]
)
def test_a_basic_header_that_cannot_be_read_is_refused(header: str) -> None:
    answer = ask("grant_type=client_credentials", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_client", "invalid_client_id"}


@pytest.mark.django_db(transaction=True)
def test_without_the_database_nobody_is_told_that_the_secret_was_wrong(acd: Acd) -> None:
    acd.sign_in()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE callbacks_accesstoken RENAME TO away")
        try:
            answer = acd.sign_in()
        finally:
            cursor.execute("ALTER TABLE away RENAME TO callbacks_accesstoken")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["error"] == "unknown_error"


# --- the old flow


def test_the_password_flow_is_off_unless_the_client_has_a_user_name(acd: Acd) -> None:
    answer = acd.sign_in(**OLD_FLOW)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert "switched off" in answer.json()["error_description"]


def test_the_password_flow_takes_password_and_security_token_run_together(acd: Acd) -> None:
    acd.takes_passwords()
    answer = acd.sign_in(**OLD_FLOW)
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")
    assert acd.sign_in().status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"password": "word"}, {"username": "other@example.com"}, {"client_secret": "x"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_password_flow_needs_all_four(acd: Acd, wrong: dict[str, str]) -> None:
    acd.takes_passwords()
    answer = acd.sign_in(**OLD_FLOW | wrong)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_grant", "invalid_client"}


def test_a_user_name_without_a_password_opens_nothing(acd: Acd) -> None:
    acd.record.sign_in_name = OLD_FLOW["username"]
    acd.record.save()
    clients_by_digest.expire()
    assert acd.sign_in(**OLD_FLOW | {"password": ""}).status_code == 400


def test_the_command_makes_a_client_for_the_old_flow() -> None:
    output = StringIO()
    call_command("create_acd_client", "Old ACD", "--user-name", OLD_FLOW["username"], stdout=output)
    client_id, secret, username, password = re.findall(r": +(\S+)", output.getvalue())
    form = {"client_id": client_id, "client_secret": secret, "grant_type": "password"}
    answer = ask(urlencode(form | {"username": username, "password": password}))
    assert (answer.status_code, username) == (200, OLD_FLOW["username"])


def test_guessing_passwords_ends_and_bars_nobody_elsewhere(
    acd: Acd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "FAILURES", Limit(per_second=1e-9, burst=2))
    acd.takes_passwords()
    guesses = [acd.sign_in(**OLD_FLOW | {"password": f"guess {n}"}) for n in range(3)]
    assert [answer.status_code for answer in guesses] == [400, 400, 429]
    assert acd.sign_in(**OLD_FLOW).status_code == 429
    assert acd.sign_in(address="192.0.2.2", **OLD_FLOW).status_code == 200


# --- how much


def test_guessing_secrets_is_rationed_by_address_and_the_right_secret_is_not(
    acd: Acd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "FAILURES", Limit(per_second=0.01, burst=2))
    guesses = [acd.sign_in(client_secret=f"guess {n}") for n in range(3)]
    assert [answer.status_code for answer in guesses] == [400, 400, 429]
    assert guesses[-1].json()["error"] == "rate_limit_exceeded"
    assert 1 <= int(guesses[-1]["Retry-After"]) <= 100
    assert acd.sign_in().status_code == 200
    assert acd.sign_in(address="192.0.2.2", client_secret="guess").status_code == 400


def test_guessing_costs_no_statement_until_the_table_of_clients_is_old(
    acd: Acd, monkeypatch: pytest.MonkeyPatch
) -> None:
    acd.sign_in()
    monkeypatch.setattr(clients_by_digest, "_loaded_at", math.inf)
    with CaptureQueriesContext(connection) as statements:
        for number in range(30):
            acd.sign_in(client_id=f"acd-{number}", client_secret=f"guess {number}")
    assert not statements.captured_queries


def test_a_client_signs_in_as_often_as_salesforce_would_let_it(
    acd: Acd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "SIGN_INS", Limit(per_second=0.01, burst=2))
    answers = [acd.sign_in() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["error"] == "rate_limit_exceeded"
    assert int(answers[-1]["Retry-After"]) >= 1
    assert AccessToken.objects.count() == 2
