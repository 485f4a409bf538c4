"""What the org does by itself when a record is saved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from . import ids
from .catalogue import CLOSED_STATUSES
from .schema import SObject
from .store import Row, Store

INTEGRATION_USER = ids.make("005", 1)
DEFAULT_CASE_OWNER = ids.make("005", 2)
AGENT = ids.make("005", 3)
CALLBACK_QUEUE = ids.make("00G", 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the Case assignment rule: the first whose field holds the value wins."""

    field: str
    value: str
    owner_id: str


Rules = tuple[Rule, ...]


class Writing(Protocol):
    """What the triggers need to know of a write."""

    @property
    def store(self) -> Store: ...
    @property
    def user_id(self) -> str: ...
    @property
    def now(self) -> str: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def auto_assign(self) -> bool: ...


def before_save(sobject: SObject, before: Row | None, after: Row, write: Writing) -> None:
    """Let the sObject's own automation change the record before it is stored."""
    if sobject.find("OwnerId") and not after.get("OwnerId"):
        after["OwnerId"] = write.user_id
    if trigger := TRIGGERS.get(sobject.name):
        trigger(before, after, write)


def save_case(before: Row | None, after: Row, write: Writing) -> None:
    """Close, assign and complete a Case."""
    close(before, after, write)
    if write.auto_assign and write.rules:
        after["OwnerId"] = assigned_owner(after, write.rules)
    if after.get("ContactId") and after["ContactId"] != (before or {}).get("ContactId"):
        copy_contact(after, write)


def close(before: Row | None, after: Row, write: Writing) -> None:
    """Let IsClosed and ClosedDate follow Status (D)."""
    was_closed = bool(before and before["IsClosed"])
    after["IsClosed"] = int(after.get("Status") in CLOSED_STATUSES)
    if after["IsClosed"] and not was_closed:
        after["ClosedDate"] = write.now
    if not after["IsClosed"]:
        after["ClosedDate"] = None


def assigned_owner(case: Row, rules: Rules) -> str:
    """Find the owner by the assignment rule, the Default Case Owner when nothing matches (D)."""
    for rule in rules:
        if str(case.get(rule.field)) == rule.value:
            return rule.owner_id
    return DEFAULT_CASE_OWNER


def copy_contact(case: Row, write: Writing) -> None:
    """Take over the contact's account and numbers."""
    contact = write.store.rows(
        "SELECT AccountId, Phone, MobilePhone, Email, Fax FROM Contact WHERE Id = ?",
        (case["ContactId"],),
    )[0]
    case["AccountId"] = case.get("AccountId") or contact["AccountId"]
    case["ContactPhone"] = contact["Phone"]
    case["ContactMobile"] = contact["MobilePhone"]
    case["ContactEmail"] = contact["Email"]
    case["ContactFax"] = contact["Fax"]


def save_person(_before: Row | None, after: Row, _write: Writing) -> None:
    """Make the full name of its parts."""
    after["Name"] = " ".join(
        part for part in (after.get("FirstName"), after.get("LastName")) if part
    )


TRIGGERS: dict[str, Callable[[Row | None, Row, Writing], None]] = {
    "Case": save_case,
    "Contact": save_person,
    "Lead": save_person,
    "User": save_person,
}
