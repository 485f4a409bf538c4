"""A callback request as an ACD sends it, to an installation that runs, and what became of it."""

import getpass
import json
import os
import sys
import time
from argparse import ArgumentParser
from base64 import b64encode
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlencode, urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

CALLBACKS = "/api/v1/callbacks"
TOKEN = "/services/oauth2/token"  # noqa: S105 - a path
SECONDS_PER_CALL = 15
SECONDS_BETWEEN_LOOKS = 0.5
LENGTH_OF_A_CALL = timedelta(minutes=3)
UNFINISHED = ("pending",)
ARRIVED = ("synced", "merged", "answered")
NEXT_STEPS = {
    "held": "Make a route in the admin, under Held.",
    "failed": "The reason is in the admin, under Failed.",
}
BASE, ACD_EVENT = "base", "acd_event"


class Heard(NamedTuple):
    status: int
    body: dict[str, Any]


class Command(BaseCommand):
    help = (
        "Send a callback request to a running installation, as an ACD does, and say what became"
        " of it. Ends with status 1 if it was not taken, or did not become a Case in time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="of the installation")
        parser.add_argument("--client", required=True, help="id of the ACD client")
        parser.add_argument(
            "--secret", help="its secret; else from the variable SECRET, else it is asked for"
        )
        parser.add_argument("--sign-in", choices=["token", "basic", "bearer"], default="token")
        parser.add_argument("--dialect", choices=[BASE, ACD_EVENT], default=BASE)
        parser.add_argument("--caller", default="49199123456789")
        parser.add_argument("--service-number", default="498946134180")
        parser.add_argument("--function", default="")
        parser.add_argument(
            "--wait", type=float, default=0, metavar="N", help="so many seconds until it is a Case"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        secret = options["secret"] or os.environ.get("SECRET") or _asked_for()
        site = Site(options["url"])
        site.sign_in(options["sign_in"], options["client"], secret)
        answer = site.call("POST", CALLBACKS, json.dumps(fields_of(**options)), "application/json")
        self._print(answer)
        if not answer.body.get("CallbackID"):
            raise CommandError(_words(answer))
        self._follow(site, answer.body, options["wait"])

    def _follow(self, site: "Site", record: dict[str, Any], seconds: float) -> None:
        began = time.monotonic()
        place = f"{CALLBACKS}/{record['CallbackID']}"
        while record["Status"] in UNFINISHED and (past := time.monotonic() - began) < seconds:
            self._show_patience(past)
            time.sleep(SECONDS_BETWEEN_LOOKS)
            record = site.call("GET", place).body
        self._tell(record, seconds)

    def _show_patience(self, seconds: float) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\rwaiting for the Case, {seconds:.0f} s", ending="")
        elif not seconds:
            self.stdout.write("waiting for the Case")

    def _tell(self, record: dict[str, Any], seconds: float) -> None:
        if self.stdout.isatty() and seconds:
            self.stdout.write("")
        status, case = record["Status"], record["CaseNumber"]
        if status in ARRIVED:
            said = f"Case {case}: {record['CaseURL']}" if case else record["Message"]
            self.stdout.write(self.style.SUCCESS(said))
        elif status not in UNFINISHED:
            raise CommandError(f"It is {status}. {record['Message']} {NEXT_STEPS.get(status, '')}")
        elif seconds:
            raise CommandError(
                f"No Case within {seconds:g} s. Is a worker running? `manage.py check_salesforce`"
                " says what keeps Cases from being made."
            )
        else:
            self.stdout.write("Stored. With --wait 30 it is followed until it is a Case.")

    def _print(self, answer: Heard) -> None:
        self.stdout.write(f"HTTP {answer.status}")
        self.stdout.write(json.dumps(answer.body, indent=2, ensure_ascii=False))


class Site:
    """An installation, spoken to over HTTP. CommandError if it does not answer as one."""

    def __init__(self, url: str) -> None:
        self._url: SplitResult = urlsplit(url.rstrip("/"))
        if self._url.scheme not in {"http", "https"} or not self._url.hostname:
            raise CommandError(f"--url {url}: expected http://… or https://…")
        self._authorization = ""

    def sign_in(self, way: str, client_id: str, secret: str) -> None:
        if way == "token":
            secret = self._token(client_id, secret)
        basic = b64encode(f"{client_id}:{secret}".encode()).decode()
        self._authorization = f"Basic {basic}" if way == "basic" else f"Bearer {secret}"

    def call(self, method: str, path: str, body: str = "", media_type: str = "") -> Heard:
        headers = {"Authorization": self._authorization} if self._authorization else {}
        headers |= {"Content-Type": media_type} if media_type else {}
        try:
            return self._heard(method, path, body, headers)
        except (OSError, HTTPException) as error:
            raise CommandError(f"{self._url.geturl()} does not answer: {error}") from error
        except ValueError as error:
            raise CommandError(f"{self._url.geturl()}{path} did not answer with JSON.") from error

    def _token(self, client_id: str, secret: str) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        }
        answer = self.call("POST", TOKEN, urlencode(form), "application/x-www-form-urlencoded")
        if "access_token" not in answer.body:
            raise CommandError(f"Sign-in refused. {_words(answer)}")
        return str(answer.body["access_token"])

    def _heard(self, method: str, path: str, body: str, headers: dict[str, str]) -> Heard:
        secure = self._url.scheme == "https"
        kind = HTTPSConnection if secure else HTTPConnection
        connection = kind(str(self._url.hostname), self._url.port, timeout=SECONDS_PER_CALL)
        try:
            connection.request(method, self._url.path + path, body.encode() or None, headers)
            response = connection.getresponse()
            return Heard(response.status, dict(json.loads(response.read())))
        finally:
            connection.close()


def fields_of(
    *, dialect: str, caller: str, service_number: str, function: str, **_: Any
) -> dict[str, Any]:
    """What an ACD of that dialect would send, each time as a new wish."""
    now = timezone.localtime().replace(tzinfo=None)
    if dialect == BASE:
        return {
            "CallerID": caller,
            "ServiceNumber": service_number,
            "Function": function,
            "UserData": f"Test callback of {now}",  # differs, or it were a repeat
        }
    return {
        "Caller": caller,
        "CallbackNumber": caller,
        "ServiceNumbersNumber": service_number,
        "AcdGroupsForeignSystemID": function,
        "dtCallStart": (now - LENGTH_OF_A_CALL).isoformat(timespec="seconds"),
        "dtCallEnd": now.isoformat(timespec="seconds"),
        "AcdEventsID": time.time_ns() // 1_000_000,
        "Subject": "Test callback",
        "Body": "Sent by send_test_callback.",
    }


def _asked_for() -> str:
    if not sys.stdin.isatty():
        raise CommandError("A secret is needed: --secret, or the variable SECRET.")
    return getpass.getpass("Secret: ")


def _words(answer: Heard) -> str:
    """Ours and, of the token call, OAuth's."""
    body = answer.body
    said = body.get("Message") or body.get("error_description") or ""
    return f"HTTP {answer.status} {body.get('Error') or body.get('error') or ''}: {said}".strip()
