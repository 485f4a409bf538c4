"""A comparison with the org, what it found, and a person who mends it."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from callbacks.models import Callback
from crm import repairs
from crm.client import SalesforceClient
from crm.findings import Repair
from crm.models import Finding, ReconciliationRun
from crm.reconcile import reconcile
from tests.callbacks.cast import a_callback
from tests.crm.conversation import a_case


def compare(client: SalesforceClient, **options: Any) -> ReconciliationRun:
    since = timezone.now() - timedelta(days=7)
    return reconcile(client, since=since, chance=lambda: 1.0, **options)


def found() -> list[tuple[str, str]]:
    """The open findings."""
    return sorted(Finding.objects.filter(mended_at=None).values_list("kind", "subject"))


def the_finding() -> Finding:
    return Finding.objects.get(mended_at=None)


def mend(client: SalesforceClient, how: repairs.Mend, by: User) -> Repair:
    return repairs.repair(how, client, the_finding(), by=by, now=timezone.now())


def lost_case(client: SalesforceClient) -> Callback:
    """Synced, but the org has never heard of it."""
    callback = a_case(client)
    return a_callback(
        status="synced",
        case_object="Case",
        case_id="500000000000001AAA",
        case_number="00000001",
        service_number=callback.service_number,
    )
