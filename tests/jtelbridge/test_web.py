"""The web server's workers are forked: what was loaded before may hold nothing that cannot be shared."""

import subprocess
import sys

LOADED = """
import threading
import jtelbridge.web
from django.db import connections
print(threading.active_count(), any(c.connection for c in connections.all(initialized_only=True)))
"""
WITHOUT_SCREENS = """
import sys
import django
from jtelbridge.celery import app
app.loader.import_default_modules()
django.setup()
print([name for name in sys.modules if ".admin." in name and name.startswith(("call", "crm"))])
"""


def said_by(program: str, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", **settings},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def test_before_the_workers_are_forked_there_is_neither_thread_nor_connection() -> None:
    assert said_by(LOADED) == "1 False"


def test_a_worker_holds_no_screens_of_the_back_office() -> None:
    assert said_by(WITHOUT_SCREENS) == "[]"


def test_half_of_the_threads_may_wait_for_salesforce() -> None:
    told = (
        "import os, jtelbridge.web; from django.conf import settings;"
        "print(os.environ['GRANIAN_BLOCKING_THREADS'], settings.LIVE_CALLS_AT_ONCE)"
    )
    assert said_by(told) == "2 1"
    assert said_by(told, WEB_THREADS="9") == "9 4"
