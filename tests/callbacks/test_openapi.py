"""What the case store answers is what the OpenAPI document says, for every status it names."""

import json
from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test import Client
from jsonschema import ValidationError
from pytest_django import Settings

from callbacks import oauth
from callbacks.authentication import clients_by_digest
from callbacks.models import AcdClient, FunctionRoute
from callbacks.routing import route_table
from callbacks.throttling import Buckets, ClientThrottle, Limit
from tests import openapi
from tests.callbacks.test_webhook import CORPUS, Acd

BASE = {"CallerID": "4989555010", "ServiceNumber": "498946134180"}
EVENT = {"Caller": "+4989555010", "ServiceNumbersNumber": "498946134180", "AcdEventsID": 7}
JSON = "application/json"
TAKING = (
    *("/api/v1/callbacks", "/services/apexrest/jtelACD/createCallback"),
    *("/api/v1/voicemails", "/services/apexrest/jtelACD/createVoiceMail"),
)
READING, TOKEN = "/api/v1/callbacks/{CallbackID}", "/services/oauth2/token"

Scene = Callable[[str, Acd, Settings], Any]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stored_only(settings: Settings) -> None:
    """Without the conversation: what it adds to answers is a matter of its own tests."""
    settings.ACD_RESPONDER = "callbacks.responders.stored"


@pytest.fixture
def acd() -> Acd:
    FunctionRoute.objects.get_or_create(service_number=None, function="")
    route_table.expire()
    return Acd()


def posted(path: str, acd: Acd) -> Any:
    return acd.post(EVENT if "oice" in path else BASE, path)


def several(path: str, acd: Acd, _settings: Settings) -> Any:
    """Only what the base dialect asks is answered with 300."""
    FunctionRoute.objects.update(action="find_caller", late_status=300)
    route_table.expire()
    return acd.post(BASE, path)


def without_a_route(path: str, acd: Acd, _settings: Settings) -> Any:
    FunctionRoute.objects.all().delete()
    route_table.expire()
    return acd.post(BASE, path)


def unreadable(path: str, acd: Acd, _settings: Settings) -> Any:
    return acd.http.post(path, b'{"CallerID": ', JSON)


def as_a_stranger(path: str, _acd: Acd, _settings: Settings) -> Any:
    return Client().generic("GET" if path == READING else "POST", path.format(CallbackID=uuid4()))


def from_elsewhere(path: str, acd: Acd, _settings: Settings) -> Any:
    AcdClient.objects.update(allowed_networks="192.0.2.0/24")
    return asked(path, acd)


def by_another_method(path: str, acd: Acd, _settings: Settings) -> Any:
    return acd.http.delete(path.format(CallbackID=uuid4()))


def too_large(path: str, acd: Acd, settings: Settings) -> Any:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    return acd.post(BASE, path)


def as_xml(path: str, acd: Acd, _settings: Settings) -> Any:
    return acd.http.post(path, b"<CallerID>4989555010</CallerID>", "text/xml")


def too_often(path: str, acd: Acd, settings: Settings) -> Any:
    settings.ACD_REQUESTS_PER_SECOND = 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientThrottle, "_buckets", Buckets(clock=lambda: 0.0))
        return [asked(path, acd) for _ in range(2)][-1]


def by_a_fault_of_ours(path: str, acd: Acd, _settings: Settings) -> Any:
    def fails(*_: Any) -> NoReturn:
        raise RuntimeError("a fault")

    acd.http.raise_request_exception = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientThrottle, "allow_request", fails)
        return asked(path, acd)


def without_the_database(path: str, acd: Acd, _settings: Settings) -> Any:
    def away(*_: Any) -> NoReturn:
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        clients_by_digest.expire()
        return asked(path, acd)


def asked(path: str, acd: Acd) -> Any:
    return read(path, acd) if path == READING else posted(path, acd)


def read(path: str, acd: Acd) -> Any:
    """One request for the record, and before it one that leaves it."""
    key = acd.post(BASE).json().get("CallbackID") or uuid4()
    return acd.http.get(path.format(CallbackID=key))


