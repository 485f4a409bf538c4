from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from callbacks.configuration import document


class Command(BaseCommand):
    help = "Write service numbers and routes as YAML. Clients and secrets are not in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, metavar="FILE", help="instead of the console")

    def handle(self, *args: Any, **options: Any) -> None:
        text = written(document())
        if options["output"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            options["output"].write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}") from error


class Readable(yaml.SafeDumper):
    """Texts of several lines as such."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


Readable.add_representer(str, _text)


def written(content: object) -> str:
    return yaml.dump(content, Dumper=Readable, allow_unicode=True, sort_keys=False, width=100)
