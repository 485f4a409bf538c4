"""Whether what a person enters for a route fits the org: by what we know of it, without waiting.

What does not fit by the last description is looked at once more, because the field or the object
may be new. While the org is away, or nothing is known of it, everything passes.
"""

import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.utils.translation import gettext

from callbacks.models import FieldMapping, FunctionRoute
from crm.client import get_client
from crm.errors import CrmError
from crm.mapping import MappingError, mapped_field
from crm.models import Org
from crm.recipes import is_owner_id, key_field_of, no_such_target, record_type_id
from crm.schema import UNKNOWN_OBJECT, last_known, renewed
from crm.values import is_id
from crm.wire import Description

LOOK_SECONDS = 5.0  # a person waits
REST_SECONDS = 10.0  # one form asks once, however many fields it has

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


_looked_at: dict[str, float] = {}


def _fresh(sobject: str) -> Description | None:
    """As the org describes it now; None if it was asked just now, or cannot be asked."""
    now = time.monotonic()
    if now - _looked_at.get(sobject, float("-inf")) < REST_SECONDS:
        return None
    _looked_at[sobject] = now
    if Org.objects.current().retry_at:
        return None
    try:
        return renewed(get_client(), sobject, deadline=LOOK_SECONDS)
    except CrmError as error:
        if error.code in UNKNOWN_OBJECT:
            raise no_such_target(sobject) from error
        return None
