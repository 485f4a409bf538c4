"""The demo's processes side by side: when one stops, all stop."""

import signal
import sys
import threading
from collections.abc import Callable

from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message, Printer

from jtelbridge.demo import leftovers
from jtelbridge.demo.plan import Plan


class CalmPrinter(Printer):  # type: ignore[misc]
    """Prefixes what the processes say, without their comings and goings."""

    def __init__(self, first: Callable[[], None]) -> None:
        super().__init__(sys.stdout)
        self.first: Callable[[], None] | None = first

    def write(self, message: Message) -> None:
        if self.first:  # comes when all were started, so that no thread is there when they fork
            self.first()
            self.first = None
        if message.name != SYSTEM_PRINTER_NAME:
            super().write(message)


class Fleet:
    def __init__(self, plan: Plan, when_ready: Callable[[], bool]) -> None:
        self.plan = plan
        self.when_ready = when_ready
        self.manager = Manager(CalmPrinter(self.watch))
        self.failed = ""
        for name, command in plan.commands.items():
            self.manager.add_process(name, command, env=plan.environment, cwd=str(plan.root))

    def run(self) -> str:
        """Until somebody or something stops it; what failed, or nothing."""
        # A closed terminal ends it as kindly as Ctrl-C does.
        if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
            signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
        try:
            self.manager.loop()
        finally:
            leftovers.end(self.plan.mark)
        asked = self.manager.returncode in {128 + signal.SIGINT, 128 + signal.SIGTERM}
        return self.failed or ("" if asked else "one of its processes stopped")

    def watch(self) -> None:
        threading.Thread(target=self.announce, daemon=True).start()

    def announce(self) -> None:
        if not self.when_ready():
            self.failed = "not everything answered in time"
            signal.raise_signal(signal.SIGTERM)
