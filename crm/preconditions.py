"""What has to be true of the org before any create leaves: it is ours, and its key is unique.

With a unique key, sending again is safe; without it every retry could double a Case.
"""

from django.conf import settings

from crm import schema
from crm.client import SalesforceClient
from crm.errors import CrmMisconfigured
from crm.mapping import REQUESTED_AT_FIELD
from crm.models import Org
from crm.remembered import Remembered
from crm.schema import described
from crm.wire import Description


class Preconditions:
    """Looked up once per sign-in and hour."""

    def __init__(self) -> None:
        self._assured = Remembered(_looked_up)

    def assure(self, client: SalesforceClient) -> int:
        """The sign-in for which all is well, to be sent under.

        CrmMisconfigured if the org is another one, or its fields cannot keep the promise.
        """
        return self._assured.get(client)

    def forget(self) -> None:
        """Something was refused that does not fit what was looked up."""
        self._assured.forget()
        schema.forget()


def _looked_up(client: SalesforceClient, _name: str) -> int:
    check_org(client)
    generation, who = client.generation, client.identity()
    check_fields(client)
    Org.note_sign_in(user_id=who.user_id, instance_url=who.instance_url)
    return generation


def check_org(client: SalesforceClient) -> None:
    org_id = client.identity().org_id
    if not Org.pin(org_id):
        client.sign_out()  # the next look asks who answers by then, not who answered once
        raise CrmMisconfigured("ANOTHER_ORG", f"signed in to {org_id}")


def check_fields(client: SalesforceClient) -> None:
    try:
        check_described(described(client, "Case"))
    except CrmMisconfigured:
        schema.forget()  # a person mends it: the next look must see that
        raise


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
