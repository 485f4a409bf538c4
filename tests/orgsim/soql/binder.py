"""Find the columns that a statement's paths mean, with the joins they need."""

from dataclasses import dataclass

from ..schema import Field, Schema, SObject  # noqa: TID252 - one package
from .errors import MalformedQueryError, pointing_at
from .tree import Path, Query

# What a relationship to several objects offers, whichever of them it points at (D).
NAMES = SObject(
    name="Name",
    key_prefix="",
    label="Name",
    plural="Names",
    fields=(
        Field(name="Id", type="id"),
        Field(name="Name", type="string"),
        Field(name="Type", type="picklist"),
    ),
)
MOST_PARENTS = 5


@dataclass(frozen=True, slots=True)
class Column:
    """A field in the statement's context: which table's alias it is read from."""

    alias: str
    sobject: SObject
    field: Field

    @property
    def sql(self) -> str:
        """The column as SQL names it."""
        return f'{self.alias}."{self.field.name}"'


class Binder:
    """Binds one statement's paths to a schema and collects its joins."""

    def __init__(self, query: Query, schema: Schema) -> None:
        found = schema.find(query.sobject)
        if found is None:
            reason = (
                f"sObject type '{query.sobject}' is not supported. If you are attempting to use "
                "a custom object, be sure to append the '__c' after the entity name. Please "
                "reference your WSDL or the describe call for the appropriate names."
            )
            raise MalformedQueryError(
                pointing_at(query.statement, query.sobject_position, reason), code="INVALID_TYPE"
            )
        self.query, self.schema, self.sobject = query, schema, found
        self.joins: list[str] = []
        self._aliases: dict[tuple[str, ...], tuple[str, SObject]] = {(): ("t0", found)}

    def column(self, path: Path) -> Column:
        """Find the column that a path means."""
        alias, sobject = self._parent(path, tuple(p.lower() for p in path.parts[:-1]))
        found = sobject.find(path.parts[-1])
        if found is None:
            raise self.no_such_column(path, path.parts[-1], sobject)
        return Column(alias, sobject, found)

    def alias(self, parents: tuple[str, ...]) -> str:
        """Give the alias of a table that was joined for a chain of relationships."""
        return self._aliases[tuple(p.lower() for p in parents)][0]

    def _parent(self, path: Path, parents: tuple[str, ...]) -> tuple[str, SObject]:
        """Find the table at the end of a chain of relationships, joining it once."""
        if parents not in self._aliases:
            if len(parents) > MOST_PARENTS:
                raise MalformedQueryError("SOQL relationships reach five levels at most")
            self._join(path, parents)
        return self._aliases[parents]

    def _join(self, path: Path, parents: tuple[str, ...]) -> None:
        alias, sobject = self._parent(path, parents[:-1])
        reference = sobject.by_relationship.get(parents[-1])
        if reference is None:
            reason = f"Didn't understand relationship '{parents[-1]}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."
            raise MalformedQueryError(
                pointing_at(self.query.statement, path.position, reason), code="INVALID_FIELD"
            )
        several = len(reference.refers_to) > 1
        target = NAMES if several else self.schema.find(reference.refers_to[0])
        if target is None:
            raise self.no_such_column(path, parents[-1], sobject)
        table = "sim_name" if several else f'"{target.name}"'
        name = f"t{len(self._aliases)}"
        self.joins.append(f' LEFT JOIN {table} {name} ON {name}.Id = {alias}."{reference.name}"')
        self._aliases[parents] = (name, target)

    def no_such_column(self, path: Path, name: str, sobject: SObject) -> MalformedQueryError:
        """Refuse a field that does not exist or is hidden (R for the wording)."""
        reason = (
            f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use a "
            "custom field, be sure to append the '__c' after the custom field name. Please "
            "reference your WSDL or the describe call for the appropriate names."
        )
        message = pointing_at(self.query.statement, path.position, reason)
        return MalformedQueryError(message, code="INVALID_FIELD")
