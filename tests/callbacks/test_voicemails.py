"""`POST /api/v1/voicemails`: the same way as a callback, another kind."""

import json
from typing import Any

import pytest
from django.test import Client

from callbacks.models import AcdClient, Callback, FunctionRoute, RejectedRequest
from callbacks.routing import route_table

VOICEMAILS, ALIAS = "/api/v1/voicemails", "/services/apexrest/jtelACD/createVoiceMail"
CALLBACKS = "/api/v1/callbacks"
EVENT = {"Caller": "4989555010", "ServiceNumbersNumber": "498946134180", "AcdEventsID": 7}
WISH = {"CallerID": "4989555010", "ServiceNumber": "498946134180", "Function": "CALLBACK"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def acd() -> Client:
    client = AcdClient(name="ACD")
    secret = client.new_secret()
    client.save()
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(acd: Client, path: str, fields: dict[str, Any]) -> Any:
    return acd.post(path, json.dumps(fields), "application/json")


@pytest.mark.parametrize("path", [VOICEMAILS, f"{VOICEMAILS}/", ALIAS, f"{ALIAS}/"])
@pytest.mark.parametrize(("fields", "dialect"), [(EVENT, "acd_event"), (WISH, "base")])
def test_a_voice_mail_is_taken_in_either_dialect(
    acd: Client, path: str, fields: dict[str, Any], dialect: str
) -> None:
    answer = post(acd, path, fields)
    assert (answer.status_code, answer.json()["CallerID"]) == (200, "4989555010")
    callback = Callback.objects.get()
    assert (callback.kind, callback.dialect) == ("voicemail", dialect)


def test_an_event_may_be_a_callback_and_a_voice_mail(acd: Client) -> None:
    answers = [post(acd, path, EVENT).json() for path in (CALLBACKS, VOICEMAILS, ALIAS, CALLBACKS)]
    assert [answer["Duplicate"] for answer in answers] == [False, False, True, True]
    assert answers[1]["CallbackID"] == answers[2]["CallbackID"] != answers[0]["CallbackID"]


def test_a_voice_mail_can_be_read_back_where_callbacks_are(acd: Client) -> None:
    key = post(acd, VOICEMAILS, EVENT).json()["CallbackID"]
    assert acd.get(f"{CALLBACKS}/{key}").json()["CallbackID"] == key


def test_a_voice_mail_without_a_route_is_held_and_the_event_dialect_hears_200(acd: Client) -> None:
    FunctionRoute.objects.all().delete()
    route_table.expire()
    answer = post(acd, VOICEMAILS, EVENT)
    assert (answer.status_code, answer.json()["Status"]) == (200, "held")


def test_a_voice_mail_that_cannot_be_read_is_kept_for_staff(acd: Client) -> None:
    answer = acd.post(VOICEMAILS, "{", "application/json")
    assert (answer.status_code, answer.json()["Error"]) == (400, "unreadable")
    assert RejectedRequest.objects.get().path == VOICEMAILS


def test_voice_mails_are_posted(acd: Client) -> None:
    assert acd.get(VOICEMAILS).json()["Error"] == "method_not_allowed"
