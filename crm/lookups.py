"""What a caller can be asked about by telephone: who that is, and which Case is open.

Both say what they found as it is: one, several or none. Nobody is guessed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import phonenumbers
from phonenumbers import PhoneNumberFormat

from callbacks.models.queue import Caller
from callbacks.parsers import storable
from crm.client import SalesforceClient
from crm.contacts import Wish, callers_of
from crm.errors import CrmUnavailable
from crm.numbers import ways_of
from crm.soql import listed, literal
from crm.transport import left
from crm.wire import well_formed

MOST = 10  # records that are told apart
CASE_NUMBER_DIGITS = 8
CASE_NUMBER = re.compile(r"[0-9]{1,8}")
CASE_FIELDS = (
    *("Id", "CaseNumber", "Status", "Subject", "Priority", "IsClosed", "CreatedDate"),
    *("ContactId", "Contact.Name", "AccountId"),
)


@dataclass(frozen=True)
class Record:
    """`fields` are Salesforce's, by its names; what is looked up through another is nested."""

    object: str
    id: str
    name: str
    url: str
    fields: Mapping[str, Any] = field(default_factory=dict)


Found = tuple[Record, ...]


@dataclass(frozen=True)
class CaseQuestion:
    """Whose open Case, or which. `own` are ids of Cases that we made for the number."""

    number: str
    objects: tuple[str, ...]
    own: tuple[str, ...] = ()
    case_number: str = ""


def find_caller(
    client: SalesforceClient, number: str, objects: tuple[str, ...], seconds: float
) -> Found:
    """Who has the number, in the first of the objects where somebody has it. CrmError."""
    ends = monotonic() + seconds
    caller = _caller(client, number, objects, seconds)
    if caller.is_uncertain and not caller.candidates:
        raise CrmUnavailable("NO_ANSWER", "the search brought no answer")
    return tuple(_at(client, record, ends) for record in _records(caller))


def find_cases(client: SalesforceClient, question: CaseQuestion, seconds: float) -> Found:
    """The Case with the number that was asked for, else the open ones, newest first. CrmError."""
    ends = monotonic() + seconds
    wanted = _by_number(question) or _open_of_caller(client, question, ends)
    if not wanted:
        return ()
    newest = f"ORDER BY CreatedDate DESC, Id DESC LIMIT {MOST}"
    soql = f"SELECT {', '.join(CASE_FIELDS)} FROM Case WHERE {wanted} {newest}"  # noqa: S608 - literals
    raw = client.query(soql, deadline=left(ends))
    with well_formed():
        cases = [_case(fields) for fields in raw]
    return tuple(_at(client, case, ends) for case in cases)


def case_number_in(text: str) -> str:
    """A Case number as Salesforce writes it: 1027 is 00001027. "" if the text is none."""
    text = text.strip()
    return text.zfill(CASE_NUMBER_DIGITS) if CASE_NUMBER.fullmatch(text) else ""


def plain_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record as a query brings it; lists of others that belong to it are empty."""
    return {name: _plain(value) for name, value in raw.items() if name != "attributes"}


def phone_forms(number: str) -> list[str]:
    """A number in the ways that people and we write it, for a field that is compared as text."""
    ways = ways_of(number)
    if ways is None:
        return []
    parsed = phonenumbers.parse(f"+{number}")
    formats = (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)
    written = [phonenumbers.format_number(parsed, form) for form in formats]
    return list(dict.fromkeys([f"+{number}", *ways.terms, *written]))


# --- who


def _caller(
    client: SalesforceClient, number: str, objects: tuple[str, ...], seconds: float
) -> Caller:
    wish = Wish(uuid4(), (number,), objects)
    return callers_of(client, [wish], deadline=seconds)[wish.key]


def _records(caller: Caller) -> list[Record]:
    if caller.candidates:
        return [_named(who["object"], who["id"], who["name"]) for who in caller.candidates]
    account = {"AccountId": caller.account_id or None}
    if caller.contact_id:
        return [_named("Contact", caller.contact_id, caller.name, account)]
    if caller.account_id:
        return [_named("Account", caller.account_id, caller.name, account)]
    return []


def _named(
    sobject: str, record_id: str, name: str, more: Mapping[str, Any] = MappingProxyType({})
) -> Record:
    return Record(sobject, record_id, name, "", {"Id": record_id, "Name": name, **more})


# --- which Case


def _by_number(question: CaseQuestion) -> str:
    return f"CaseNumber = {literal(question.case_number)}" if question.case_number else ""


def _open_of_caller(client: SalesforceClient, question: CaseQuestion, ends: float) -> str:
    """The condition; "" if there is nothing to go by."""
    places = {
        "ContactId": _contacts(client, question, ends),
        "SuppliedPhone": phone_forms(question.number),
        "Id": question.own,
    }
    conditions = [f"{name} IN {listed(values)}" for name, values in places.items() if values]
    return f"IsClosed = false AND ({' OR '.join(conditions)})" if conditions else ""


def _contacts(client: SalesforceClient, question: CaseQuestion, ends: float) -> Iterable[str]:
    if not question.objects:
        return []
    caller = _caller(client, question.number, question.objects, left(ends))
    return [record.id for record in _records(caller) if record.object == "Contact"]


def _case(raw: Mapping[str, Any]) -> Record:
    return Record("Case", str(raw["Id"]), str(raw["CaseNumber"]), "", plain_fields(raw))


# --- records


def _at(client: SalesforceClient, record: Record, ends: float) -> Record:
    home = client.identity(deadline=left(ends)).instance_url
    url = f"{home}/lightning/r/{record.object}/{record.id}/view"
    return replace(record, url=url)


def _plain(value: Any) -> Any:
    """Text, number, truth or nothing; of a record that is looked up, the same by its names."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping) and "records" not in value:
        return plain_fields(value)
    return value if isinstance(value, bool | int | float) else None
