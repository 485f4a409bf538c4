"""The describe resources: which objects and fields there are, and what can be done with them."""

import re
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from .calls import Answer, Call
from .founding import USABLE_RECORD_TYPES
from .org import Org
from .records import sobject_named
from .schema import NUMERIC, Field, SObject
from .store import Row

BETWEEN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
SOAP_TYPES = {"boolean": "xsd:boolean", "datetime": "xsd:dateTime", "date": "xsd:date",
              "double": "xsd:double", "currency": "xsd:double", "percent": "xsd:double",
              "int": "xsd:int", "id": "tns:ID", "reference": "tns:ID"}  # fmt: skip


def listed(_org: Org, call: Call) -> Answer:
    """GET /sobjects."""
    found = [summary(call, s) for s in call.work.schema.sobjects.values()]
    return Answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found})


def basic(_org: Org, call: Call, name: str) -> Answer:
    """GET /sobjects/{name}."""
    sobject = sobject_named(call, name)
    return Answer(200, {"objectDescribe": summary(call, sobject), "recentItems": []})


def describe(org: Org, call: Call, name: str) -> Answer:
    """GET /sobjects/{name}/describe; 304 if nothing changed since the given time (D)."""
    sobject = sobject_named(call, name)
    headers = {"Last-Modified": format_datetime(org.schema_since, usegmt=True)}
    as_ever = call.work.schema is org.schema
    if as_ever and knows(call.header("if-modified-since"), org.schema_since):
        return Answer(304, None, headers)
    body = {
        "actionOverrides": [],
        "childRelationships": [],
        "fields": [field_described(f) for f in sobject.fields],
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": record_types(org, call, sobject),
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": "All", "name": "everything"}],
        **summary(call, sobject),
    }
    return Answer(200, dict(sorted(body.items())), headers)


def knows(header: str, since: datetime) -> bool:
    """Tell whether a client's date of HTTP is not before the last change."""
    try:
        return bool(header) and parsedate_to_datetime(header) >= since
    except ValueError:
        return False


def record_types(org: Org, call: Call, sobject: SObject) -> list[dict[str, Any]]:
    """List the record types with the one that stands for none last; it is the default here (D)."""
    rows = org.store.where_in(org.schema.sobjects["RecordType"], "SobjectType", [sobject.name])
    layouts = f"{call.data_url}/sobjects/{sobject.name}/describe/layouts/"
    infos = [
        record_type(row, available=row["Id"] in USABLE_RECORD_TYPES, layouts=layouts)
        for row in rows
    ]
    return [*infos, record_type(MASTER, available=True, layouts=layouts)]


MASTER = {
    "Id": "012000000000000AAA",
    "Name": "Master",
    "DeveloperName": "Master",
    "IsActive": 1,
}


def record_type(row: Row, *, available: bool, layouts: str) -> dict[str, Any]:
    """Describe one record type, and whether our user may use it (D)."""
    master = row is MASTER
    return {
        "active": bool(row["IsActive"]),
        "available": available,
        "defaultRecordTypeMapping": master,
        "developerName": row["DeveloperName"],
        "master": master,
        "name": row["Name"],
        "recordTypeId": row["Id"],
        "urls": {"layout": layouts + row["Id"]},
    }


def summary(call: Call, sobject: SObject) -> dict[str, Any]:
    """Describe an object without its fields, as the list does (D)."""
    base = f"{call.data_url}/sobjects/{sobject.name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": sobject.createable,
        "custom": sobject.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": sobject.deletable,
        "deprecatedAndHidden": False,
        "extendedBy": None,
        "extendsInterfaces": None,
        "feedEnabled": sobject.name == "Case",
        "hasSubtypes": False,
        "implementedBy": None,
        "implementsInterfaces": None,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": True,
        "mergeable": sobject.mergeable,
        "mruEnabled": True,
        "name": sobject.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": sobject.searchable,
        "triggerable": True,
        "undeletable": sobject.deletable,
        "updateable": sobject.updateable,
        "urls": {
            "sobject": base,
            "describe": f"{base}/describe",
            "rowTemplate": f"{base}/{{ID}}",
        },
    }


def field_described(field: Field) -> dict[str, Any]:
    """Describe one field with the keys of a recorded describe (R)."""
    numeric = field.type in NUMERIC
    return {
        **abilities(field),
        "byteLength": field.length * 3 if field.textual else field.length,
        "calculatedFormula": None,
        "compoundFieldName": None,
        "controllerName": None,
        "defaultValue": field.default if field.type != "id" else None,
        "defaultValueFormula": None,
        "digits": field.precision if field.type == "int" else 0,
        "extraTypeInfo": "plaintextarea" if field.type == "textarea" else None,
        "filteredLookupInfo": None,
        "inlineHelpText": field.help_text,
        "label": label_of(field),
        "length": field.length,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "picklistValues": [choice(v, field.default) for v in field.picklist],
        "precision": field.precision if numeric else 0,
        "referenceTargetField": None,
        "referenceTo": list(field.refers_to),
        "relationshipName": field.relationship,
        "relationshipOrder": None,
        "scale": field.scale,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "type": field.type,
    }


def label_of(field: Field) -> str:
    """Give a field's label; those of standard fields are their names in words (M)."""
    if field.label:
        return field.label
    words = BETWEEN_WORDS.sub(" ", field.name)
    return words.removesuffix(" Id") + " ID" if words.endswith(" Id") else words


def abilities(field: Field) -> dict[str, bool]:
    """Describe what can be done with a field."""
    return {
        "aggregatable": field.type not in {"boolean", "textarea"},
        "aiPredictionField": False,
        "autoNumber": field.auto_number,
        "calculated": False,
        "cascadeDelete": False,
        "caseSensitive": field.case_sensitive,
        "createable": field.createable,
        "custom": field.custom,
        "defaultedOnCreate": field.defaulted_on_create,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": field.external_id,
        "filterable": field.filterable,
        "formulaTreatNullNumberAsZero": False,
        "groupable": field.filterable and field.type != "datetime",
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": field.id_lookup or field.auto_number,
        "nameField": field.name_field,
        "namePointing": len(field.refers_to) > 1,
        "nillable": field.nillable,
        "permissionable": field.custom or (field.createable and field.nillable),
        "polymorphicForeignKey": len(field.refers_to) > 1,
        "queryByDistance": False,
        "restrictedDelete": False,
        "restrictedPicklist": field.restricted,
        "searchPrefilterable": field.type == "reference",
        "sortable": field.filterable,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }


def choice(value: str, default: object) -> dict[str, Any]:
    """Describe one value of a picklist (R)."""
    return {
        "active": True,
        "defaultValue": value == default,
        "label": value,
        "validFor": None,
        "value": value,
    }
