import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from callbacks.models import AcdClient


class Command(BaseCommand):
    help = "Make an ACD client and print its id and secret. The secret is shown only now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--kind", choices=AcdClient.Kind.values, default=AcdClient.Kind.ACD)
        parser.add_argument(
            "--user-name",
            default="",
            help="Also let it sign in by the old password flow, with a password that is made too.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if AcdClient.objects.filter(name=options["name"]).exists():
            raise CommandError(f"There is a client called {options['name']!r} already.")
        client = AcdClient(name=options["name"], kind=options["kind"])
        secret = client.new_secret()
        lines = [f"client id: {client.client_id}", f"secret:    {secret}"]
        if options["user_name"]:
            password = secrets.token_urlsafe(32)
            client.sign_in_name = options["user_name"]
            client.set_sign_in_password(password)
            lines += [f"user name: {client.sign_in_name}", f"password:  {password}"]
        client.save()
        self.stdout.write("\n".join(lines))
