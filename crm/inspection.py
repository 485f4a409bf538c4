"""Whether the org and our routes fit together: what `check_salesforce` shows."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext

from callbacks.models import FunctionRoute
from crm.client import FieldInfo, SalesforceClient, get_client
from crm.errors import CrmError
from crm.mapping import REQUESTED_AT_FIELD, MappingError, check_template
from crm.meanings import MEANINGS

KEY_LENGTH = 36  # of a UUID as text
DEFAULT_FIELDS = ("Subject", "Description", "Origin", "Priority", "SuppliedPhone")
DEFAULT_CHOICES = {"Origin": "Phone", "Priority": "Medium"}
DEPLOY = "Deploy the metadata in crm/salesforce and assign the permission set “Callback Sync”."


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    level: Level
    text: str
    next_step: str = ""


@dataclass(frozen=True)
class Constant:
    """A mapping without variables: the same text in every Case of its route."""

    origin: str
    field: str
    value: str


Fields = Mapping[str, FieldInfo]


def inspect_org() -> list[Finding]:
    """Sign in, look at everything once, and change nothing. About ten API calls."""
    try:
        client = get_client()
        signed_in = Finding(Level.OK, f"Signed in to {_whereabouts(client)}.")
    except CrmError as error:
        return [_finding_of(error)]
    routes = FunctionRoute.objects.filter(enabled=True).prefetch_related("mappings")
    parts: list[Callable[[], Iterable[Finding]]] = [
        lambda: _version(client),
        lambda: _case(client, routes),
        lambda: _daily_limit(client),
    ]
    return [signed_in, *(finding for part in parts for finding in _or_refusal(part))]


def _or_refusal(part: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(part())
    except CrmError as error:
        return [_finding_of(error)]


def _finding_of(error: CrmError) -> Finding:
    words = " ".join(error.detail.split())
    text = gettext(error.meaning.reason) + (f" ({error.code}: {words})" if words else "")
    return Finding(Level.ERROR, text, gettext(error.meaning.next_step))


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


def _case(client: SalesforceClient, routes: Iterable[FunctionRoute]) -> Iterator[Finding]:
    fields = client.describe("Case").fields
    yield from _key_field(fields)
    yield from _requested_at(fields)
    yield from _default_mapping(fields)
    constants = [constant for route in routes for constant in _constants(route)]
    for route in routes:
        yield from _route(route, fields)
    for constant in constants:
        yield from _choice(constant, fields)
    yield from _references(client, constants)


def _key_field(fields: Fields) -> Iterator[Finding]:
    name = settings.SALESFORCE_KEY_FIELD
    field = fields.get(name)
    if field is None or not field.createable:
        yield Finding(Level.ERROR, f"{name}: {_reason('KEY_FIELD_MISSING')}", DEPLOY)
    elif not (field.unique and field.external_id):
        yield Finding(Level.ERROR, f"{name}: {_reason('KEY_FIELD_NOT_UNIQUE')}", DEPLOY)
    elif field.length < KEY_LENGTH:
        text = f"{name} holds {field.length} characters; a key has {KEY_LENGTH}."
        yield Finding(Level.ERROR, text, DEPLOY)
    else:
        yield Finding(Level.OK, f"{name} is unique, an external id, and ours to fill.")


def _requested_at(fields: Fields) -> Iterator[Finding]:
    field = fields.get(REQUESTED_AT_FIELD)
    if field is None or not field.createable:
        text = f"{REQUESTED_AT_FIELD} is missing in the org, or hidden from our user."
        yield Finding(Level.ERROR, text, f"{DEPLOY} Or map it to nothing in every route.")
    elif field.type != "datetime":
        text = f"{REQUESTED_AT_FIELD} is of the type {field.type}, not Date/Time."
        yield Finding(Level.ERROR, text, DEPLOY)
    else:
        yield Finding(Level.OK, f"{REQUESTED_AT_FIELD} is ours to fill.")


def _default_mapping(fields: Fields) -> Iterator[Finding]:
    found = [
        finding for name in DEFAULT_FIELDS for finding in _fillable("Default Case", name, fields)
    ]
    for name, value in DEFAULT_CHOICES.items():
        found += _choice(Constant("Default Case", name, value), fields)
    yield from found or [Finding(Level.OK, "The fields of the default Case are ours to fill.")]


def _route(route: FunctionRoute, fields: Fields) -> Iterator[Finding]:
    found: list[Finding] = []
    for mapping in route.mappings.all():
        if mapping.template:
            found += _fillable(_origin(route), mapping.field, fields)
        try:
            check_template(mapping.template)
        except MappingError as error:
            text = f"{_origin(route)}, field {mapping.field}: {error.sentence}"
            found.append(Finding(Level.ERROR, text, "Correct the template in the admin."))
    yield from found or [Finding(Level.OK, f"{_origin(route)}: its fields are ours to fill.")]


def _origin(route: FunctionRoute) -> str:
    return f"Route “{route.name}”"


def _fillable(origin: str, name: str, fields: Fields) -> Iterator[Finding]:
    field = _field(name, fields)
    if field is None or not field.createable:
        why = "does not exist, or is hidden from our user" if field is None else "is read-only"
        next_step = "Correct the field mapping, or give our user access to the field."
        yield Finding(Level.ERROR, f"{origin}: {name} {why}.", next_step)


def _choice(constant: Constant, fields: Fields) -> Iterator[Finding]:
    """Salesforce stores unknown values of a picklist without a word, unless it is restricted."""
    field = _field(constant.field, fields)
    if field and field.picklist_values and constant.value not in field.picklist_values:
        level = Level.ERROR if field.restricted else Level.WARNING
        text = f"{constant.origin}: {field.name} has no value “{constant.value}”."
        yield Finding(level, text, f"Use one of: {', '.join(field.picklist_values)}.")


def _field(name: str, fields: Fields) -> FieldInfo | None:
    return fields.get(name) or next(
        (field for field in fields.values() if field.name.lower() == name.lower()), None
    )


def _constants(route: FunctionRoute) -> Iterator[Constant]:
    for mapping in route.mappings.all():
        if mapping.template and "{" not in mapping.template:
            yield Constant(_origin(route), mapping.field, mapping.template.strip())


# --- ids in routes: what they must name

_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")


@dataclass(frozen=True)
class Reference:
    field: str
    prefix: str  # of the ids, "" for any
    what: str
    soql: str


REFERENCES = (
    Reference("OwnerId", "005", "an active user", "SELECT Id FROM User WHERE IsActive = true"),
    Reference("OwnerId", "00G", "a queue", "SELECT Id FROM Group WHERE Type = 'Queue'"),
    Reference(
        "RecordTypeId",
        "012",
        "an active record type of Case",
        "SELECT Id FROM RecordType WHERE SobjectType = 'Case' AND IsActive = true",
    ),
)


def _references(client: SalesforceClient, constants: Iterable[Constant]) -> Iterator[Finding]:
    for constant in constants:
        if constant.field.lower() not in {"ownerid", "recordtypeid"}:
            continue
        reference = next((known for known in REFERENCES if _names(constant, known)), None)
        if reference is None:
            text = f"{constant.origin}: “{constant.value}” is no id for {constant.field}."
            yield Finding(Level.ERROR, text, "Copy the id from the address of its page.")
        else:
            yield _reference(client, constant, reference)


def _names(constant: Constant, reference: Reference) -> bool:
    return (
        constant.field.lower() == reference.field.lower()
        and constant.value.startswith(reference.prefix)
        and _ID.fullmatch(constant.value) is not None
    )


def _reference(client: SalesforceClient, constant: Constant, reference: Reference) -> Finding:
    # The id is letters and digits only: `_ID` has seen to that.
    found = client.query(f"{reference.soql} AND Id = '{constant.value}'")
    what = f"{constant.field} {constant.value}"
    if found:
        return Finding(Level.OK, f"{constant.origin}: {what} is {reference.what}.")
    text = f"{constant.origin}: {what} is not {reference.what} that our user can see."
    return Finding(Level.ERROR, text, "Correct the id in the route's field mapping.")


# --- the daily limit


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


def _reason(code: str) -> str:
    return gettext(MEANINGS[code].reason)
