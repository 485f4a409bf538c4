"""Custom fields come from deployable metadata, and are refused where an org would refuse them."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.orgsim.catalogue import schema_from
from tests.orgsim.metadata import NAMESPACE as SPACE
from tests.orgsim.metadata import UnreadableMetadataError, custom_fields
from tests.orgsim.org import METADATA
from tests.orgsim.process import OrgDidNotStartError, running, start

from .api import KEY, Api, key

NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def declare(folder: Path, name: str, *facts: str) -> None:
    """Write the metadata of a field of Case."""
    path = folder / "main" / "objects" / "Case" / "fields" / f"{name}.field-meta.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    tags = "".join(f"<{tag}>{value}</{tag}>" for tag, value in (f.split("=") for f in facts))
    path.write_text(f"<CustomField {NAMESPACE}><fullName>{name}</fullName>{tags}</CustomField>")


def grant(folder: Path, name: str, *, editable: bool) -> None:
    """Write a permission set that lets the user see a field of Case."""
    path = folder / "main" / "permissionsets" / f"{name}.permissionset-meta.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"<PermissionSet {NAMESPACE}><fieldPermissions><field>Case.{name}</field>"
        f"<readable>true</readable><editable>{str(editable).lower()}</editable>"
        "</fieldPermissions></PermissionSet>"
    )


def test_our_key_field_is_what_the_sync_builds_on() -> None:
    fields = {f.name: f for f in custom_fields(METADATA, "Case")}
    ours = fields[KEY]
    assert (ours.type, ours.length, ours.unique, ours.external_id) == ("string", 64, True, True)
    assert (ours.createable, ours.case_sensitive, ours.nillable) == (True, True, True)


def permissions(kind: str, name: str) -> dict[str, dict[str, str]]:
    """Read a kind of permissions from our permission set, by what they are for."""
    [path] = METADATA.glob("**/permissionsets/*.permissionset-meta.xml")
    entries = ET.parse(path).getroot().iter(f"{SPACE}{kind}")
    found = [{e.tag.removeprefix(SPACE): e.text or "" for e in entry} for entry in entries]
    return {entry.pop(name): entry for entry in found}


def test_our_permission_set_lets_callers_be_found_and_nothing_be_deleted() -> None:
    objects = permissions("objectPermissions", "object")
    assert set(objects) == {"Account", "Case", "Contact", "Lead"}
    for name, may in objects.items():
        assert (may["allowRead"], may["viewAllRecords"]) == ("true", "true")
        assert (may["allowDelete"], may["modifyAllRecords"]) == ("false", "false")
        assert (may["allowCreate"] == "true") is (name == "Case")


def test_our_permission_set_shows_every_number_of_a_caller() -> None:
    fields = permissions("fieldPermissions", "field")
    schema = schema_from(METADATA).sobjects
    numbers = {
        f"{name}.{field.name}"
        for name in ("Contact", "Lead", "Account")
        for field in schema[name].fields
        if field.type == "phone" and field.name != "Fax"
    }
    assert numbers <= set(fields)
    editable = {name for name, may in fields.items() if may["editable"] == "true"}
    assert {name.partition(".")[0] for name in editable} == {"Case"}


def test_kinds_of_fields_are_read(tmp_path: Path) -> None:
    declare(tmp_path, "Flag__c", "type=Checkbox", "defaultValue=true")
    declare(tmp_path, "Amount__c", "type=Number", "precision=10", "scale=2", "required=true")
    declare(tmp_path, "Who__c", "type=Lookup", "referenceTo=Contact")
    flag, amount, who = sorted(custom_fields(tmp_path, "Case"), key=lambda f: f.type)
    assert (flag.type, flag.default, flag.nillable) == ("boolean", True, False)
    assert (amount.type, amount.precision, amount.scale, amount.required) == ("double", 10, 2, True)
    assert (who.refers_to, who.relationship) == (("Contact",), "Who__r")


def test_an_unknown_type_is_refused(tmp_path: Path) -> None:
    declare(tmp_path, "Odd__c", "type=Hologram")
    with pytest.raises(UnreadableMetadataError, match="Hologram"):
        list(custom_fields(tmp_path, "Case"))


def test_a_field_that_no_permission_set_grants_is_invisible(tmp_path: Path) -> None:
    declare(tmp_path, "Hidden__c", "type=Text", "length=10")
    declare(tmp_path, "Read__c", "type=Text", "length=10")
    grant(tmp_path, "Read__c", editable=False)
    [field] = custom_fields(tmp_path, "Case")
    assert (field.name, field.createable, field.updateable) == ("Read__c", False, False)


def test_a_second_key_in_a_field_that_is_not_unique_makes_two_cases(
    tmp_path: Path, db: Path
) -> None:
    declare(tmp_path, KEY, "type=Text", "length=64", "externalId=true", "unique=false")
    with running(db, options=("--metadata", str(tmp_path))) as org, Api(org) as api:
        again = key()
        api.create_many([{KEY: again}, {KEY: again}])
        assert org.audit()["duplicate_keys"] == [again]
        several = api.patch(f"/sobjects/Case/{KEY}/{again}", {})
        assert (several.status_code, len(several.json())) == (300, 2)
        body = {"records": [{"attributes": {"type": "Case"}, KEY: again}]}
        [row] = api.patch(f"/composite/sobjects/Case/{KEY}", body).json()
        assert row["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_a_field_that_becomes_unique_stays_so_after_a_restart(tmp_path: Path, db: Path) -> None:
    declare(tmp_path, KEY, "type=Text", "length=64", "externalId=true", "unique=false")
    with running(db, options=("--metadata", str(tmp_path))) as org, Api(org) as api:
        api.case(**{KEY: "once"})
    with running(db) as org, Api(org) as api:
        assert api.post("/sobjects/Case", {KEY: "once"}).json()[0]["errorCode"] == "DUPLICATE_VALUE"


def test_without_metadata_it_does_not_start(tmp_path: Path, db: Path) -> None:
    with pytest.raises(OrgDidNotStartError, match="no metadata at"):
        start(db, options=("--metadata", str(tmp_path / "nothing")))


def test_doubled_values_keep_a_field_from_becoming_unique(tmp_path: Path, db: Path) -> None:
    declare(tmp_path, KEY, "type=Text", "length=64", "externalId=true", "unique=false")
    with running(db, options=("--metadata", str(tmp_path))) as org, Api(org) as api:
        api.create_many([{KEY: "twice"}, {KEY: "twice"}])
    with pytest.raises(OrgDidNotStartError, match="does not fit the metadata"):
        start(db)
