"""The standard objects this org has. Case follows a recorded describe of version 48 (R)."""

from pathlib import Path
from typing import Any

from .metadata import custom_fields
from .schema import Field, Schema, SObject

CASE_STATUSES = ("New", "Working", "Escalated", "Closed")
CLOSED_STATUSES = frozenset({"Closed"})


def plain(name: str, kind: str, length: int = 0, **facts: Any) -> Field:
    """Declare a field that the API may read and write."""
    return Field(name=name, type=kind, length=length, **facts)


def fixed(name: str, kind: str, length: int = 0, **facts: Any) -> Field:
    """Declare a field that only the org itself writes."""
    return Field(name=name, type=kind, length=length, createable=False, updateable=False, **facts)


def string(name: str, length: int = 255, **facts: Any) -> Field:
    """Declare a text field."""
    return plain(name, "string", length, **facts)


def picklist(name: str, *values: str, length: int = 40, **facts: Any) -> Field:
    """Declare a picklist; unknown values are stored silently unless it is restricted (D)."""
    return plain(name, "picklist", length, picklist=values, **facts)


def lookup(name: str, *targets: str, **facts: Any) -> Field:
    """Declare a reference to another record; the relationship's name drops the Id."""
    relationship = facts.pop("relationship", name.removesuffix("Id"))
    return plain(name, "reference", 18, refers_to=targets, relationship=relationship, **facts)


def phone(name: str) -> Field:
    """Declare a telephone number, which is stored as it was typed (D)."""
    return plain(name, "phone", 40)


def system_fields() -> tuple[Field, ...]:
    """Give the fields that every sObject has."""
    by = {"createable": False, "updateable": False, "nillable": False, "defaulted_on_create": True}
    return (
        fixed("IsDeleted", "boolean", nillable=False, default=False, defaulted_on_create=True),
        fixed("CreatedDate", "datetime", nillable=False, defaulted_on_create=True),
        lookup("CreatedById", "User", **by),
        fixed("LastModifiedDate", "datetime", nillable=False, defaulted_on_create=True),
        lookup("LastModifiedById", "User", **by),
        fixed("SystemModstamp", "datetime", nillable=False, defaulted_on_create=True),
    )


def owner(*targets: str) -> Field:
    """Declare the owner, the one required field of a Case (R)."""
    return lookup("OwnerId", *targets, nillable=False, defaulted_on_create=True)


def sobject(name: str, prefix: str, plural: str, *fields: Field, **facts: Any) -> SObject:
    """Declare an sObject with its id and system fields."""
    identity = fixed("Id", "id", 18, nillable=False, defaulted_on_create=True)
    label = facts.pop("label", name)
    return SObject(
        name=name,
        key_prefix=prefix,
        label=label,
        plural=plural,
        fields=(identity, *fields, *system_fields()),
        **facts,
    )


def master_record(name: str) -> Field:
    """Declare what a record that lost a merge names: the one that was kept (D)."""
    return lookup("MasterRecordId", name, createable=False, updateable=False)


def case(custom: tuple[Field, ...]) -> SObject:
    """Declare Case; none of its picklists is restricted (R)."""
    return sobject(
        "Case",
        "500",
        "Cases",
        master_record("Case"),
        fixed(
            "CaseNumber",
            "string",
            30,
            nillable=False,
            auto_number=True,
            defaulted_on_create=True,
            name_field=True,
        ),
        lookup("ContactId", "Contact"),
        lookup("AccountId", "Account"),
        lookup("AssetId", "Asset"),
        lookup("ParentId", "Case"),
        string("SuppliedName", 80),
        plain("SuppliedEmail", "email", 80),
        string("SuppliedPhone", 40),
        string("SuppliedCompany", 80),
        picklist("Type", "Mechanical", "Electrical", "Electronic", "Structural", "Other"),
        picklist("Status", *CASE_STATUSES, default="New", defaulted_on_create=True),
        picklist("Reason", "Installation", "Breakdown", "Feedback", "Other"),
        picklist("Origin", "Phone", "Email", "Web"),
        string("Subject"),
        picklist("Priority", "High", "Medium", "Low", default="Medium", defaulted_on_create=True),
        plain("Description", "textarea", 32_000, filterable=False),
        fixed("IsClosed", "boolean", nillable=False, default=False, defaulted_on_create=True),
        fixed("ClosedDate", "datetime"),
        plain("IsEscalated", "boolean", nillable=False, default=False, defaulted_on_create=True),
        owner("Group", "User"),
        lookup("RecordTypeId", "RecordType", defaulted_on_create=True),
        fixed("ContactPhone", "phone", 40),
        fixed("ContactMobile", "phone", 40),
        fixed("ContactEmail", "email", 80),
        fixed("ContactFax", "phone", 40),
        plain("Comments", "textarea", 4_000, filterable=False),
        fixed("LastViewedDate", "datetime"),
        fixed("LastReferencedDate", "datetime"),
        *custom,
    )


