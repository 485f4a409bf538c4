"""Requests with an access token: as good as the secret, without the database, and revocable."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.signing import Signer
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callbacks import oauth, tokens
from callbacks.authentication import clients_by_digest
from callbacks.models import AccessToken, AcdClient, Callback, RejectedRequest
from callbacks.tasks import forget_expired_tokens
from callbacks.throttling import Buckets, Limit

PATH = "/api/v1/callbacks"
WISH = {"CallerID": "4989555010", "ServiceNumber": "498946134180", "Function": "CALLBACK"}

pytestmark = pytest.mark.django_db


class Acd:
    """A telephone system that has signed in."""

    def __init__(self, **facts: Any) -> None:
        self.record = AcdClient(name="ACD", **facts)
        self.secret = self.record.new_secret()
        self.record.save()
        clients_by_digest.expire()  # as on commit
        self.token = self.sign_in()

    def sign_in(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.record.client_id,
            "client_secret": self.secret,
        }
        path, media_type = "/services/oauth2/token", "application/x-www-form-urlencoded"
        return str(Client().post(path, urlencode(form), media_type).json()["access_token"])

    def post(self, caller: str = "4989555010", *, token: str = "") -> Any:
        wish = WISH | {"CallerID": caller}
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return Client().post(PATH, wish, "application/json", headers=headers)


@pytest.fixture(autouse=True)
def _full_buckets() -> Iterator[None]:
    yield
    oauth.failures.forget()
    oauth.sign_ins.forget()


@pytest.fixture
def acd() -> Acd:
    return Acd()


@pytest.fixture
def minute(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets a minute pass for the table of clients."""

    def passes() -> None:
        monkeypatch.setattr(clients_by_digest, "_loaded_at", clients_by_digest._loaded_at - 60)

    return passes


def garbage(count: int) -> list[str]:
    """What looks like a token, signed by somebody else."""
    signer = Signer(key="another key", salt="callbacks.tokens", sep=".")
    return [signer.sign(tokens.PREFIX + secrets.token_urlsafe(32)) for _ in range(count)]


def test_a_token_is_as_good_as_the_secret(acd: Acd) -> None:
    assert acd.post().status_code == 200
    assert acd.post(token=acd.secret).status_code == 200
    assert Callback.objects.get().client == acd.record


def test_a_token_tells_what_it_is(acd: Acd) -> None:
    assert acd.token.startswith("jtb_")
    assert tokens.looks_like_one(acd.token)
    assert not tokens.looks_like_one(acd.secret)


def test_accepting_takes_one_statement_signed_in_by_token(acd: Acd) -> None:
    with CaptureQueriesContext(connection) as first:
        acd.post("4989555010")
    with CaptureQueriesContext(connection) as others:
        for number in range(11, 15):
            assert acd.post(f"49895550{number}").status_code == 200
    verbs = [
        [query["sql"].split()[0] for query in them.captured_queries] for them in (first, others)
    ]
    assert verbs[0][-1] == "INSERT"
    assert verbs[1] == ["INSERT"] * 4


def test_garbage_costs_no_statement_and_no_memory(acd: Acd) -> None:
    acd.post()
    remembered = tokens._stored.cache_info().currsize
    with CaptureQueriesContext(connection) as statements:
        answers = {acd.post(token=token).status_code for token in garbage(50)}
    assert answers == {401}
    assert not statements.captured_queries
    assert tokens._stored.cache_info().currsize == remembered


def test_a_token_that_is_gone_is_looked_for_once(acd: Acd) -> None:
    AccessToken.objects.all().delete()
    acd.post()
    with CaptureQueriesContext(connection) as statements:
        answers = {acd.post().status_code for _ in range(5)}
    assert answers == {401}
    assert not statements.captured_queries


@pytest.mark.parametrize("end", ["expired", "revoked", "damaged", "bare"])
def test_a_token_that_is_no_longer_good_is_401_in_our_words(
    acd: Acd, end: str, minute: Any
) -> None:
    token = acd.token
    if end == "expired":
        AccessToken.objects.update(expires_at=timezone.now())
    elif end == "revoked":
        AcdClient.objects.update(token_generation=1)
        minute()
    else:
        token = token[:-1] if end == "damaged" else "jtb_."
    answer = acd.post(token=token)
    assert (answer.status_code, answer.json()["Error"]) == (401, "not_authenticated")
    assert "Sign in again" in answer.json()["Message"]
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert not Callback.objects.exists()
    assert not RejectedRequest.objects.exists()


