from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from callbacks.configuration import document
from callbacks.configuration.files import as_yaml


class Command(BaseCommand):
    help = "Write service numbers and routes as YAML. Clients and secrets are not in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, metavar="FILE", help="instead of the console")

    def handle(self, *args: Any, **options: Any) -> None:
        text = as_yaml(document())
        if options["output"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            options["output"].write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}") from error
