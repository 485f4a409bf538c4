from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from callbacks.admin.wording import ago
from callbacks.models import Callback
from crm.models import Org


class Command(BaseCommand):
    help = "Pause the conversation with Salesforce, resume it, or say how it stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        pause = verbs.add_parser("pause", help="nothing leaves any more; callbacks still come in")
        pause.add_argument("--reason", required=True, help="shown to staff")
        resume = verbs.add_parser("resume", help="at once, or at a rate")
        resume.add_argument("--per-minute", type=int, help="callbacks a minute, until all are out")
        verbs.add_parser("status", help="whether callbacks flow, and how many wait")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "pause":
            Org.pause(by=None, reason=options["reason"])
        elif verb == "resume":
            self._resume(options["per_minute"])
        self.stdout.write(_state())
        self.stdout.write(f"{Callback.objects.pending().count()} callbacks wait.")

    def _resume(self, per_minute: int | None) -> None:
        if per_minute is not None and per_minute < 1:
            raise CommandError("--per-minute must be at least 1; without it all go at once.")
        Org.resume(per_minute=per_minute)


def _state() -> str:
    org = Org.objects.current()
    now = timezone.now()
    if org.paused_at:
        by = str(org.paused_by or "the console")
        return f"Paused by {by} {ago(org.paused_at, now)}: {org.pause_reason}"
    if org.trouble_since:
        return f"In trouble since {ago(org.trouble_since, now)}: {org.trouble_reason} {org.trouble_next_step}"
    if org.drip_per_minute:
        return f"Callbacks go out, {org.drip_per_minute} a minute."
    return "Callbacks go out as they come."
