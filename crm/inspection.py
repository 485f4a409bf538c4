"""Whether the org and our routes fit together: what `check_salesforce` shows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial

from django.conf import settings
from django.utils.translation import gettext

from callbacks.models import Callback, FunctionRoute
from crm.canary import NO_KEY, look
from crm.client import SalesforceClient, get_client
from crm.draft import Target
from crm.drift import KEY_LENGTH
from crm.errors import CrmError, CrmUnavailable
from crm.finding_words import BY_KIND, FAULTS
from crm.keyed import with_keys
from crm.mapping import (
    DEFAULT_CHOICES,
    DEFAULT_TEXTS,
    REQUESTED_AT_FIELD,
    MappingError,
    fillable,
    mapped_field,
)
from crm.meanings import MEANINGS
from crm.models import Finding as Wrong
from crm.models import Org
from crm.phone_search import WANTED_FIELDS, parameters
from crm.recipes import Outlook, TargetMissingError, key_field_of, recipe_of, record_type_id
from crm.references import unknown_owners
from crm.reliance import Use, uses_of
from crm.schema import ask_queues
from crm.targets import targets
from crm.wire import Description

DEPLOY = "Deploy the metadata in crm/salesforce and assign the permission set “Callback Sync”."
ASSIGN = "Assign the permission set “Callback Sync”; until then Cases are made without the caller."
A_NUMBER = "493023125000"  # of those that are kept free for films: nobody has it
NEWEST_CASES = 5


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    level: Level
    text: str
    next_step: str = ""


Part = Callable[[], Iterable[Finding]]


def inspect_org() -> list[Finding]:
    """Sign in, look at everything once, and change nothing.

    About ten API calls, and up to four more for each route with a kind of record of its own.
    """
    try:
        client = get_client()
        signed_in = Finding(Level.OK, f"Signed in to {_whereabouts(client)}.")
    except CrmError as error:
        return [_finding_of(error)]
    found = (finding for part in _parts(client) for finding in _or_refusal(part))
    return list(dict.fromkeys([signed_in, *found]))  # what troubles several parts is told once


def _parts(client: SalesforceClient) -> Iterator[Part]:
    outlook = Outlook(cache(client.describe), cache(partial(ask_queues, client)))
    enabled = FunctionRoute.objects.filter(enabled=True).select_related("service_number")
    routes = list(enabled.prefetch_related("mappings"))
    yield partial(_version, client)
    yield partial(_case, client, outlook)
    yield partial(_pinned, client)
    for target, key_field in _further_keys(routes):
        yield partial(_further_key, client, outlook, target, key_field)
    for route in routes:
        if route.sends:
            yield partial(_route, client, outlook, route)
    for name in _searched(routes):
        yield partial(_search, client, name)
    yield partial(_own_cases, client)
    yield partial(_daily_limit, client)


def _or_refusal(part: Part) -> list[Finding]:
    try:
        return list(part())
    except CrmError as error:
        return [_finding_of(error)]


def _finding_of(error: CrmError) -> Finding:
    return Finding(Level.ERROR, _told(error), gettext(error.meaning.next_step))


def _told(error: CrmError) -> str:
    words = " ".join(error.detail.split())
    return gettext(error.meaning.reason) + (f" ({error.code}: {words})" if words else "")


# --- the org


def _whereabouts(client: SalesforceClient) -> str:
    who = client.identity()
    return f"org {who.org_id} at {who.instance_url} as user {who.user_id}"


def _version(client: SalesforceClient) -> Iterator[Finding]:
    wanted, offered = client.access.api_version, client.versions()
    if wanted in offered:
        yield Finding(Level.OK, f"The org offers API version {wanted}.")
    else:
        next_step = f"Set SALESFORCE_API_VERSION to {offered[-1]}." if offered else ""
        yield Finding(Level.ERROR, f"The org does not offer API version {wanted}.", next_step)


def _pinned(client: SalesforceClient) -> Iterator[Finding]:
    pinned, org_id = Org.objects.current().org_id, client.identity().org_id
    if not pinned:
        yield Finding(Level.OK, "No org is pinned yet: the first to which we send will be.")
    elif pinned == org_id:
        yield Finding(Level.OK, f"The pinned org is this one, {pinned}.")
    else:
        meaning = MEANINGS["ANOTHER_ORG"]
        text = f"{gettext(meaning.reason)} Pinned is {pinned}, and this is {org_id}."
        yield Finding(Level.ERROR, text, gettext(meaning.next_step))


def _daily_limit(client: SalesforceClient) -> Iterator[Finding]:
    """From the header of the answers so far: `/limits` needs a permission that we may not have."""
    usage = client.api_usage
    if usage is None:
        yield Finding(Level.WARNING, "The org does not say how many API calls are left.")
        return
    ours = int(usage.maximum * (1 - settings.SALESFORCE_API_RESERVE))
    text = f"{usage.used:,} of {usage.maximum:,} API calls used in 24 hours; we stop at {ours:,}."
    if usage.used < ours:
        yield Finding(Level.OK, text)
    else:
        next_step = "Find out who uses them up, or lower SALESFORCE_API_RESERVE."
        yield Finding(Level.ERROR, text, next_step)


# --- Cases


def _case(client: SalesforceClient, outlook: Outlook) -> Iterator[Finding]:
    case = outlook.describe("Case")
    found = [*_key_field(client, case, settings.SALESFORCE_KEY_FIELD), *_requested_at(case)]
    yield from found
    yield from _default_case(case)
    if all(finding.level is Level.OK for finding in found):
        look(client)
        yield Finding(Level.OK, "Salesforce takes Cases from our user: tried, and none was stored.")


def _key_field(
    client: SalesforceClient, description: Description, name: str, deploy: str = DEPLOY
) -> Iterator[Finding]:
    field, named = description.field(name), f"{description.name}.{name}"
    if field is None or not field.createable:
        yield Finding(Level.ERROR, f"{named}: {_reason('KEY_FIELD_MISSING')}", deploy)
    elif not (field.unique and field.external_id):
        yield Finding(Level.ERROR, f"{named}: {_reason('KEY_FIELD_NOT_UNIQUE')}", deploy)
    elif field.length < KEY_LENGTH:
        text = f"{named} holds {field.length} characters; a key has {KEY_LENGTH}."
        yield Finding(Level.ERROR, text, deploy)
    elif refusal := _query_refusal(client, description.name, field.name):
        text = f"{named} cannot be searched, so no record could be read back: {_told(refusal)}"
        yield Finding(Level.ERROR, text, deploy)
    else:
        text = f"{named} is unique, an external id, found by a query, and ours to fill."
        yield Finding(Level.OK, text)


def _query_refusal(client: SalesforceClient, sobject: str, key_field: str) -> CrmError | None:
    try:
        client.query(f"SELECT Id FROM {sobject} WHERE {key_field} = '{NO_KEY}'")  # noqa: S608 - described API names
    except CrmUnavailable:
        raise
    except CrmError as error:
        return error
    return None


def _requested_at(case: Description) -> Iterator[Finding]:
    field = case.field(REQUESTED_AT_FIELD)
    if field is None or not field.createable:
        text = f"{REQUESTED_AT_FIELD} is missing in the org, or our user may not fill it."
        yield Finding(Level.ERROR, text, DEPLOY)
    elif field.type != "datetime":
        text = f"{REQUESTED_AT_FIELD} is of the type {field.type}, not Date/Time."
        yield Finding(Level.ERROR, text, DEPLOY)
    else:
        yield Finding(Level.OK, f"{REQUESTED_AT_FIELD} is ours to fill.")


def _default_case(case: Description) -> Iterator[Finding]:
    found = [
        Finding(Level.ERROR, f"Default Case: {misfit}", "Give our user access to the field.")
        for name in DEFAULT_TEXTS
        if name != REQUESTED_AT_FIELD and (misfit := _misfit(partial(fillable, case, name)))
    ]
    found += [
        Finding(Level.WARNING, f"Default Case: {misfit}", "It stays empty unless a route fills it.")
        for name, value in DEFAULT_CHOICES.items()
        if (misfit := _misfit(partial(mapped_field, case, "", name, value)))
    ]
    yield from found or [Finding(Level.OK, "The fields of the default Case are ours to fill.")]


def _misfit(check: Callable[[], object]) -> MappingError | None:
    try:
        check()
    except MappingError as error:
        return error
    return None


def _own_cases(client: SalesforceClient) -> Iterator[Finding]:
    """Those of the pinned org only: another one has none of them."""
    org = Org.objects.current()
    if org.org_id != client.identity().org_id:
        return
    for target in targets():
        made = Callback.objects.filter(
            status="synced", case_gone="", case_object=target.sobject
        ).order_by("-synced_at")
        if org.confirmed_at:
            made = made.filter(synced_at__gte=org.confirmed_at)
        if keys := list(made.values_list("id", flat=True)[:NEWEST_CASES]):
            found = {record.key for record in with_keys(client, target, keys)}
            yield _seen(target, len(found), len(keys))


def _seen(target: Target, found: int, made: int) -> Finding:
    text = f"Of our newest {made} records of {target.sobject} our user sees {found}."
    if found == made:
        return Finding(Level.OK, text)
    level = Level.WARNING if found else Level.ERROR
    return Finding(level, text, gettext(BY_KIND[Wrong.Kind.INVISIBLE].next_step))


# --- routes


def _further_keys(routes: Iterable[FunctionRoute]) -> Iterable[tuple[str, str]]:
    usual = settings.SALESFORCE_KEY_FIELD
    named = {(route.target, route.key_field or usual) for route in routes if route.sends}
    return sorted(named - {("Case", usual)})


def _further_key(
    client: SalesforceClient, outlook: Outlook, target: str, key_field: str
) -> Iterator[Finding]:
    try:
        description = outlook.describe(target)
    except CrmUnavailable:
        raise
    except CrmError:
        return  # its routes tell
    next_step = "Add such a field (docs/setting-up-salesforce.md) and name it in the route."
    yield from _key_field(client, description, key_field, next_step)


def _route(client: SalesforceClient, outlook: Outlook, route: FunctionRoute) -> Iterator[Finding]:
    misfits = _misfits(outlook, route)
    for misfit in misfits:
        text = f"{_origin(route)}, {misfit}"
        yield Finding(Level.ERROR, text, gettext(MEANINGS[misfit.code].next_step))
    if any(isinstance(misfit, TargetMissingError) for misfit in misfits):
        return
    if not misfits:
        yield Finding(Level.OK, f"{_origin(route)}: what it makes fits {route.target}.")
    yield from _owner(client, route)


def _misfits(outlook: Outlook, route: FunctionRoute) -> list[MappingError]:
    """Each once, where they can be told apart, else the first."""
    first = _misfit(partial(recipe_of, route, outlook))
    if first is None or isinstance(first, TargetMissingError):
        return [first] if first else []
    checks = _checks(route, outlook.describe(route.target))
    return [misfit for check in checks if (misfit := _misfit(check))] or [first]


def _checks(route: FunctionRoute, description: Description) -> Iterator[Callable[[], object]]:
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
            text = f"{_origin(route)}, OwnerId: {gettext(words.sentence) % {'value': owner}}"
            yield Finding(Level.ERROR, text, gettext(words.next_step))
        else:
            yield Finding(Level.OK, f"{_origin(route)}: the owner {owner} is known.")


def _names_owner(use: Use) -> bool:
    return use.field.lower() == "ownerid" and bool(use.value)


def _origin(route: FunctionRoute) -> str:
    return f"Route “{route.name}”"


# --- who is calling


def _searched(routes: Iterable[FunctionRoute]) -> list[str]:
    named = ", ".join(route.find_caller_in for route in routes)
    return [name for name in WANTED_FIELDS if name in named]


def _search(client: SalesforceClient, name: str) -> Iterator[Finding]:
    try:
        client.search(parameters([A_NUMBER], {name: WANTED_FIELDS[name]}))
    except CrmUnavailable:
        raise
    except CrmError as error:
        text = f"Finding callers: {name} cannot be searched by our user. {_told(error)}"
        yield Finding(Level.WARNING, text, ASSIGN)
    else:
        yield Finding(Level.OK, f"Finding callers: {name} can be searched.")


def _reason(code: str) -> str:
    return gettext(MEANINGS[code].reason)