def test_a_token_that_expires_while_it_is_remembered_is_refused(
    acd: Acd, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert acd.post().status_code == 200
    end = AccessToken.objects.get().expires_at
    assert tokens.recognise(acd.token, end - timedelta(seconds=1))
    assert tokens.recognise(acd.token, end) is None


def test_revoking_all_tokens_ends_them_within_a_minute_and_a_new_one_is_good(
    acd: Acd, minute: Any
) -> None:
    assert acd.post().status_code == 200
    AcdClient.objects.update(token_generation=1)
    unheard = acd.sign_in()
    assert acd.post(token=unheard).status_code == 200
    minute()
    assert acd.post().status_code == 401
    assert acd.post(token=unheard).status_code == 200


def test_disabling_a_client_ends_its_tokens(acd: Acd, minute: Any) -> None:
    assert acd.post().status_code == 200
    AcdClient.objects.update(enabled=False)
    minute()
    assert acd.post().status_code == 401


def test_a_token_ends_with_the_secret_that_it_was_got_with(acd: Acd, minute: Any) -> None:
    old_token = acd.token
    acd.secret = acd.record.new_secret()
    acd.record.save()
    clients_by_digest.expire()
    new_token = acd.sign_in()
    assert acd.post(token=old_token).status_code == 200
    AcdClient.objects.update(previous_secret_digest="")
    minute()
    assert acd.post(token=old_token).status_code == 401
    assert acd.post(token=new_token).status_code == 200


def test_a_token_works_in_a_process_that_does_not_know_its_secret_yet(acd: Acd) -> None:
    clients_by_digest.get()
    client = AcdClient.objects.get()
    new_secret = client.new_secret()
    AcdClient.objects.update(secret_digest=client.secret_digest)  # nobody tells this process
    token = tokens.issue(client, secret=new_secret, generation=0, now=timezone.now())
    assert acd.post(token=token).status_code == 200


def test_a_token_holds_the_limits_of_its_client(acd: Acd) -> None:
    AcdClient.objects.update(allowed_networks="192.0.2.0/24")
    clients_by_digest.expire()
    assert acd.post().status_code == 403


def test_a_reader_signs_in_to_look_and_not_to_post() -> None:
    reader = Acd(kind=AcdClient.Kind.READER)
    assert reader.post().status_code == 403


def test_expired_tokens_are_forgotten_and_good_ones_kept(acd: Acd) -> None:
    AccessToken.objects.update(expires_at=timezone.now())
    kept = acd.sign_in()
    forget_expired_tokens()
    assert AccessToken.objects.count() == 1
    assert acd.post(token=kept).status_code == 200


def test_valid_tokens_are_those_that_still_open(acd: Acd) -> None:
    now = timezone.now()
    assert AccessToken.objects.valid(acd.record, now).count() == 1
    assert not AccessToken.objects.valid(acd.record, now + timedelta(hours=3)).exists()
    acd.record.token_generation = 1
    assert not AccessToken.objects.valid(acd.record, now).exists()


# --- allowances


def test_a_bucket_refills_with_time_and_no_further_than_full() -> None:
    now = [0.0]
    buckets, limit = Buckets(clock=lambda: now[0]), Limit(per_second=0.5, burst=2)
    assert [buckets.take("a", limit) for _ in range(3)] == [0.0, 0.0, 2.0]
    assert buckets.take("b", limit) == 0
    now[0] = 1.0
    assert buckets.wait("a", limit) == 1.0
    now[0] = 1000.0
    assert [buckets.take("a", limit) for _ in range(3)] == [0.0, 0.0, 2.0]


def test_buckets_are_bounded_and_the_longest_unseen_goes_first() -> None:
    buckets, limit = Buckets(most=2), Limit(per_second=1e-9, burst=1)
    for key in ("a", "b", "a", "c"):
        buckets.take(key, limit)
    assert buckets.wait("a", limit) > 0
    assert buckets.wait("b", limit) == 0