def person(*, own: tuple[Field, ...], custom: tuple[Field, ...]) -> tuple[Field, ...]:
    """Give the fields that Contact and Lead share; Name is made of its two parts."""
    return (
        string("LastName", 80, nillable=False),
        string("FirstName", 40),
        picklist("Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."),
        fixed("Name", "string", 121, nillable=False, name_field=True),
        phone("Phone"),
        phone("Fax"),
        phone("MobilePhone"),
        plain("Email", "email", 80),
        string("Title", 128),
        plain("Description", "textarea", 32_000, filterable=False),
        owner("User"),
        *own,
        *custom,
    )


def contact(custom: tuple[Field, ...]) -> SObject:
    """Declare Contact."""
    own = (
        master_record("Contact"),
        lookup("AccountId", "Account"),
        phone("HomePhone"),
        phone("OtherPhone"),
        phone("AssistantPhone"),
    )
    return sobject("Contact", "003", "Contacts", *person(own=own, custom=custom))


def lead(custom: tuple[Field, ...]) -> SObject:
    """Declare Lead."""
    own = (
        master_record("Lead"),
        string("Company", nillable=False),
        picklist("Status", "Open - Not Contacted", "Working - Contacted", nillable=False,
                 default="Open - Not Contacted", defaulted_on_create=True),
        fixed("IsConverted", "boolean", nillable=False, default=False, defaulted_on_create=True),
    )  # fmt: skip
    return sobject("Lead", "00Q", "Leads", *person(own=own, custom=custom))


def account(custom: tuple[Field, ...]) -> SObject:
    """Declare Account."""
    return sobject(
        "Account", "001", "Accounts", master_record("Account"),
        string("Name", nillable=False, name_field=True),
        phone("Phone"), phone("Fax"), string("AccountNumber", 40), plain("Website", "url", 255),
        plain("Description", "textarea", 32_000, filterable=False), owner("User"), *custom,
    )  # fmt: skip


def task(custom: tuple[Field, ...]) -> SObject:
    """Declare Task."""
    return sobject(
        "Task", "00T", "Tasks",
        lookup("WhoId", "Contact", "Lead"), lookup("WhatId", "Account", "Case"),
        string("Subject"), plain("ActivityDate", "date"),
        picklist("Status", "Not Started", "In Progress", "Completed", nillable=False,
                 default="Not Started", defaulted_on_create=True),
        picklist("Priority", "High", "Normal", "Low", nillable=False,
                 default="Normal", defaulted_on_create=True),
        plain("Description", "textarea", 32_000, filterable=False), owner("User", "Group"),
        *custom, searchable=False,
    )  # fmt: skip


def case_comment() -> SObject:
    """Declare CaseComment."""
    return sobject(
        "CaseComment", "00a", "Case Comments",
        lookup("ParentId", "Case", nillable=False, updateable=False),
        plain("IsPublished", "boolean", nillable=False, default=False, defaulted_on_create=True),
        plain("CommentBody", "textarea", 4_000, filterable=False), label="Case Comment",
    )  # fmt: skip


