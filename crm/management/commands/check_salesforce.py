from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.inspection import Finding, Level, inspect_org
from crm.usage import purpose


class Command(BaseCommand):
    help = "Sign in to Salesforce and say what is right, what is wrong, and what to do about it."

    @purpose("check")
    def handle(self, *args: Any, **options: Any) -> None:
        findings = inspect_org()
        for finding in findings:
            self.stdout.write(self._line(finding))
        errors = sum(finding.level is Level.ERROR for finding in findings)
        if errors:
            raise CommandError(f"{errors} of {len(findings)} findings keep Cases from Salesforce.")

    def _line(self, finding: Finding) -> str:
        styles = {
            Level.OK: self.style.SUCCESS,
            Level.WARNING: self.style.WARNING,
            Level.ERROR: self.style.ERROR,
        }
        line = f"{styles[finding.level](f'{finding.level:<7}')} {finding.text}"
        return f"{line} {finding.next_step}".rstrip()
