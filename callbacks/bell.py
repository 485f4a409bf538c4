"""The wake-up: a request sets an event, a thread of its own rings the broker.

A broker that refuses costs half a second a message, one that accepts and never answers far more;
here both cost nothing but the wake-up. beat sweeps anyway, so a bell that is lost is only late.
"""

import os
import threading
from typing import Any

import structlog
from celery import current_app

log = structlog.get_logger()

QUIET_SECONDS = 0.5  # rings in between are one: also what keeps single callbacks from one call each
EXPIRES_SECONDS = 300  # by clocks that differ; a stale bell costs a few index probes
AFTER_FAILURE_SECONDS = 5.0


class Bell:
    """Of one task, by its name: the web process has no use for what the task works with."""

    def __init__(self, task: str) -> None:
        self._task = task
        self._rung = threading.Event()
        self._starting = threading.Lock()
        self._ringer_of = 0  # process id: a fork inherits no threads

    def ring(self, **_: Any) -> None:
        """Return at once, whatever the broker does."""
        self._rung.set()
        if self._ringer_of != os.getpid():
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._ringer_of != os.getpid():
                threading.Thread(target=self._forward, name="bell", daemon=True).start()
                self._ringer_of = os.getpid()

    def _forward(self) -> None:
        pause = threading.Event()
        while True:
            self._rung.wait()
            self._rung.clear()
            pause.wait(QUIET_SECONDS if self._send() else AFTER_FAILURE_SECONDS)

    def _send(self) -> bool:
        try:
            current_app.send_task(self._task, expires=EXPIRES_SECONDS, retry=False)
        except Exception as error:  # noqa: BLE001 - whatever a broker's client throws
            log.warning("bell not rung; the sweep will come", error=type(error).__name__)
            return False
        return True
