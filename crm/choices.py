"""What the org lets a route name: its fields with their lists, its queues, its record types.

By what was described last, so that a form opens at once and while the org is away. What is older
than an hour, or asked for again, is described anew first if that can be done shortly.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import pgettext_lazy as _

from callbacks.choices import Choice, Choices
from callbacks.models import FunctionRoute
from crm.errors import CrmError
from crm.looking import is_away, look, look_at_queues
from crm.mapping import NOT_FOR_TEMPLATES
from crm.models import ObjectDescription, Queue
from crm.remembered import FRESH_SECONDS
from crm.variables import variables
from crm.wire import Description, FieldInfo, stored_description

KINDS = {
    "string": _("kind of field", "text"),
    "textarea": _("kind of field", "long text"),
    "picklist": _("kind of field", "list"),
    "multipicklist": _("kind of field", "list, several"),
    "reference": _("kind of field", "link to %(object)s"),
    "boolean": _("kind of field", "yes or no"),
    "double": _("kind of field", "number"),
    "int": _("kind of field", "whole number"),
    "currency": _("kind of field", "amount"),
    "percent": _("kind of field", "per cent"),
    "date": _("kind of field", "date"),
    "datetime": _("kind of field", "date and time"),
    "phone": _("kind of field", "telephone number"),
    "email": _("kind of field", "e-mail address"),
    "url": _("kind of field", "web address"),
}


def choices_for(target: str, action: str, *, again: bool) -> Choices:
    _renew(target, again=again)
    row = ObjectDescription.objects.filter(name__iexact=target).first()
    known = stored_description(row.description) if row else None
    return Choices(
        targets=_targets(),
        fields=list(_fields(known, action)) if known else (),
        key_fields=list(_key_fields(known)) if known else (),
        record_types=[Choice(name) for name in known.record_types] if known else (),
        owners=[Choice(queue.developer_name, queue.name) for queue in Queue.objects.all()],
        variables=list(variables()),
        known_at=row.described_at if row else None,
        is_away=is_away(target),
    )


def _renew(target: str, *, again: bool) -> None:
    since = timezone.now() - timedelta(seconds=FRESH_SECONDS)
    is_fresh = ObjectDescription.objects.filter(name__iexact=target, described_at__gt=since)
    if not again and is_fresh.exists() and Queue.objects.exists():
        return
    try:
        if look(target):
            look_at_queues()
    except CrmError:
        return  # no such object for our user: saving says so


def _targets() -> list[Choice]:
    """What was ever described; the org may have more, and any name may be typed."""
    rows = ObjectDescription.objects.values_list("name", "description__label")
    known = {name: Choice(name, label or "") for name, label in rows}
    named = FunctionRoute.objects.values_list("target", flat=True).distinct()
    return list(
        {"Case": Choice("Case"), **{name: Choice(name) for name in named}, **known}.values()
    )


def _fields(known: Description, action: str) -> Iterator[Choice]:
    """Those that a template may fill, the ones first that a record has to have."""
    is_update = action == FunctionRoute.Action.UPDATE
    for field in sorted(known.fields.values(), key=lambda each: (_rank(each), each.label.lower())):
        is_ours = (
            field.name.lower() in NOT_FOR_TEMPLATES or field.name == settings.SALESFORCE_KEY_FIELD
        )
        if (field.updateable if is_update else field.createable) and not is_ours:
            yield Choice(
                field.name, field.label, _kind(field), _group(field), field.picklist_values
            )


def _rank(field: FieldInfo) -> int:
    if not field.nillable and not field.defaulted_on_create:
        return 0
    return 2 if field.name.endswith("__c") else 1


def _group(field: FieldInfo) -> str:
    return (gettext("Required"), gettext("Fields of Salesforce"), gettext("Own fields of the org"))[
        _rank(field)
    ]


def _kind(field: FieldInfo) -> str:
    words = str(KINDS.get(field.type, field.type)) % {"object": ", ".join(field.reference_to)}
    if field.type in {"picklist", "multipicklist", "reference", "boolean"} or not field.length:
        return words
    return f"{words}, {number_format(field.length)}"


def _key_fields(known: Description) -> Iterator[Choice]:
    for field in known.fields.values():
        if field.unique and field.external_id and field.createable:
            yield Choice(field.name, field.label)
