"""Whether the org and our routes fit together: what `check_salesforce` and "Test now" show."""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.utils.translation import gettext_noop as _

from callbacks.models import Callback, FunctionRoute
from crm import route_inspection
from crm.canary import NO_KEY, look
from crm.client import SalesforceClient, get_client
from crm.drift import KEY_LENGTH
from crm.errors import CrmError, CrmUnavailable
from crm.finding_words import BY_KIND
from crm.inspected import Finding, Level, amount, finding_of, said, told
from crm.keyed import with_keys
from crm.mapping import (
    DEFAULT_CHOICES,
    DEFAULT_TEXTS,
    REQUESTED_AT_FIELD,
    fillable,
    mapped_field,
)
from crm.meanings import MEANINGS
from crm.models import Finding as Wrong
from crm.models import Org
from crm.recipes import Outlook
from crm.route_inspection import Check, misfit, words_of
from crm.schema import ask_queues
from crm.targets import by_object
from crm.wire import Description

__all__ = ["Finding", "Level", "inspect_org"]

DEPLOY = _("Deploy the metadata in crm/salesforce and assign the permission set “Callback Sync”.")
NEWEST_CASES = 5

Part = Callable[[], Iterable[Finding]]
P = ParamSpec("P")
T = TypeVar("T")


def inspect_org(*, until: float = float("inf")) -> list[Finding]:
    """Sign in, look at everything once, and change nothing; begin nothing after `until`.

    About ten API calls, and up to four more for each route with a kind of record of its own.
    `until` is on the monotonic clock.
    """
    try:
        client = get_client()
        signed_in = Finding(Level.OK, _whereabouts(client))
    except CrmError as error:
        return [finding_of(error)]
    found = (finding for part in _parts(client) for finding in _looked_at(part, until))
    return list(dict.fromkeys([signed_in, *found]))  # what troubles several parts is told once


def _parts(client: SalesforceClient) -> Iterator[Part]:
    outlook = Outlook(_once(client.describe), _once(partial(ask_queues, client)))
    enabled = FunctionRoute.objects.filter(enabled=True).select_related("service_number")
    routes = list(enabled.prefetch_related("mappings"))
    yield partial(_version, client)
    yield partial(_case, client, outlook)
    yield partial(_pinned, client)
    for target, key_field in route_inspection.further_keys(routes):
        yield partial(_further_key, client, outlook, target, key_field)
    for route in routes:
        if route.sends:
            yield partial(route_inspection.look_at, client, outlook, route)
    for name in route_inspection.searched(routes):
        yield partial(route_inspection.search, client, name)
    yield partial(_own_cases, client)
    yield partial(_daily_limit, client)


def _once(call: Callable[P, T]) -> Callable[P, T]:
    """Asked once, whatever comes of it: sentences look again each time they are read."""
    known: dict[object, T | CrmError] = {}

    def asked(*args: P.args, **options: P.kwargs) -> T:
        if args not in known:
            known[args] = _outcome(partial(call, *args, **options))
        outcome = known[args]
        if isinstance(outcome, CrmError):
            raise outcome.again()
        return outcome

    return asked


def _outcome(call: Callable[[], T]) -> T | CrmError:
    try:
        return call()
    except CrmError as error:
        return error


def _looked_at(part: Part, until: float) -> list[Finding]:
    if time.monotonic() > until:
        return [Finding(Level.WARNING, said(_("It took too long; not everything was looked at.")))]
    try:
        return list(part())
    except CrmError as error:
        return [finding_of(error)]


# --- the org


def _whereabouts(client: SalesforceClient) -> str:
    who = client.identity()
    return said(
        _("Signed in to org %(org)s at %(url)s as user %(user)s."),
        org=who.org_id,
        url=who.instance_url,
        user=who.user_id,
    )


def _version(client: SalesforceClient) -> Iterator[Finding]:
    wanted, offered = client.access.api_version, client.versions()
    if wanted in offered:
        yield Finding(Level.OK, said(_("The org offers API version %(version)s."), version=wanted))
        return
    yield Finding(
        Level.ERROR,
        said(_("The org does not offer API version %(version)s."), version=wanted),
        said(_("Set SALESFORCE_API_VERSION to %(version)s."), version=offered[-1])
        if offered
        else "",
    )


def _pinned(client: SalesforceClient) -> Iterator[Finding]:
    pinned, org_id = Org.objects.current().org_id, client.identity().org_id
    if not pinned:
        text = said(_("No org is pinned yet: the first to which we send will be."))
        yield Finding(Level.OK, text)
    elif pinned == org_id:
        yield Finding(Level.OK, said(_("The pinned org is this one, %(org)s."), org=pinned))
    else:
        meaning = MEANINGS["ANOTHER_ORG"]
        text = said(
            _("%(reason)s Pinned is %(pinned)s, and this is %(org)s."),
            reason=said(meaning.reason),
            pinned=pinned,
            org=org_id,
        )
        yield Finding(Level.ERROR, text, said(meaning.next_step))


def _daily_limit(client: SalesforceClient) -> Iterator[Finding]:
    """From the header of the answers so far: `/limits` needs a permission that we may not have."""
    usage = client.api_usage
    if usage is None:
        text = said(_("The org does not say how many API calls are left."))
        yield Finding(Level.WARNING, text)
        return
    ours = int(usage.maximum * (1 - settings.SALESFORCE_API_RESERVE))
    text = said(
        _("%(used)s of %(maximum)s API calls used in 24 hours; we stop at %(ours)s."),
        used=amount(usage.used),
        maximum=amount(usage.maximum),
        ours=amount(ours),
    )
    if usage.used < ours:
        yield Finding(Level.OK, text)
    else:
        next_step = said(_("Find out who uses them up, or lower SALESFORCE_API_RESERVE."))
        yield Finding(Level.ERROR, text, next_step)


