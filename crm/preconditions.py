"""What has to be true of the org before any create leaves: it is ours, and its key is unique.

With a unique key, sending again is safe; without it every retry could double a Case.
"""

import threading
import time

from django.conf import settings

from crm.client import SalesforceClient
from crm.errors import CrmMisconfigured
from crm.mapping import REQUESTED_AT_FIELD
from crm.models import Org
from crm.wire import Description

RECHECK_SECONDS = 3_600


class Preconditions:
    """Looked up once per sign-in and hour; one thread looks, the others wait for its answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._assured: tuple[int, float] | None = None  # generation of the sign-in, and when

    def assure(self, client: SalesforceClient) -> int:
        """The sign-in for which all is well, to be sent under.

        CrmMisconfigured if the org is another one, or its fields cannot keep the promise.
        """
        with self._lock:
            if self._assured is None or not self._is_fresh(client):
                check_org(client)
                generation = client.generation
                check_fields(client)
                self._assured = (generation, time.monotonic())
            return self._assured[0]

    def forget(self) -> None:
        self._assured = None

    def _is_fresh(self, client: SalesforceClient) -> bool:
        if self._assured is None:
            return False
        generation, assured_at = self._assured
        return generation == client.generation and time.monotonic() - assured_at < RECHECK_SECONDS


def check_org(client: SalesforceClient) -> None:
    org_id = client.identity().org_id
    if not Org.pin(org_id):
        raise CrmMisconfigured("ANOTHER_ORG", f"signed in to {org_id}")


def check_fields(client: SalesforceClient) -> None:
    check_described(client.describe("Case"))


def check_described(case: Description) -> None:
    """CrmMisconfigured if a field that every Case of ours has cannot be filled, or its key not."""
    fields = case.fields
    requested_at = fields.get(REQUESTED_AT_FIELD)
    if requested_at is None or not requested_at.createable:
        raise CrmMisconfigured("FIELD_MISSING", REQUESTED_AT_FIELD)
    field = fields.get(settings.SALESFORCE_KEY_FIELD)
    if field is None or not field.createable:
        raise CrmMisconfigured("KEY_FIELD_MISSING", settings.SALESFORCE_KEY_FIELD)
    if not (field.unique and field.external_id):
        raise CrmMisconfigured("KEY_FIELD_NOT_UNIQUE", settings.SALESFORCE_KEY_FIELD)


preconditions = Preconditions()
