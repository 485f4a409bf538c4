import sys
import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext

from callbacks.dialects import NoCallerError
from callbacks.models import AcdClient, Callback
from callbacks.parsers import UnreadableError
from callbacks.trials import callback_of
from crm.client import get_client
from crm.dry_run import SENTENCES, DryRun, SentRequest, Verdict, dry_run
from crm.errors import CrmError


class Command(BaseCommand):
    help = "Show what would be sent for a callback, and what Salesforce would say. Writes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("callback", nargs="?", help="id of a callback; - for a request on stdin")
        what.add_argument("--file", type=Path, help="a request of the ACD, in JSON")
        parser.add_argument("--client", help="name of the ACD client that would send the request")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = dry_run(self._callback(options), get_client(), trial=uuid.uuid4())
        except CrmError as error:
            raise CommandError(f"{error.meaning.reason} {error.meaning.next_step}") from None
        self._tell(run)
        if run.verdict is not Verdict.TAKEN:
            raise CommandError(_why(run))
        self.stdout.write(self.style.SUCCESS(str(SENTENCES[run.verdict])))

    def _callback(self, options: dict[str, Any]) -> Callback:
        if options["file"]:
            return _requested(options["file"].read_bytes(), options["client"])
        if options["callback"] == "-":
            return _requested(sys.stdin.buffer.read(), options["client"])
        return _stored(options["callback"])

    def _tell(self, run: DryRun) -> None:
        if run.route:
            self.stdout.write(f"Route: {run.route.name}")
        self.stdout.write(f"Caller: {_caller(run)}")
        if run.known_at:
            self.stdout.write(f"Salesforce as it was known at {run.known_at:%Y-%m-%d %H:%M} UTC.")
        if run.request:
            self.stdout.write(_written(run.request))


def _stored(key: str) -> Callback:
    try:
        return Callback.objects.select_related("client").get(pk=key)
    except (Callback.DoesNotExist, ValidationError):
        raise CommandError("There is no callback with this id.") from None


def _requested(body: bytes, name: str | None) -> Callback:
    client = AcdClient.objects.filter(name=name).first() if name else AcdClient()
    if client is None:
        raise CommandError("There is no ACD client of this name.")
    try:
        return callback_of(body, client=client, now=timezone.now())
    except UnreadableError as error:
        raise CommandError(str(error)) from None
    except NoCallerError:
        raise CommandError("The request names no caller.") from None


def _caller(run: DryRun) -> str:
    caller = run.caller
    if caller.candidates:
        named = ", ".join(f"{one['name']} ({one['id']})" for one in caller.candidates)
        return f"one of {named}"
    if caller.is_uncertain or run.known_at:
        return "could not be found out"
    return f"{caller.name} ({caller.contact_id})" if caller.contact_id else "unknown to Salesforce"


def _written(request: SentRequest) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    body = orjson.dumps(request.body, option=orjson.OPT_INDENT_2).decode()
    return f"\n{request.method} {request.url}\n{headers}\n\n{body}\n"


def _why(run: DryRun) -> str:
    if not run.code:
        return str(SENTENCES[run.verdict])
    words = [
        str(SENTENCES[run.verdict]),
        gettext(run.meaning.reason),
        f"({run.code}: {run.detail})",
    ]
    return " ".join([*words, gettext(run.meaning.next_step)])
