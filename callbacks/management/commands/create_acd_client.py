from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from callbacks.models import AcdClient


class Command(BaseCommand):
    help = "Make an ACD client and print its id and secret. The secret is shown only now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--kind", choices=AcdClient.Kind.values, default=AcdClient.Kind.ACD)

    def handle(self, *args: Any, **options: Any) -> None:
        if AcdClient.objects.filter(name=options["name"]).exists():
            raise CommandError(f"There is a client called {options['name']!r} already.")
        client = AcdClient(name=options["name"], kind=options["kind"])
        secret = client.new_secret()
        client.save()
        self.stdout.write(f"client id: {client.client_id}\nsecret:    {secret}")
