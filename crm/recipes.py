"""From a route to its recipe: what it names is looked up in what the org describes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from django.conf import settings
from django.utils.translation import gettext

from callbacks.models import FunctionRoute
from crm.client import SalesforceClient
from crm.draft import Target
from crm.errors import CrmError
from crm.mapping import MappingError, NoSuchFieldError, Recipe, recipe, update_recipe
from crm.schema import (
    UNKNOWN_OBJECT,
    ask_queues,
    described,
    last_known,
    last_known_queues,
    queue_ids,
)
from crm.transport import left
from crm.values import KEY_PREFIXES, is_id
from crm.wire import Description

OWNER_PREFIXES = (KEY_PREFIXES["User"], KEY_PREFIXES["Group"])


class TargetMissingError(MappingError):
    """The route wants a kind of record that the org does not have, or hides from our user."""

    code = "TARGET_MISSING"


class TargetKeyFieldError(MappingError):
    """The kind of record has no field that keeps our key unique."""

    code = "TARGET_KEY_FIELD"


@dataclass(frozen=True)
class Outlook:
    """What is known of the org: its objects, and its queues by developer name in lower case.

    `queues` is None if they are not known.
    """

    describe: Callable[[str], Description]
    queues: Callable[[], Mapping[str, str] | None]

    @classmethod
    def asked(cls, client: SalesforceClient, *, max_age: float) -> Self:
        return cls(
            partial(described, client, max_age=max_age), partial(queue_ids, client, max_age=max_age)
        )

    @classmethod
    def fresh(cls, client: SalesforceClient, *, ends: float) -> Self:
        """Asked now, by so late on the monotonic clock, and nothing of it kept."""
        return cls(
            lambda sobject: client.describe(sobject, deadline=left(ends)),
            lambda: ask_queues(client, deadline=left(ends)),
        )

    @classmethod
    def remembered(cls) -> Self:
        """Without a call. TargetMissingError for what the org never described."""
        return cls(_last_known, last_known_queues)


def recipe_of(route: FunctionRoute, outlook: Outlook) -> tuple[Target, Recipe]:
    """MappingError for what is this route's trouble alone, CrmError for the org's."""
    description = _description(route.target, outlook)
    key_field = key_field_of(route, description)
    mappings = dict(route.templates)
    mapped = {field.lower() for field in mappings}
    target = Target(description.name, key_field, description.name_field)
    if route.action == FunctionRoute.Action.UPDATE:
        return target, update_recipe(description, key_field, mappings)
    if route.record_type and "recordtypeid" not in mapped:
        mappings["RecordTypeId"] = record_type_id(route.record_type, description)
    if route.owner and "ownerid" not in mapped:
        mappings["OwnerId"] = owner_id(route.owner, outlook)
    return target, recipe(description, key_field, mappings)


def record_type_id(named: str, description: Description) -> str:
    """By developer name in any case, or by an id of 15 or 18 characters."""
    for name, known in description.record_types.items():
        if named.lower() == name.lower() or (is_id(named) and named[:15] == known[:15]):
            return known
    why = gettext("“%(name)s” is no record type of %(object)s that our user may use.")
    raise NoSuchFieldError("RecordTypeId", why % {"name": named, "object": description.name})


def is_owner_id(named: str) -> bool:
    return is_id(named) and named.startswith(OWNER_PREFIXES)


def owner_id(named: str, outlook: Outlook) -> str:
    if is_owner_id(named):
        return named
    queues = outlook.queues()
    if queues is None:
        return ""  # not known now; the org would be asked
    if named.lower() in queues:
        return queues[named.lower()]
    why = gettext("“%(name)s” is no queue in Salesforce, and no id of a queue or user.")
    raise NoSuchFieldError("OwnerId", why % {"name": named})


def _description(sobject: str, outlook: Outlook) -> Description:
    try:
        return outlook.describe(sobject)
    except CrmError as error:
        if sobject.lower() == "case" or error.code not in UNKNOWN_OBJECT:
            raise
    raise no_such_target(sobject)


def _last_known(sobject: str) -> Description:
    if description := last_known(sobject):
        return description
    raise no_such_target(sobject)


def no_such_target(sobject: str) -> TargetMissingError:
    why = gettext("Salesforce has no object “%(object)s”, or hides it from our user.")
    return TargetMissingError("", why % {"object": sobject})


def key_field_of(route: FunctionRoute, description: Description) -> str:
    """TargetKeyFieldError unless it is unique, an external id and ours to fill.

    Of the usual one of Case the preconditions tell.
    """
    usual = settings.SALESFORCE_KEY_FIELD
    name = route.key_field or usual
    field = description.field(name)
    if description.name == "Case" and name == usual:
        return field.name if field else name
    if field and field.unique and field.external_id and field.createable:
        return field.name
    why = gettext("It must be a unique external id of %(object)s that our user may fill.")
    raise TargetKeyFieldError(name, why % {"object": description.name})
