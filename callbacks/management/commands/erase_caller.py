from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from callbacks.phone import mask, to_e164
from callbacks.retention import Erasure, erase_caller

NEXT_STEPS = {
    "pending": "waits for Salesforce: run this again once it is settled",
    "held": "no route applies: release or dismiss it in the admin, then run this again",
    "failed": "Salesforce refused it: requeue or dismiss it in the admin, then run this again",
}


class Command(BaseCommand):
    help = (
        "Erase the personal data of a caller now. Callbacks that are not finished keep theirs, are"
        " listed, and end this with status 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="in any way of writing it: '+49 171 6547539'")

    def handle(self, *args: Any, **options: Any) -> None:
        number = to_e164(options["number"], settings.JTEL_DEFAULT_REGION)
        if not number:
            raise CommandError(f"{options['number']!r} is no full telephone number.")
        erasure = erase_caller(number)
        self._print(number, erasure)
        if left := len(erasure.unfinished) + erasure.elsewhere_unfinished:
            raise CommandError(f"Not finished, so not erased: {left}. The lines above say why.")
        self.stdout.write(self.style.SUCCESS("Nothing of this caller is left here."))

    def _print(self, number: str, erasure: Erasure) -> None:
        self.stdout.write(
            f"Erased of {mask(number)}: callbacks {erasure.callbacks}, rejected requests"
            f" {erasure.rejected}, requests stored for Salesforce {erasure.elsewhere}."
        )
        if erasure.case_numbers:
            cases = ", ".join(erasure.case_numbers)
            self.stdout.write(f"Salesforce keeps its Cases; erase there as well: {cases}")
        for callback in erasure.unfinished:
            self.stdout.write(f"Callback {callback.id}: {NEXT_STEPS[callback.status]}.")
        if count := erasure.elsewhere_unfinished:
            self.stdout.write(
                f"Requests stored for Salesforce: {count} not delivered; see “Stored requests” in"
                " the admin, then run this again."
            )
