"""What the demo finds in its database: people, a telephone system, and a few routes."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import transaction

from callbacks.models import AcdClient, FieldMapping, FunctionRoute, ServiceNumber
from callbacks.models.acd_client import digest
from jtelbridge.demo.files import read_private, write_private

ADMIN = "admin"
CLIENT = "Demo ACD"
HOTLINE = "498946134180"


@dataclass(frozen=True)
class Credentials:
    admin_password: str
    client_id: str
    client_secret: str


@transaction.atomic
def seed(state: Path) -> Credentials:
    kept = read_private(state)
    client, is_new = AcdClient.objects.get_or_create(name=CLIENT)
    if is_new:
        add_samples()
    credentials = Credentials(
        admin_password=kept.get("admin_password") or secrets.token_urlsafe(9),
        client_id=client.client_id,
        client_secret=valid_secret(client, kept.get("client_secret", "")),
    )
    let_in(credentials.admin_password)
    write_private(state, vars(credentials))
    return credentials


def valid_secret(client: AcdClient, kept: str) -> str:
    if kept and digest(kept) in client.secret_digests:
        return kept
    secret = client.new_secret()
    client.save()
    return secret


def let_in(password: str) -> None:
    """Hashing takes its time, so only if the password is another one than before."""
    admin, is_new = get_user_model().objects.get_or_create(
        username=ADMIN, defaults={"is_staff": True, "is_superuser": True}
    )
    if is_new or not admin.check_password(password):
        admin.set_password(password)
        admin.save()


def add_samples() -> None:
    """Once, so that what was changed or deleted in the admin stays so."""
    hotline, _ = ServiceNumber.objects.get_or_create(
        number=HOTLINE, defaults={"name": "Service Hotline"}
    )
    sales, _ = ServiceNumber.objects.get_or_create(
        number="498946134190", defaults={"name": "Sales"}
    )
    urgent = FunctionRoute.objects.create(
        name="Hotline, urgent", service_number=hotline, function="urgent"
    )
    offers = FunctionRoute.objects.create(name="Sales: offers", service_number=sales)
    for route, field, template in [
        (urgent, "Priority", "High"),
        (urgent, "Subject", "Urgent: please call {{ caller_number }}"),
        (offers, "Subject", "Offer wanted ({{ service_name }})"),
        (offers, "Priority", "Low"),
    ]:
        FieldMapping.objects.create(route=route, field=field, template=template)
