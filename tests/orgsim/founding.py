"""What an org has from its first day: itself, its people, their queues, its record types."""

from . import ids
from .store import Row
from .triggers import AGENT, CALLBACK_QUEUE, DEFAULT_CASE_OWNER, INTEGRATION_USER

# Of the sObject; name, developer name, whether it is active, whether our user may use it.
RECORD_TYPES = (
    ("Case", "Callback", "Callback", True, True),
    ("Case", "Complaint", "Complaint", True, False),
    ("Case", "Fax (no longer used)", "Fax", False, False),
)
USABLE_RECORD_TYPES = frozenset(
    ids.make("012", number) for number, (*_, usable) in enumerate(RECORD_TYPES, start=1) if usable
)
GROUPS = (
    (CALLBACK_QUEUE, "Callbacks", "Callbacks", "Queue"),
    (ids.make("00G", 2), "Second Level", "Second_Level", "Queue"),
    (ids.make("00G", 3), "Everybody", "Everybody", "Regular"),
)


def first_rows(org_id: str, org_name: str, username: str) -> list[tuple[str, Row]]:
    """List the records, each behind the name of its sObject, without the system fields."""
    return [
        ("Organization", {"Id": org_id, "Name": org_name, "InstanceName": "SIM0", "IsSandbox": 0,
                          "OrganizationType": "Developer Edition"}),
        *(("User", user) for user in users(username)),
        *(("Group", dict(zip(("Id", "Name", "DeveloperName", "Type"), group, strict=True)))
          for group in GROUPS),
        *(("RecordType", row) for row in record_types()),
    ]  # fmt: skip


def users(username: str) -> list[Row]:
    """Describe the integration user, the Default Case Owner and one agent."""
    people = [
        (INTEGRATION_USER, "Integration", "User", username),
        (DEFAULT_CASE_OWNER, "Default", "Owner", "owner@example.com"),
        (AGENT, "Anna", "Agent", "agent@example.com"),
    ]
    return [
        {"Id": i, "FirstName": first, "LastName": last, "Name": f"{first} {last}",
         "Username": login, "Email": login, "IsActive": 1}
        for i, first, last, login in people
    ]  # fmt: skip


def record_types() -> list[Row]:
    """Describe the record types."""
    return [
        {"Id": ids.make("012", number), "SobjectType": sobject, "Name": name,
         "DeveloperName": developer_name, "IsActive": int(active)}
        for number, (sobject, name, developer_name, active, _)
        in enumerate(RECORD_TYPES, start=1)
    ]  # fmt: skip