# --- Cases


def _case(client: SalesforceClient, outlook: Outlook) -> Iterator[Finding]:
    case = outlook.describe("Case")
    found = [*_key_field(client, case, settings.SALESFORCE_KEY_FIELD), *_requested_at(case)]
    yield from found
    yield from _default_case(case)
    if all(finding.level is Level.OK for finding in found):
        look(client)
        text = said(_("Salesforce takes Cases from our user: tried, and none was stored."))
        yield Finding(Level.OK, text)


def _key_field(
    client: SalesforceClient, description: Description, name: str, deploy: str = DEPLOY
) -> Iterator[Finding]:
    if fault := _fault_of_key(client, description, name):
        yield Finding(Level.ERROR, fault, said(deploy))
        return
    fine = _("%(field)s is unique, an external id, found by a query, and ours to fill.")
    yield Finding(Level.OK, said(fine, field=f"{description.name}.{name}"))


def _fault_of_key(client: SalesforceClient, description: Description, name: str) -> str:
    field, named = description.field(name), f"{description.name}.{name}"
    reasoned = _("%(field)s: %(reason)s")
    if field is None or not field.createable:
        return said(reasoned, field=named, reason=_reason("KEY_FIELD_MISSING"))
    if not (field.unique and field.external_id):
        return said(reasoned, field=named, reason=_reason("KEY_FIELD_NOT_UNIQUE"))
    if field.length < KEY_LENGTH:
        short = _("%(field)s holds %(length)d characters; a key has %(wanted)d.")
        return said(short, field=named, length=field.length, wanted=KEY_LENGTH)
    if refusal := _query_refusal(client, description.name, field.name):
        lost = _("%(field)s cannot be searched, so no record could be read back: %(reason)s")
        return said(lost, field=named, reason=told(refusal))
    return ""


def _query_refusal(client: SalesforceClient, sobject: str, key_field: str) -> CrmError | None:
    try:
        client.query(f"SELECT Id FROM {sobject} WHERE {key_field} = '{NO_KEY}'")  # noqa: S608 - described API names
    except CrmUnavailable:
        raise
    except CrmError as error:
        return error
    return None


def _requested_at(case: Description) -> Iterator[Finding]:
    field, name = case.field(REQUESTED_AT_FIELD), REQUESTED_AT_FIELD
    if field is None or not field.createable:
        text = said(_("%(field)s is missing in the org, or our user may not fill it."), field=name)
        yield Finding(Level.ERROR, text, said(DEPLOY))
    elif field.type != "datetime":
        text = said(
            _("%(field)s is of the type %(type)s, not Date/Time."), field=name, type=field.type
        )
        yield Finding(Level.ERROR, text, said(DEPLOY))
    else:
        yield Finding(Level.OK, said(_("%(field)s is ours to fill."), field=name))


def _default_case(case: Description) -> Iterator[Finding]:
    texts = (name for name in DEFAULT_TEXTS if name != REQUESTED_AT_FIELD)
    found = [
        *_misfits(
            Level.ERROR,
            [partial(fillable, case, name) for name in texts],
            said(_("Give our user access to the field.")),
        ),
        *_misfits(
            Level.WARNING,
            [partial(mapped_field, case, "", *chosen) for chosen in DEFAULT_CHOICES.items()],
            said(_("It stays empty unless a route fills it.")),
        ),
    ]
    fine = Finding(Level.OK, said(_("The fields of the default Case are ours to fill.")))
    yield from found or [fine]


def _misfits(level: Level, checks: Iterable[Check], next_step: str) -> Iterator[Finding]:
    for check in checks:
        if misfit(check):
            text = said(_("Default Case: %(misfit)s"), misfit=words_of(check))
            yield Finding(level, text, next_step)


def _own_cases(client: SalesforceClient) -> Iterator[Finding]:
    """Those of the pinned org only: another one has none of them."""
    org = Org.objects.current()
    if org.org_id != client.identity().org_id:
        return
    for records in by_object():
        made = Callback.objects.filter(
            status="synced", case_gone="", case_object=records.sobject
        ).order_by("-synced_at")
        if org.confirmed_at:
            made = made.filter(synced_at__gte=org.confirmed_at)
        if keys := list(made.values_list("id", flat=True)[:NEWEST_CASES]):
            found = {
                record.key
                for target in records.targets
                for record in with_keys(client, target, keys)
            }
            yield _seen(records.sobject, len(found), len(keys))


def _seen(sobject: str, found: int, made: int) -> Finding:
    text = said(
        _("Of our newest %(made)d records of %(object)s our user sees %(found)d."),
        made=made,
        object=sobject,
        found=found,
    )
    if found == made:
        return Finding(Level.OK, text)
    level = Level.WARNING if found else Level.ERROR
    return Finding(level, text, said(BY_KIND[Wrong.Kind.INVISIBLE].next_step))


def _further_key(
    client: SalesforceClient, outlook: Outlook, target: str, key_field: str
) -> Iterator[Finding]:
    try:
        description = outlook.describe(target)
    except CrmUnavailable:
        raise
    except CrmError:
        return  # its routes tell
    deploy = _("Add such a field (docs/setting-up-salesforce.md) and name it in the route.")
    yield from _key_field(client, description, key_field, deploy)


def _reason(code: str) -> str:
    return said(MEANINGS[code].reason)
