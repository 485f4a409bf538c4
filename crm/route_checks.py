"""Whether what a person enters for a route fits the org: by what we know of it, without waiting.

What does not fit by the last description is looked at once more, because the field or the object
may be new. While the org is away, or nothing is known of it, everything passes.
"""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.utils.translation import gettext

from callbacks.models import FieldMapping, FunctionRoute
from crm.errors import CrmError
from crm.looking import look
from crm.mapping import MappingError, mapped_field
from crm.recipes import is_owner_id, key_field_of, no_such_target, record_type_id
from crm.schema import last_known
from crm.values import is_id
from crm.wire import Description

Check = Callable[[Description], object]


def check_mapping(mapping: FieldMapping) -> None:
    """MappingError if the field or its template does not fit."""
    key_field = mapping.route.key_field or settings.SALESFORCE_KEY_FIELD
    check = partial(
        mapped_field, key_field=key_field, name=mapping.field, template=mapping.template
    )
    _check(mapping.route.target, check)


def check_route(route: FunctionRoute) -> dict[str, str]:
    """What does not fit, by field of the route."""
    checks: dict[str, Check] = {"key_field": partial(key_field_of, route)}
    if route.record_type:
        checks["record_type"] = partial(record_type_id, route.record_type)
    wrong = {"owner": why} if (why := _wrong_owner(route.owner)) else {}
    for field, check in checks.items():
        try:
            _check(route.target, check)
        except MappingError as error:
            wrong[field if error.field else "target"] = error.sentence
    return wrong


def _wrong_owner(owner: str) -> str:
    """Queues are not described; an id of something else is."""
    if is_id(owner) and not is_owner_id(owner):
        return gettext("This is neither the id of a queue nor that of a user.")
    return ""


def _check(sobject: str, check: Check) -> None:
    known = last_known(sobject)
    try:
        if known:
            check(known)
            return
    except MappingError:
        if (fresh := _fresh(sobject)) is None:
            raise
    else:
        fresh = _fresh(sobject)
    if fresh:
        check(fresh)


def _fresh(sobject: str) -> Description | None:
    try:
        return look(sobject)
    except CrmError as error:
        raise no_such_target(sobject) from error
