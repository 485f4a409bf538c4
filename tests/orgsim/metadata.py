"""Read custom fields from deployable metadata (`*.field-meta.xml`), so that it is proved."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

from .schema import Field

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
NAMESPACES = {"m": NAMESPACE.strip("{}")}
VALUES = ".//m:valueSetDefinition/m:value/m:fullName"
TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "DateTime": "datetime",
    "Date": "date",
    "Checkbox": "boolean",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Phone": "phone",
    "Email": "email",
    "Url": "url",
    "Picklist": "picklist",
    "Lookup": "reference",
}
LENGTHS = {"TextArea": 255, "Phone": 40, "Email": 80, "Url": 255, "Picklist": 255, "Lookup": 18}


class UnreadableMetadataError(ValueError):
    """A metadata file says something that no org would deploy."""


def custom_fields(folder: Path, sobject: str) -> Iterator[Field]:
    """Yield the custom fields of an sObject that a permission set lets the user see.

    A field that was deployed is invisible until it is granted (3). A folder without
    permission sets grants everything.
    """
    grants = granted(folder)
    for path in sorted(folder.glob(f"**/objects/{sobject}/fields/*.field-meta.xml")):
        field = read_field(path)
        editable = grants.get(f"{sobject}.{field.name}") if grants is not None else True
        if editable is not None:
            yield replace(field, createable=editable, updateable=editable)


def granted(folder: Path) -> dict[str, bool] | None:
    """Read which fields the permission sets make visible, and whether they may be edited."""
    paths = list(folder.glob("**/permissionsets/*.permissionset-meta.xml"))
    if not paths:
        return None
    grants: dict[str, bool] = {}
    for path in paths:
        for entry in ET.parse(path).getroot().iter(NAMESPACE + "fieldPermissions"):
            if flag(entry, "readable"):
                name = text(entry, "field")
                grants[name] = flag(entry, "editable") or grants.get(name, False)
    return grants


def read_field(path: Path) -> Field:
    """Read one field, refusing what a deployment would refuse."""
    root = ET.parse(path).getroot()
    kind = text(root, "type")
    if kind not in TYPES:
        message = f"{path.name}: the field type {kind!r} is not known"
        raise UnreadableMetadataError(message)
    return Field(
        name=text(root, "fullName"),
        type=TYPES[kind],
        label=text(root, "label"),
        length=int(text(root, "length") or LENGTHS.get(kind, 0)),
        nillable=not flag(root, "required") and kind != "Checkbox",
        default=text(root, "defaultValue") == "true" if kind == "Checkbox" else None,
        defaulted_on_create=kind == "Checkbox",
        filterable=kind != "LongTextArea",
        custom=True,
        external_id=flag(root, "externalId"),
        unique=flag(root, "unique"),
        case_sensitive=flag(root, "caseSensitive"),
        picklist=tuple(e.text or "" for e in root.findall(VALUES, NAMESPACES)),
        restricted=any(e.text == "true" for e in root.iter(NAMESPACE + "restricted")),
        refers_to=(text(root, "referenceTo"),) if kind == "Lookup" else (),
        relationship=text(root, "fullName")[:-1] + "r" if kind == "Lookup" else None,
        precision=int(text(root, "precision") or 0),
        scale=int(text(root, "scale") or 0),
        help_text=text(root, "inlineHelpText") or None,
    )


def text(root: ET.Element, tag: str) -> str:
    """Give the text of a child element, "" if there is none."""
    return (root.findtext(NAMESPACE + tag) or "").strip()


def flag(root: ET.Element, tag: str) -> bool:
    """Tell whether a child element says true."""
    return text(root, tag) == "true"
