"""Whether what our routes make fits the org, and whether callers can be found there."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from django.conf import settings
from django.utils.translation import gettext_noop as _

from callbacks.models import FunctionRoute
from crm.client import SalesforceClient
from crm.errors import CrmError, CrmUnavailable
from crm.finding_words import FAULTS
from crm.inspected import Finding, Level, later, said, told
from crm.mapping import MappingError, mapped_field
from crm.meanings import MEANINGS
from crm.phone_search import WANTED_FIELDS, parameters
from crm.recipes import Outlook, TargetMissingError, key_field_of, recipe_of, record_type_id
from crm.references import unknown_owners
from crm.reliance import Use, uses_of
from crm.wire import Description

ASSIGN = _(
    "Assign the permission set “Callback Sync”; until then Cases are made without the caller."
)
A_NUMBER = "493023125000"  # of those that are kept free for films: nobody has it

Check = Callable[[], object]  # raises a MappingError for what does not fit; asks nobody


def misfit(check: Check) -> MappingError | None:
    try:
        check()
    except MappingError as error:
        return error
    return None


def words_of(check: Check) -> str:
    """What does not fit, in the language of whoever reads."""
    return later(lambda: str(misfit(check) or ""))


def further_keys(routes: Iterable[FunctionRoute]) -> Iterable[tuple[str, str]]:
    """Kinds of records, with their key fields, that are not the usual one of Case."""
    usual = settings.SALESFORCE_KEY_FIELD
    named = {(route.target, route.key_field or usual) for route in routes if route.sends}
    return sorted(named - {("Case", usual)})


def look_at(client: SalesforceClient, outlook: Outlook, route: FunctionRoute) -> Iterator[Finding]:
    checks = _misfitting(outlook, route)
    for check, error in checks:
        text = said(_("Route “%(route)s”, %(misfit)s"), route=route.name, misfit=words_of(check))
        yield Finding(Level.ERROR, text, said(MEANINGS[error.code].next_step))
    if any(isinstance(error, TargetMissingError) for _check, error in checks):
        return
    if not checks:
        text = said(
            _("Route “%(route)s”: what it makes fits %(object)s."),
            route=route.name,
            object=route.target,
        )
        yield Finding(Level.OK, text)
    yield from _owner(client, route)


def _misfitting(outlook: Outlook, route: FunctionRoute) -> list[tuple[Check, MappingError]]:
    """Each once, where they can be told apart, else the first."""
    whole: Check = partial(recipe_of, route, outlook)
    first = misfit(whole)
    if first is None:
        return []
    if isinstance(first, TargetMissingError):
        return [(whole, first)]
    checks = _checks(route, outlook.describe(route.target))
    found = [(check, error) for check in checks if (error := misfit(check))]
    return found or [(whole, first)]


def _checks(route: FunctionRoute, description: Description) -> Iterator[Check]:
    key_field = route.key_field or settings.SALESFORCE_KEY_FIELD
    yield partial(key_field_of, route, description)
    for mapping in route.mappings.all():
        yield partial(mapped_field, description, key_field, mapping.field, mapping.template)
    if route.record_type:
        yield partial(record_type_id, route.record_type, description)


def _owner(client: SalesforceClient, route: FunctionRoute) -> Iterator[Finding]:
    """Ids fit their field whomever they name, so the org is asked."""
    owners = {use.value for use in uses_of(route) if _names_owner(use)}
    unknown = unknown_owners(client, owners) if owners else set()
    for owner in sorted(owners):
        if owner in unknown:
            words = FAULTS["owner"]
            fault = said(words.sentence, value=owner)
            named = later(partial("OwnerId: {}".format, fault))
            text = said(_("Route “%(route)s”, %(misfit)s"), route=route.name, misfit=named)
            yield Finding(Level.ERROR, text, said(words.next_step))
        else:
            text = said(
                _("Route “%(route)s”: the owner %(owner)s is known."), route=route.name, owner=owner
            )
            yield Finding(Level.OK, text)


def _names_owner(use: Use) -> bool:
    return use.field.lower() == "ownerid" and bool(use.value)


# --- who is calling


def searched(routes: Iterable[FunctionRoute]) -> list[str]:
    """Among which objects callers are looked for."""
    named = ", ".join(route.find_caller_in for route in routes)
    return [name for name in WANTED_FIELDS if name in named]


def search(client: SalesforceClient, name: str) -> Iterator[Finding]:
    try:
        client.search(parameters([A_NUMBER], {name: WANTED_FIELDS[name]}))
    except CrmUnavailable:
        raise
    except CrmError as error:
        text = said(
            _("Finding callers: %(object)s cannot be searched by our user. %(reason)s"),
            object=name,
            reason=told(error),
        )
        yield Finding(Level.WARNING, text, said(ASSIGN))
    else:
        text = said(_("Finding callers: %(object)s can be searched."), object=name)
        yield Finding(Level.OK, text)
