"""Objects of an org as a describe tells of them, for tests that need no org."""

from typing import Any

from crm.wire import Description, FieldInfo

KEY = "Jtel_Callback_ID__c"
RECORD_TYPES = {"Support": "012000000000001AAA", "Complaint": "012000000000002AAA"}


def a_field(name: str, kind: str = "string", length: int = 255, **facts: Any) -> FieldInfo:
    given: dict[str, Any] = {
        "label": name,
        "unique": False,
        "external_id": False,
        "createable": True,
        "updateable": True,
        "nillable": True,
        "defaulted_on_create": False,
        "picklist_values": (),
        "restricted": False,
    }
    return FieldInfo(name=name, type=kind, length=length, **(given | facts))


def a_key(name: str = KEY, **changes: Any) -> FieldInfo:
    return a_field(name, length=64, **({"unique": True, "external_id": True} | changes))


def a_list(name: str, *values: str, kind: str = "picklist") -> FieldInfo:
    return a_field(name, kind, picklist_values=values)


def a_reference(name: str, *objects: str) -> FieldInfo:
    return a_field(name, "reference", 18, reference_to=objects)


def an_object(name: str, *fields: FieldInfo, name_field: str = "Name") -> Description:
    named = {field.name: field for field in fields}
    return Description(name, name, "a00", named, RECORD_TYPES, name_field)


CASE_FIELDS = (
    a_key(),
    a_field("Subject"),
    a_field("Description", "textarea", 32_000),
    a_field("Comments", "textarea", 4_000),
    a_field("SuppliedPhone", length=40),
    a_field("SuppliedName", length=80),
    a_field("CaseNumber", length=30, createable=False),
    a_field("Jtel_Requested_At__c", "datetime", 0),
    a_field("Note__c"),
    a_field("Skill__c"),
    a_list("Origin", "Phone", "Email", "Web"),
    a_list("Priority", "High", "Medium", "Low"),
    a_reference("ContactId", "Contact"),
    a_reference("AccountId", "Account"),
    a_reference("OwnerId", "Group", "User"),
    a_reference("RecordTypeId", "RecordType"),
)
CASE = an_object("Case", *CASE_FIELDS, name_field="CaseNumber")


def a_case_with(*fields: FieldInfo, without: str = "") -> Description:
    kept = [field for field in CASE_FIELDS if field.name != without]
    return an_object("Case", *kept, *fields, name_field="CaseNumber")
