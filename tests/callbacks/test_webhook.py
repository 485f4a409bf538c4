"""`POST /api/v1/callbacks` and its answers, as an ACD sees them."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from callbacks import sightings
from callbacks.authentication import clients_by_digest
from callbacks.models import AcdClient, Callback, FunctionRoute, RejectedRequest, ServiceNumber
from callbacks.routing import CHUNK, release_routed, route_table
from callbacks.signals import callback_accepted
from tests.callbacks.cast import a_callback

PATH = "/api/v1/callbacks"
WISH = {"CallerID": "4989555010", "ServiceNumber": "498946134180", "Function": "CALLBACK"}
EVENT = {"Caller": "4989555010", "ServiceNumbersNumber": "498946134180", "AcdEventsID": 7}
CORPUS = [
    json.loads(line)
    for line in Path(__file__).with_name("requests.jsonl").read_text("utf-8").splitlines()
]

pytestmark = pytest.mark.django_db


class Acd:
    """A telephone system with valid credentials."""

    def __init__(self, name: str = "ACD", kind: str = AcdClient.Kind.ACD) -> None:
        self.record = AcdClient(name=name, kind=kind)
        self.secret = self.record.new_secret()
        self.record.save()
        clients_by_digest.expire()  # as on commit
        self.http = Client(headers={"Authorization": f"Bearer {self.secret}"})

    def post(self, fields: dict[str, Any], path: str = PATH, **headers: str) -> Any:
        return self.http.post(path, json.dumps(fields), "application/json", headers=headers)


@pytest.fixture
def acd() -> Acd:
    return Acd()


@pytest.fixture(autouse=True)
def catch_all() -> FunctionRoute:
    return FunctionRoute.objects.get_or_create(service_number=None, function="")[0]


@pytest.fixture
def no_route(catch_all: FunctionRoute) -> None:
    catch_all.delete()
    route_table.expire()


@pytest.fixture
def announced() -> Iterator[list[Callback]]:
    heard: list[Callback] = []

    def hear(callback: Callback, **_: Any) -> None:
        heard.append(callback)

    callback_accepted.connect(hear)
    yield heard
    callback_accepted.disconnect(hear)


@pytest.mark.parametrize("case", CORPUS, ids=[case["name"] for case in CORPUS])
def test_the_corpus_is_answered_as_expected(acd: Acd, case: dict[str, Any]) -> None:
    ServiceNumber.objects.create(number="498946134180")
    for earlier in CORPUS[: CORPUS.index(case)] if "again" in case["name"] else []:
        acd.http.generic("POST", earlier["path"], earlier["body"].encode(), earlier["type"] or "")
    answer = acd.http.generic("POST", case["path"], case["body"].encode(), case["type"] or "")
    expected = case["expect"]
    statuses = expected["status"] if isinstance(expected["status"], list) else [expected["status"]]
    assert answer.status_code in statuses
    assert expected.get("fields", {}).items() <= answer.json().items()
    assert ("Error" in answer.json()) == expected.get("error", False)


def test_the_answer_has_every_key_in_the_contracts_order(acd: Acd) -> None:
    assert list(acd.post(WISH).json()) == [
        *("CallbackID", "Status", "Duplicate", "CallerID", "CallbackNumber", "ServiceNumber"),
        *("ServiceName", "Function", "ReceivedAt", "CaseID", "CaseNumber", "CaseStatus"),
        *("CaseURL", "ContactID", "ContactName", "Message"),
    ]


def test_accepting_takes_one_statement(acd: Acd) -> None:
    acd.post(WISH)
    with CaptureQueriesContext(connection) as statements:
        assert acd.post(WISH | {"CallerID": "4989555011"}).status_code == 200
    assert [query["sql"].split()[0] for query in statements.captured_queries] == ["INSERT"]


def test_what_came_is_kept_byte_for_byte(acd: Acd) -> None:
    body = b'{"CallerID": "+49 89 555010", "Extra": {"a": [1, 2]}, "UserData": "St\xf6rung"}'
    acd.http.post(f"{PATH}?Function=F", body, "application/json")
    callback = Callback.objects.get()
    assert bytes(callback.raw_body) == body
    assert callback.raw_query == "Function=F"
    assert callback.payload["Extra"] == {"a": [1, 2]}
    assert callback.caller_text == "+49 89 555010"
    assert callback.caller_number == "4989555010"


def test_an_ambiguous_time_is_kept_and_flagged(acd: Acd) -> None:
    acd.post(EVENT | {"dtCallEnd": "2026-10-25T02:30:00", "dtCallStart": "2026-10-25T01:59:00"})
    callback = Callback.objects.get()
    assert callback.time_flag == "ambiguous"
    assert callback.call_ended_at is None
    assert callback.payload["dtCallEnd"] == "2026-10-25T02:30:00"
    assert callback.asked_at == callback.call_started_at


def test_a_client_may_live_in_another_zone_and_region(acd: Acd) -> None:
    AcdClient.objects.update(timezone="America/New_York", region="US")
    acd.post({"Caller": "0415 555 0100", "dtCallEnd": "2026-11-20T12:00:00"})
    callback = Callback.objects.get()
    assert callback.call_ended_at is not None
    assert callback.call_ended_at.hour == 17


def test_a_new_callback_is_announced_and_a_repeat_is_not(
    acd: Acd, announced: list[Callback]
) -> None:
    acd.post(WISH)
    acd.post(WISH)
    assert len(announced) == 1


# --- repeats


def test_the_same_fields_within_the_window_are_one_callback(acd: Acd) -> None:
    first, second = acd.post(WISH).json(), acd.post(WISH).json()
    assert second["CallbackID"] == first["CallbackID"]
    assert (first["Duplicate"], second["Duplicate"]) == (False, True)
    assert Callback.objects.get().repeats == 1


def test_the_same_fields_after_the_window_are_a_new_wish(acd: Acd, settings: Settings) -> None:
    first = acd.post(WISH).json()
    long_ago = timezone.now() - timedelta(seconds=settings.CALLBACK_DEDUPE_SECONDS + 1)
    Callback.objects.update(received_at=long_ago)
    second = acd.post(WISH).json()
    assert second["Duplicate"] is False
    assert second["CallbackID"] != first["CallbackID"]
    assert acd.post(WISH).json()["CallbackID"] == second["CallbackID"]


def test_an_event_is_one_callback_however_late_it_is_repeated(acd: Acd) -> None:
    acd.post(EVENT)
    Callback.objects.update(received_at=timezone.now() - timedelta(days=30))
    assert acd.post(EVENT | {"dtLastModified": "later"}).json()["Duplicate"] is True
    assert Callback.objects.get().repeat_differed is True


def test_a_key_reused_for_another_caller_is_another_wish(acd: Acd) -> None:
    key = {"Idempotency-Key": "always-the-same"}
    first = acd.post(WISH, **key).json()
    other = acd.post(WISH | {"CallerID": "4989555099"}, **key).json()
    again = acd.post(WISH | {"CallerID": "4989555099"}, **key).json()
    assert (first["Duplicate"], other["Duplicate"], again["Duplicate"]) == (False, False, True)
    assert again["CallbackID"] == other["CallbackID"]
    assert Callback.objects.get(id=other["CallbackID"]).key_reused is True


def test_a_key_belongs_to_its_client(acd: Acd) -> None:
    acd.post(EVENT)
    assert Acd("Other ACD").post(EVENT).json()["Duplicate"] is False


# --- held


@pytest.mark.usefixtures("no_route")
def test_without_a_route_the_base_dialect_hears_404_again_and_again(acd: Acd) -> None:
    answers = [acd.post(WISH), acd.post(WISH)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[1].json()["Error"] == "no_route"
    assert answers[1].json()["Status"] == "held"
    assert Callback.objects.get().status == "held"


@pytest.mark.usefixtures("no_route")
def test_without_a_route_the_event_dialect_hears_200(acd: Acd) -> None:
    answer = acd.post(EVENT)
    assert (answer.status_code, answer.json()["Status"]) == (200, "held")


@pytest.mark.usefixtures("no_route")
def test_a_held_callback_goes_out_once_a_route_exists(
    acd: Acd, django_capture_on_commit_callbacks: Any
) -> None:
    acd.post(WISH)
    acd.post(WISH | {"Function": "OTHER"})
    with django_capture_on_commit_callbacks(execute=True):
        FunctionRoute.objects.create(name="Callbacks", function="callback")
    states = dict(Callback.objects.values_list("function", "status"))
    assert states == {"CALLBACK": "pending", "OTHER": "held"}


@pytest.mark.usefixtures("no_route")
def test_a_callback_held_too_long_waits_for_a_click(acd: Acd) -> None:
    acd.post(WISH)
    Callback.objects.update(received_at=timezone.now() - timedelta(hours=25))
    FunctionRoute.objects.create(name="Everything")
    assert release_routed() == 0
    assert Callback.objects.held().release() == 1


@pytest.mark.usefixtures("no_route")
def test_any_number_of_different_held_functions_go_out(acd: Acd) -> None:
    client = acd.record
    for number in range(CHUNK + 1):
        a_callback(client=client, status="held", function=f"F{number}")
    FunctionRoute.objects.create(name="Everything")
    assert release_routed() == CHUNK + 1


# --- who may


def test_http_basic_with_id_and_secret_is_as_good_as_a_bearer_secret(acd: Acd) -> None:
    credentials = base64.b64encode(f"{acd.record.client_id}:{acd.secret}".encode()).decode()
    answer = Client().post(
        PATH, WISH, "application/json", headers={"Authorization": f"Basic {credentials}"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", "Basic %%%", "Basic ä", "Digest x", "Bearer"],
)
def test_wrong_credentials_are_refused_and_not_kept(authorization: str) -> None:
    answer = Client().post(PATH, WISH, "application/json", headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers
    assert answer.json()["Error"] == "not_authenticated"
    assert not Callback.objects.exists()
    assert not RejectedRequest.objects.exists()


def test_two_secrets_are_valid_until_the_old_one_is_revoked(acd: Acd) -> None:
    new = acd.record.new_secret()
    acd.record.save()
    for secret in (acd.secret, new):
        http = Client(headers={"Authorization": f"Bearer {secret}"})
        assert http.post(PATH, WISH, "application/json").status_code == 200


def test_a_disabled_client_is_refused_within_a_minute(
    acd: Acd, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert acd.post(WISH).status_code == 200
    AcdClient.objects.update(enabled=False)
    a_minute_ago = clients_by_digest._loaded_at - 60
    monkeypatch.setattr(clients_by_digest, "_loaded_at", a_minute_ago)
    assert acd.post(WISH).status_code == 401


def test_a_client_is_refused_from_a_foreign_network(acd: Acd) -> None:
    AcdClient.objects.update(allowed_networks="192.0.2.0/24")
    answer = acd.post(WISH)
    assert (answer.status_code, answer.json()["Error"]) == (403, "not_allowed")


def test_behind_a_proxy_the_forwarded_address_counts(acd: Acd, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    AcdClient.objects.update(allowed_networks="192.0.2.0/24")
    assert acd.post(WISH, **{"X-Forwarded-For": "10.0.0.1, 192.0.2.7"}).status_code == 200
    assert acd.post(WISH, **{"X-Forwarded-For": "192.0.2.7, 10.0.0.1"}).status_code == 403


def test_a_reader_may_look_but_not_post(acd: Acd) -> None:
    key = acd.post(WISH).json()["CallbackID"]
    reader = Acd("Wallboard", AcdClient.Kind.READER)
    assert reader.http.get(f"{PATH}/{key}").json()["CallbackID"] == key
    assert reader.post(WISH).status_code == 403


def test_a_client_over_its_rate_is_told_when_to_come_back(acd: Acd, settings: Settings) -> None:
    settings.ACD_REQUESTS_PER_SECOND = 1
    answers = [acd.post(WISH) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert answers[-1].json()["Error"] == "too_many_requests"


# --- what cannot be taken


def test_an_unreadable_request_is_kept_for_staff_without_secrets(acd: Acd) -> None:
    body = b'{"CallerID": "1", "client_secret": "hush", "x": '
    answer = acd.http.post(f"{PATH}?password=hush", body, "application/json")
    assert answer.status_code == 400
    rejected = RejectedRequest.objects.get()
    assert rejected.client == acd.record
    assert "hush" not in rejected.body_text + rejected.path
    assert rejected.body_text.startswith('{"CallerID": "1"')
    assert rejected.reason == answer.json()["Message"]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/xml", b"<login><password>hush</password></login>"),
        ("text/plain", b"client_secret=hush"),
        (
            "multipart/mixed; boundary=X",
            b'--X\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\nhush\r\n--X--',
        ),
    ],
)
def test_no_kind_of_rejected_body_keeps_a_secret(acd: Acd, media_type: str, body: bytes) -> None:
    assert acd.http.post(PATH, body, media_type).status_code == 415
    assert "hush" not in RejectedRequest.objects.get().body_text


def test_a_media_type_not_understood_keeps_the_first_64_kib(acd: Acd) -> None:
    answer = acd.http.post(PATH, b"<" * 100_000, "application/xml")
    assert answer.status_code == 415
    rejected = RejectedRequest.objects.get()
    assert (len(bytes(rejected.body)), rejected.body_size) == (65_536, 100_000)


def test_a_body_over_the_limit_is_413(acd: Acd, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_024
    answer = acd.post(WISH | {"UserData": "x" * 2_000})
    assert (answer.status_code, answer.json()["Error"]) == (413, "too_large")


def test_a_wrong_method_is_405_and_an_unknown_path_404_in_json(acd: Acd) -> None:
    assert acd.http.put(PATH).json()["Error"] == "method_not_allowed"
    assert acd.http.put(PATH).status_code == 405
    unknown = acd.http.post("/api/v1/nothing")
    assert (unknown.status_code, unknown.json()["Error"]) == (404, "not_found")


def test_answers_do_not_vary_with_a_language(acd: Acd) -> None:
    german = {"Accept-Language": "de"}
    assert acd.http.get("/admin/login/", headers=german).headers["Content-Language"] == "de"
    answer = acd.http.put(PATH, headers=german)
    assert answer.json()["Message"] == 'Method "PUT" not allowed.'
    assert "Vary" not in answer.headers


def test_a_slash_at_the_end_never_redirects(acd: Acd) -> None:
    assert acd.post(WISH, path=f"{PATH}/").status_code == 200


# --- reading back


def test_the_record_can_be_read_as_it_stands(acd: Acd) -> None:
    key = acd.post(WISH).json()["CallbackID"]
    Callback.objects.update(
        status="synced", case_id="500000000000001AAA", case_number="00001000", case_status="New"
    )
    answer = acd.http.get(f"{PATH}/{key}").json()
    assert (answer["Status"], answer["CaseNumber"]) == ("synced", "00001000")


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_record_that_is_not_there_is_404(acd: Acd, key: str) -> None:
    answer = acd.http.get(f"{PATH}/{key}")
    assert (answer.status_code, answer.json()["Error"]) == (404, "not_found")


def test_a_client_does_not_see_what_another_sent(acd: Acd) -> None:
    key = acd.post(WISH).json()["CallbackID"]
    assert Acd("Other ACD").http.get(f"{PATH}/{key}").status_code == 404


# --- beside the request path


def test_seen_numbers_and_last_use_are_written_afterwards(acd: Acd) -> None:
    acd.post(WISH)
    assert not ServiceNumber.objects.exists()
    sightings.flush()
    assert ServiceNumber.objects.get(number="498946134180").adopted is False
    acd.record.refresh_from_db()
    assert acd.record.last_used_at is not None