REFUSING: dict[int, Scene] = {
    401: as_a_stranger,
    403: from_elsewhere,
    405: by_another_method,
    429: too_often,
    500: by_a_fault_of_ours,
    503: without_the_database,
}
TAKEN: dict[int, Scene] = REFUSING | {
    200: lambda path, acd, _settings: posted(path, acd),
    300: several,
    400: unreadable,
    404: without_a_route,
    413: too_large,
    415: as_xml,
}
READ: dict[int, Scene] = REFUSING | {
    200: lambda path, acd, _settings: read(path, acd),
    404: lambda path, acd, _settings: acd.http.get(path.format(CallbackID=uuid4())),
}
SCENES = [(path, status) for path in TAKING for status in TAKEN] + [
    (READING, status) for status in READ
]


@pytest.mark.parametrize(("path", "status"), SCENES)
def test_a_status_is_answered_as_described(
    acd: Acd, settings: Settings, path: str, status: int
) -> None:
    scene = (READ if path == READING else TAKEN)[status]
    answer = scene(path, acd, settings)
    assert answer.status_code == status
    method = "GET" if path == READING else "POST"
    openapi.is_as_described(method, path, answer)


@pytest.mark.parametrize("path", [*TAKING, READING])
def test_every_status_that_is_described_can_be_seen(path: str) -> None:
    operation = openapi.operation_at("GET" if path == READING else "POST", path)
    assert {int(status) for status in operation["responses"]} == set(
        READ if path == READING else TAKEN
    )


@pytest.mark.parametrize("case", CORPUS, ids=[case["name"] for case in CORPUS])
def test_the_corpus_is_answered_as_described(acd: Acd, case: dict[str, Any]) -> None:
    answer = acd.http.generic("POST", case["path"], case["body"].encode(), case["type"] or "")
    openapi.is_as_described("POST", case["path"], answer)


@pytest.mark.parametrize("fields", [BASE, EVENT])
def test_what_an_acd_sends_is_as_described(fields: dict[str, Any]) -> None:
    openapi.is_like(fields, {"$ref": "#/components/schemas/CallbackRequest"})


# --- sign-in


def sign_in(acd: Acd, **changes: str) -> Any:
    form = {
        "grant_type": "client_credentials",
        "client_id": acd.record.client_id,
        "client_secret": acd.secret,
    }
    body = urlencode(form | changes)
    return Client().post(TOKEN, body, "application/x-www-form-urlencoded")


def without_tokens(acd: Acd) -> Any:
    def away(*_: Any) -> NoReturn:
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        return sign_in(acd)


SIGN_INS: dict[int, Callable[[Acd], Any]] = {
    200: sign_in,
    400: lambda acd: sign_in(acd, client_secret="wrong"),
    405: lambda _acd: Client().get(TOKEN),
    413: lambda acd: sign_in(acd, more="x" * oauth.MAX_FORM_BYTES),
    429: lambda acd: [sign_in(acd) for _ in range(3)][-1],
    503: without_tokens,
}


@pytest.mark.parametrize("status", SIGN_INS)
def test_a_sign_in_is_answered_as_described(
    acd: Acd, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    oauth.sign_ins.forget()
    oauth.failures.forget()
    if status == 429:
        monkeypatch.setattr(oauth, "SIGN_INS", Limit(per_second=0.001, burst=2))
    answer = SIGN_INS[status](acd)
    assert answer.status_code == status
    openapi.is_as_described("POST", TOKEN, answer)


def test_every_status_of_a_sign_in_can_be_seen() -> None:
    described = openapi.operations["POST", TOKEN]["responses"]
    assert {int(status) for status in described} == set(SIGN_INS)


def test_another_answer_is_noticed(acd: Acd) -> None:
    answer = posted(TAKING[0], acd)
    answer.content = json.dumps(answer.json() | {"Duplicate": None}).encode()
    with pytest.raises(ValidationError):
        openapi.is_as_described("POST", TAKING[0], answer)
