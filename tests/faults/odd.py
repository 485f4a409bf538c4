"""The program as a process that is odd in one way: its clock, its patience, a row it dies of.

`python -m tests.faults.odd --ahead 150 celery -A jtelbridge worker …` or `… manage.py sync_now`.
"""

import argparse
import os
import signal
import sys
from datetime import timedelta
from typing import Any

import django
import time_machine
from celery.__main__ import main as celery
from django.apps import apps
from django.core.management import execute_from_command_line

from crm import timing
from tests.processes import ROOT


def odd(**oddities: float | str) -> list[str]:
    """The beginning of a command; the command itself follows."""
    given = [f"--{name.replace('_', '-')}={value}" for name, value in oddities.items()]
    return [sys.executable, "-m", "tests.faults.odd", *given]


def main() -> None:
    given = arguments()
    if given.ahead:
        time_machine.travel(timedelta(seconds=given.ahead)).start()
    timing.CALL_SECONDS, timing.LEASE_SECONDS = given.call, given.lease
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jtelbridge.settings")
    sys.path.insert(0, str(ROOT))
    django.setup()
    if given.dies_of:
        make_deadly(given.dies_of)
    sys.argv = given.command
    celery() if given.command[0] == "celery" else execute_from_command_line(given.command)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ahead", type=float, default=0, help="seconds by which the clock errs")
    parser.add_argument("--call", type=float, default=timing.CALL_SECONDS)
    parser.add_argument("--lease", type=float, default=timing.LEASE_SECONDS)
    parser.add_argument("--dies-of", help="a caller, as sent, that kills whoever reads the facts")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    return parser.parse_args()


def make_deadly(caller: str) -> None:
    model: Any = apps.get_model("callbacks", "Callback")
    asked_at = model.asked_at.fget

    def deadly(callback: Any) -> Any:
        if callback.caller_text == caller:
            os.kill(os.getpid(), signal.SIGKILL)
        return asked_at(callback)

    model.asked_at = property(deadly)


if __name__ == "__main__":
    main()
