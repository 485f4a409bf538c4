"""What an sObject and a field are, and how names find them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

TEXTUAL = frozenset(
    {"string", "textarea", "picklist", "phone", "email", "url", "multipicklist", "combobox"}
)
NUMERIC = frozenset({"double", "currency", "percent", "int"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field, in the words of the describe call."""

    name: str
    type: str
    label: str = ""
    length: int = 0
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    filterable: bool = True
    default: object = None
    defaulted_on_create: bool = False
    custom: bool = False
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    auto_number: bool = False
    name_field: bool = False
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    refers_to: tuple[str, ...] = ()
    relationship: str | None = None
    precision: int = 0
    scale: int = 0
    help_text: str | None = None

    @property
    def textual(self) -> bool:
        """Whether its values are free text."""
        return self.type in TEXTUAL

    @property
    def is_id(self) -> bool:
        """Whether its values are record ids."""
        return self.type in {"id", "reference"}

    @property
    def id_lookup(self) -> bool:
        """Whether records can be addressed by it."""
        return self.external_id or self.type == "id"

    @property
    def required(self) -> bool:
        """Whether a create must bring it."""
        return self.createable and not self.nillable and not self.defaulted_on_create


@dataclass(frozen=True, kw_only=True)
class SObject:
    """One kind of record."""

    name: str
    key_prefix: str
    label: str
    plural: str
    fields: tuple[Field, ...]
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    searchable: bool = True
    by_exact_name: dict[str, Field] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_exact_name", {f.name: f for f in self.fields})

    @property
    def mergeable(self) -> bool:
        """Whether people may merge two of its records."""
        return "MasterRecordId" in self.by_exact_name

    @property
    def custom(self) -> bool:
        """Whether an administrator made it."""
        return self.name.endswith("__c")

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by lower-case name: the API does not mind letter case."""
        return {f.name.lower(): f for f in self.fields}

    @cached_property
    def by_relationship(self) -> dict[str, Field]:
        """Reference fields by the lower-case name of their relationship."""
        return {f.relationship.lower(): f for f in self.fields if f.relationship}

    @cached_property
    def unique_fields(self) -> tuple[Field, ...]:
        """Fields whose values may occur once only."""
        return tuple(f for f in self.fields if f.unique)

    @cached_property
    def external_ids(self) -> tuple[Field, ...]:
        """Fields that hold keys of other systems."""
        return tuple(f for f in self.fields if f.external_id)

    @cached_property
    def references(self) -> tuple[Field, ...]:
        """Fields that point at other records."""
        return tuple(f for f in self.fields if f.type == "reference")

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the fields that a create must bring."""
        return tuple(f.name for f in self.fields if f.required)

    @cached_property
    def defaults(self) -> dict[str, object]:
        """What fields hold when a create does not bring them."""
        return {f.name: f.default for f in self.fields if f.default is not None}

    @cached_property
    def auto_numbers(self) -> tuple[str, ...]:
        """Names of the fields that the org numbers."""
        return tuple(f.name for f in self.fields if f.auto_number)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of all fields in the order of storage."""
        return tuple(f.name for f in self.fields)

    def find(self, name: str) -> Field | None:
        """Find a field whatever the letter case of its name."""
        return self.by_exact_name.get(name) or self.by_name.get(name.lower())


class Schema:
    """All sObjects of an org."""

    def __init__(self, sobjects: Iterable[SObject]) -> None:
        self.sobjects = {o.name: o for o in sobjects}
        self.by_name = {o.name.lower(): o for o in self.sobjects.values()}
        self.by_prefix = {o.key_prefix: o for o in self.sobjects.values()}

    def find(self, name: str) -> SObject | None:
        """Find an sObject whatever the letter case of its name."""
        return self.sobjects.get(name) or self.by_name.get(name.lower())

    def of_id(self, long_id: str) -> SObject | None:
        """Find the sObject that an id belongs to."""
        return self.by_prefix.get(long_id[:3])
