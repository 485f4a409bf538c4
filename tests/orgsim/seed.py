"""People to call back: what the demo and the tests of searching start from.

The numbers come from ranges that are set aside for fiction, in five ways of writing.
"""

from .org import Org
from .store import Row
from .triggers import DEFAULT_CASE_OWNER
from .writing import Draft, Write, save

ACCOUNTS = ("Meier Haustechnik GmbH", "Nordlicht Reisen AG", "Praxis Dr. Öztürk")
# Account, first and last name, number as somebody typed it, mobile number.
CONTACTS = (
    (0, "Eva", "Meier", "+49 30 23125 001", "+49 171 3920001"),
    (0, "Jonas", "Meier", "0049 30 23125002", None),
    (0, "Karin", "Voss", "030/23125-003", None),
    (1, "Ahmet", "Yildiz", "(030) 23 12 50 04", "0171 39200 02"),
    (1, "Lena", "Fuchs", "+493023125005", None),
    (1, "Paul", "Fuchs", "+493023125005", None),
    (2, "Deniz", "Öztürk", "+49 69 90009 001", None),
    (None, "John", "Smith", "+1 (415) 555-0142", None),
)
LEADS = (("Nina", "Neu", "Neu & Partner", "+49 30 23125099"),)
CASES = (
    ("Heating is out", "Phone", "High"),
    ("Change of booking", "Email", "Medium"),
    ("Question about the last invoice", "Web", "Low"),
)


def sow(org: Org) -> None:
    """Make the people, unless somebody is there already."""
    if org.store.value("SELECT 1 FROM Contact LIMIT 1"):
        return
    with org.store.transaction():
        accounts = made(org, "Account", [{"Name": name} for name in ACCOUNTS])
        made(org, "Contact", [contact(accounts, *entry) for entry in CONTACTS])
        made(org, "Lead", [lead(*entry) for entry in LEADS])
        made(org, "Case", [case(*entry) for entry in CASES])


def contact(
    accounts: list[str], account: int | None, first: str, last: str, phone: str, mobile: str | None
) -> Row:
    """Describe a contact."""
    return {
        "AccountId": None if account is None else accounts[account],
        "FirstName": first,
        "LastName": last,
        "Phone": phone,
        "MobilePhone": mobile,
    }


def lead(first: str, last: str, company: str, phone: str) -> Row:
    """Describe a lead."""
    return {"FirstName": first, "LastName": last, "Company": company, "Phone": phone}


def case(subject: str, origin: str, priority: str) -> Row:
    """Describe a Case that people of the org entered themselves."""
    return {"Subject": subject, "Origin": origin, "Priority": priority}


def made(org: Org, name: str, rows: list[Row]) -> list[str]:
    """Save records as the administrator and give their ids."""
    write = Write(
        store=org.store, user_id=DEFAULT_CASE_OWNER, now=org.clock.stamp(), rules=org.rules
    )
    drafts = [Draft(row) for row in rows]
    save(org.schema.sobjects[name], drafts, write)
    return [str(draft.id) for draft in drafts]
