"""The ledger, the comparison with Salesforce, and who waits: on the console."""

import random
import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext

from callbacks import ledger, waiting
from callbacks.admin.wording import ago
from callbacks.models.callback import Status
from crm import finding_words, findings, reconcile
from crm.asking import PAUSED
from crm.client import get_client
from crm.errors import CrmError, meaning_of
from crm.models import Finding
from crm.news import MOST_SETTLED
from crm.usage import purpose

BAR_WIDTH = 40


class Command(BaseCommand):
    help = (
        "Print the ledger and who has waited longest, and compare callbacks with Salesforce by "
        "key. Ends with status 1 while findings are open."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=reconcile.DAYS, help="how far to look back")
        parser.add_argument(
            "--mend",
            action="store_true",
            help="settle all callbacks whose Case appeared, however many; needs --yes",
        )
        parser.add_argument("--yes", action="store_true", help="mend without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["mend"] and not options["yes"]:
            count = len(findings.unsettled_keys())
            raise CommandError(f"{count} callbacks would be settled. Add --yes to settle them.")
        lines = ledger.lines(timezone.now() - timedelta(days=options["days"]))
        self._print_ledger(lines)
        self._print_waiting()
        self._compare(lines, **options)
        self._print_findings()

    @purpose("reconcile")
    def _compare(self, lines: list[ledger.Line], *, days: int, mend: bool, **_: Any) -> None:
        progress = Progress(self, sum(line.by_status[Status.SYNCED] for line in lines))
        try:
            run = reconcile.reconcile(
                get_client(),
                since=timezone.now() - timedelta(days=days),
                chance=random.random,
                most_settled=sys.maxsize if mend else MOST_SETTLED,
                progress=progress,
            )
        except CrmError as error:
            raise CommandError(_said(error.code)) from None
        progress.end()
        if run.error_code:
            raise CommandError(_said(run.error_code))

    def _print_ledger(self, lines: list[ledger.Line]) -> None:
        head = ["day", "service number", "accepted", *map(str, Status), "erased"]
        rows = [
            [
                str(line.day),
                line.service_number or "-",
                str(line.accepted),
                *map(str, line.by_status.values()),
                str(line.erased),
            ]
            for line in lines
        ]
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        for row in [head, *rows]:
            named, figures = row[:2], row[2:]
            cells = [cell.ljust(width) for cell, width in zip(named, widths, strict=False)]
            cells += [cell.rjust(width) for cell, width in zip(figures, widths[2:], strict=True)]
            self.stdout.write("  ".join(cells).rstrip())

    def _print_waiting(self) -> None:
        now = timezone.now()
        for each in waiting.oldest_unserved():
            name = f"{each.name} ({each.service_number})" if each.name else each.service_number
            self.stdout.write(f"Longest wait for {name or '-'}: {ago(each.since, now)}")

    def _print_findings(self) -> None:
        still_open = Finding.objects.filter(mended_at=None).order_by("kind", "subject")
        for finding in still_open:
            label = self.style.ERROR(finding.get_kind_display())
            said = f"{finding_words.sentence(finding)} {finding_words.next_step(finding)}"
            self.stdout.write(f"{label}: {finding.subject}. {said}")
        if still_open:
            raise CommandError(f"{len(still_open)} findings are open.")
        self.stdout.write(self.style.SUCCESS("Callbacks and Salesforce agree."))


class Progress:
    """A bar on a terminal, now and then a line elsewhere."""

    def __init__(self, command: BaseCommand, total: int) -> None:
        self._write = command.stdout.write
        self._on_terminal = command.stdout.isatty()
        self._total, self._done = total, 0

    def __call__(self, records: int) -> None:
        self._done += records
        said = f"{self._done} records read, {self._total} callbacks to find"
        if self._on_terminal:
            filled = BAR_WIDTH * min(self._done, self._total) // max(1, self._total)
            self._write(f"\r[{'#' * filled:<{BAR_WIDTH}}] {said}", ending="")
        else:
            self._write(said)

    def end(self) -> None:
        if self._on_terminal and self._done:
            self._write("")


def _said(code: str) -> str:
    if code == PAUSED:
        return "Not compared: somebody has paused the conversation. Resume it first."
    meaning = meaning_of(code, "")
    return f"Not compared ({code}): {gettext(meaning.reason)} {gettext(meaning.next_step)}".strip()