def contact_request(custom: tuple[Field, ...]) -> SObject:
    """Declare ContactRequest, which not every org has (D)."""
    return sobject(
        "ContactRequest", "0CR", "Contact Requests",
        fixed("Name", "string", 255, auto_number=True, name_field=True),
        picklist("PreferredChannel", "Phone", "Email", default="Phone", defaulted_on_create=True),
        phone("PreferredPhone"), string("RequestReason"),
        plain("RequestDescription", "textarea", 32_000, filterable=False),
        picklist("Status", "New", "Attempted", "Completed", nillable=False,
                 default="New", defaulted_on_create=True),
        lookup("WhatId", "Account", "Case"), lookup("WhoId", "Contact", "Lead"),
        plain("IsCallback", "boolean", nillable=False, default=False, defaulted_on_create=True),
        owner("User", "Group"), *custom, label="Contact Request",
    )  # fmt: skip


def people_of_the_org() -> tuple[SObject, ...]:
    """Declare the objects that only an administrator changes."""
    user = sobject(
        "User", "005", "Users",
        string("Username", 80, nillable=False), string("LastName", 80, nillable=False),
        string("FirstName", 40), fixed("Name", "string", 121, name_field=True),
        plain("Email", "email", 128), plain("IsActive", "boolean", default=True),
        createable=False, deletable=False,
    )  # fmt: skip
    group = sobject(
        "Group", "00G", "Groups", string("Name", 40, nillable=False, name_field=True),
        string("DeveloperName", 80), picklist("Type", "Queue", "Regular"),
        createable=False, updateable=False, deletable=False, searchable=False,
    )  # fmt: skip
    organization = sobject(
        "Organization", "00D", "Organizations", string("Name", 80, name_field=True),
        string("InstanceName", 5), plain("IsSandbox", "boolean", default=False),
        string("OrganizationType", 40), createable=False, updateable=False, deletable=False,
        searchable=False,
    )  # fmt: skip
    record_type = sobject(
        "RecordType", "012", "Record Types", string("Name", 80, nillable=False, name_field=True),
        string("DeveloperName", 80, nillable=False), string("SobjectType", 40, nillable=False),
        plain("IsActive", "boolean", nillable=False), string("Description"),
        label="Record Type", createable=False, updateable=False, deletable=False, searchable=False,
    )  # fmt: skip
    return user, group, organization, record_type


def callback_request() -> SObject:
    """Declare what an administrator might have made instead of using Cases."""
    return sobject(
        "Callback_Request__c", "a00", "Callback Requests",
        string("Name", 80, name_field=True, label="Request"),
        string("Jtel_Callback_ID__c", 64, custom=True, label="Callback Key",
               external_id=True, unique=True, case_sensitive=True),
        plain("Number__c", "phone", 40, custom=True, label="Number"),
        plain("Due__c", "datetime", custom=True, label="Due"),
        plain("Urgent__c", "boolean", custom=True, label="Urgent", nillable=False,
              default=False, defaulted_on_create=True),
        plain("Amount__c", "double", custom=True, label="Amount", precision=8, scale=2),
        picklist("Stage__c", "New", "Working", "Done", length=255, custom=True, label="Stage",
                 restricted=True),
        lookup("Case__c", "Case", relationship="Case__r", custom=True, label="Case"),
        owner("Group", "User"), label="Callback Request",
    )  # fmt: skip


def schema_from(folder: Path, *, contact_requests: bool = False) -> Schema:
    """Declare the org's schema: standard objects with the custom fields of a source folder."""

    def custom(name: str) -> tuple[Field, ...]:
        return tuple(custom_fields(folder, name))

    found = [
        case(custom("Case")),
        case_comment(),
        contact(custom("Contact")),
        account(custom("Account")),
        lead(custom("Lead")),
        task(custom("Task")),
        *people_of_the_org(),
        callback_request(),
    ]
    if contact_requests:
        found.append(contact_request(custom("ContactRequest")))
    return Schema(found)
