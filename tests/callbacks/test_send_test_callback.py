"""A test callback goes to an installation that runs, over HTTP, and is followed to its Case."""

import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from callbacks.management.commands.send_test_callback import fields_of
from tests.orgsim import process as orgsim
from tests.orgsim.process import Org
from tests.processes import Installation


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with orgsim.running(tmp_path_factory.mktemp("org") / "org.sqlite3") as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, org: Org) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("site")
    with Installation.running_on(folder, postgres=not settings.EMBEDDED_DATABASE) as running:
        running.talk_to(org)
        running.start_web(workers=1)
        running.start_worker()
        yield running


def send(site: Installation, *arguments: str, secret: str = "") -> tuple[int, str]:
    """Exit status, and all that was said. The command itself has no use for a database."""
    client_id, real = site.client
    said = StringIO()
    os.environ["SECRET"] = secret or real
    try:
        given = ("--url", site.url, "--client", client_id, *arguments)
        call_command("send_test_callback", *given, stdout=said)
    except CommandError as error:
        return error.returncode, f"{said.getvalue()}{error}"
    finally:
        del os.environ["SECRET"]
    return 0, said.getvalue()


@pytest.mark.parametrize("dialect", ["base", "acd_event"])
def test_it_becomes_a_case(dialect: str, site: Installation, org: Org) -> None:
    before = {case["CaseNumber"] for case in org.records("Case")}
    status, said = send(site, "--dialect", dialect, "--wait", "30")
    new = {case["CaseNumber"] for case in org.records("Case")} - before
    assert (status, len(new)) == (0, 1)
    assert "HTTP 200" in said
    assert f"Case {new.pop()}: http" in said


@pytest.mark.parametrize("way", ["token", "basic", "bearer"])
def test_it_signs_in_as_an_acd_can(way: str, site: Installation) -> None:
    status, said = send(site, "--sign-in", way)
    assert (status, '"Status": "pending"' in said) == (0, True)
    assert "Stored." in said


def test_twice_are_two_wishes(site: Installation) -> None:
    said = [send(site, "--sign-in", "basic")[1] for _ in range(2)]
    assert all('"Duplicate": false' in words for words in said)


def test_numbers_and_function_can_be_given(site: Installation) -> None:
    numbers = ("--caller", "089 555020", "--service-number", "4930901820")
    _status, said = send(site, *numbers, "--function", "sales")
    for words in ('"CallerID": "4989555020"', '"ServiceNumber": "4930901820"', '"sales"'):
        assert words in said


@pytest.mark.parametrize("way", ["token", "basic"])
def test_a_wrong_secret_is_said_so(way: str, site: Installation) -> None:
    status, said = send(site, "--sign-in", way, secret="wrong-and-secret")
    assert (status, "HTTP 40" in said) == (1, True)
    assert "wrong-and-secret" not in said


def test_no_secret_and_nobody_to_ask_is_said_so(site: Installation) -> None:
    command = [sys.executable, "manage.py", "send_test_callback", "--client", "x"]
    with pytest.raises(subprocess.CalledProcessError) as ended:
        site.run(command)
    assert ended.value.returncode == 1
    assert (
        ended.value.stderr
        == "CommandError: A secret is needed: --secret, or the variable SECRET.\n"
    )


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1", "does not answer"),
        ("127.0.0.1:8000", "expected http://"),
    ],
)
def test_a_wrong_address_is_said_so(url: str, words: str, site: Installation) -> None:
    status, said = send(site, "--url", url)
    assert (status, words in said) == (1, True)


def test_an_answer_that_is_no_json_is_said_so(site: Installation) -> None:
    status, said = send(site, "--url", f"{site.url}/admin/login", "--sign-in", "basic")
    assert (status, "did not answer with JSON" in said) == (1, True)


def test_what_is_held_is_said_so(site: Installation) -> None:
    site.execute("UPDATE callbacks_functionroute SET enabled = (1 = 0)")
    try:
        status, said = send(site, "--dialect", "acd_event", "--function", "", "--wait", "15")
    finally:
        site.execute("UPDATE callbacks_functionroute SET enabled = (1 = 1)")
    assert status == 1
    assert "It is held." in said
    assert "Make a route in the admin" in said


def test_without_a_worker_it_says_where_to_look(tmp_path: Path) -> None:
    with Installation.running_on(tmp_path, postgres=not settings.EMBEDDED_DATABASE) as site:
        site.start_web(workers=1)
        status, said = send(site, "--wait", "1")
    assert (status, "check_salesforce" in said) == (1, True)


def test_an_event_has_the_fields_that_an_acd_sends() -> None:
    fields = fields_of(
        dialect="acd_event", caller="49891", service_number="49892", function="SERVICE_B2B"
    )
    assert fields["AcdGroupsForeignSystemID"] == "SERVICE_B2B"
    assert len(fields["dtCallStart"]) == len("2026-11-20T09:14:03")
