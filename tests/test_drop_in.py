"""An ACD that talked to Salesforce is pointed at us: only URL, id and secret differ."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings

from tests.acd import Acd
from tests.orgsim.process import Org
from tests.processes import Installation, free_port, until

SERVICE = "498946134180"
CORPUS = Path(__file__).parent / "callbacks" / "requests.jsonl"


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Two web servers, one process each, on one database; `port` is the second one's."""
    folder = tmp_path_factory.mktemp("bridge")
    with Installation.running_on(folder, postgres=not settings.EMBEDDED_DATABASE) as running:
        running.start_web(workers=1)
        running.port = free_port()
        running.start_web(workers=1)
        yield running


def wish(caller: str, **more: Any) -> dict[str, Any]:
    return {"CallerID": caller, "ServiceNumber": SERVICE, "Function": "CALLBACK", **more}


def at_the_first(bridge: Installation, client: tuple[str, str]) -> Acd:
    command = bridge.running[0].command
    return Acd(f"http://127.0.0.1:{command[command.index('--port') + 1]}", *client)


def test_the_same_program_works_with_the_org_and_with_us(bridge: Installation, org: Org) -> None:
    voice_mail = {"Caller": "4989555101", "ServiceNumbersNumber": SERVICE, "AcdEventsID": 7}
    theirs = Acd(org.url, org.client_id, org.client_secret)
    ours = Acd(bridge.url, *bridge.client)
    for acd in (theirs, ours):
        answer = acd.post("createCallback", json=wish("4989555100"))
        assert (answer.status_code, answer.json()["CallerID"]) == (200, "4989555100")
        assert acd.post("createVoiceMail", json=voice_mail).status_code == 200
    assert bridge.query(
        "SELECT caller_number, kind FROM callbacks_callback"
        " WHERE caller_number LIKE '498955510_' ORDER BY caller_number"
    ) == [("4989555100", "callback"), ("4989555101", "voicemail")]


def test_both_answers_to_a_sign_in_have_the_same_fields(bridge: Installation, org: Org) -> None:
    theirs = Acd(org.url, org.client_id, org.client_secret).sign_in()
    ours = Acd(bridge.url, *bridge.client).sign_in()
    assert list(ours) == list(theirs)
    assert [type(value) for value in ours.values()] == [type(value) for value in theirs.values()]
    assert ours["instance_url"] == bridge.url


def test_a_token_of_one_process_works_at_once_in_another(bridge: Installation) -> None:
    acd = at_the_first(bridge, bridge.client)
    acd.sign_in()
    acd.instance_url = bridge.url
    assert acd.call("POST", "createCallback", json=wish("4989555110")).status_code == 200


def test_a_new_client_signs_in_at_one_process_and_calls_another(bridge: Installation) -> None:
    bridge.post(wish("4989555120")).raise_for_status()  # who has read the table of clients by now
    acd = at_the_first(bridge, bridge.new_client("New ACD"))
    until(lambda: signs_in(acd))
    acd.instance_url = bridge.url
    assert acd.call("POST", "createCallback", json=wish("4989555120")).json()["Duplicate"] is False


def signs_in(acd: Acd) -> bool:
    """A client that is newer than a table of 2 s is refused once."""
    try:
        return bool(acd.sign_in())
    except requests.HTTPError:
        return False


def test_an_acd_signs_in_again_when_its_token_has_expired(bridge: Installation) -> None:
    acd = Acd(bridge.url, *bridge.client)
    first = acd.sign_in()["access_token"]
    bridge.execute("UPDATE callbacks_accesstoken SET expires_at = created_at")
    assert acd.post("createCallback", json=wish("4989555130")).status_code == 200
    assert acd.access_token != first


def test_the_corpus_passes_signed_in_by_token(bridge: Installation) -> None:
    acd = Acd(bridge.url, *bridge.client)
    acd.sign_in()
    for line in CORPUS.read_text("utf-8").splitlines():
        case = json.loads(line)
        answer = requests.request(
            case["method"],
            bridge.url + case["path"],
            data=case["body"].encode(),
            headers={"Authorization": acd.authorization, "Content-Type": case["type"] or ""},
            timeout=30,
        )
        expected = case["expect"]
        allowed = expected["status"]
        assert answer.status_code in (allowed if isinstance(allowed, list) else [allowed])
        assert expected.get("fields", {}).items() <= answer.json().items(), case["name"]
        assert ("Error" in answer.json()) == expected.get("error", False), case["name"]


def test_no_process_logs_a_secret_or_a_token(bridge: Installation) -> None:
    acd = Acd(bridge.url, *bridge.client)
    acd.post("createCallback", json=wish("4989555140"))
    wrong = {"grant_type": "client_credentials", "client_id": "wrong", "client_secret": "hush-hush"}
    requests.post(f"{bridge.url}/services/oauth2/token", data=wrong, timeout=30)
    logs = "".join(running.log.read_text("utf-8") for running in bridge.running)
    assert "sign-in refused" in logs
    assert not [word for word in (acd.access_token, acd.client_secret, "hush-hush") if word in logs]
