import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from callbacks.configuration import RefusedError, Step, carry_out, steps


class Command(BaseCommand):
    help = (
        "Read service numbers and routes as export_config writes them, say what changes, and make"
        " it so: all of it or nothing. Records that the file does not name are kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="- for standard input")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")
        parser.add_argument(
            "--prune", action="store_true", help="remove what the file does not name"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            planned = steps(_read(options["file"]), prune=options["prune"])
        except RefusedError as error:
            raise CommandError(f"{options['file']}: {error} Nothing was changed.") from error
        self._tell(planned)
        if options["dry_run"]:
            self.stdout.write("Nothing was changed: --dry-run.")
        else:
            carry_out(planned)

    def _tell(self, planned: list[Step]) -> None:
        for step in planned:
            if step.verb != "unchanged":
                details = f": {'; '.join(step.details)}" if step.details else ""
                self.stdout.write(f"{step.verb:<9} {step.what}{details}")
        counted = Counter(step.verb for step in planned)
        self.stdout.write(", ".join(f"{counted[verb]} {verb}" for verb in sorted(counted)))


def _read(name: str) -> object:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return yaml.safe_load(text)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{name}: is not UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, character {mark.column + 1}" if mark else "no YAML"
        raise CommandError(f"{name}: {where}: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise CommandError(f"{name}: {error}.") from error
