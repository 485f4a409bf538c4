import signal
import sys
from typing import Any

from django.core.management import BaseCommand, CommandParser

from jtelbridge.demo.run import run


class Command(BaseCommand):
    help = "Start everything on this machine, with a simulated Salesforce org."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--org-port", type=int, default=8001)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run(options["port"], options["org_port"])
        except KeyboardInterrupt:  # before anything was started
            sys.exit(128 + signal.SIGINT)
