import random
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from callbacks.models import Callback
from crm import sync
from crm.client import get_client
from crm.models import Org

SECONDS = 600.0


class Command(BaseCommand):
    help = "Bring everything that is due to Salesforce now, without a worker."

    def handle(self, *args: Any, **options: Any) -> None:
        until = time.monotonic() + SECONDS
        waiting = Callback.objects.due().count()
        self.stdout.write(f"{waiting} callbacks are due.")
        sent = 0
        while waiting := Callback.objects.due().count():
            now = sync.push_due(
                get_client(), until=min(until, time.monotonic() + 5), chance=random.random
            )
            sent += now
            if not now or time.monotonic() > until:
                break
            self._tell(sent, waiting)
        org = Org.objects.current()
        if org.trouble_code:
            raise CommandError(f"{org.trouble_reason} {org.trouble_next_step}")
        self.stdout.write(f"Sent {sent}, {Callback.objects.due().count()} still due.")

    def _tell(self, sent: int, waiting: int) -> None:
        end = "\r" if sys.stdout.isatty() else "\n"
        self.stdout.write(f"{sent} sent, about {waiting} to go", ending=end)
