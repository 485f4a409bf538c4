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
    """A field in the statement's context, and how SQL reads it."""

    sql: str
    sobject: SObject
    field: Field


@dataclass(frozen=True, slots=True)
class Table:
    """What a chain of relationships leads to: one table, or one of several."""

    sobject: SObject
    aliases: tuple[tuple[str, SObject], ...]

    def column(self, name: str) -> str:
        """Say how SQL reads a field."""
        if self.sobject is not NAMES:
            return f'{self.aliases[0][0]}."{name}"'
        if name == "Type":
            kinds = (f"WHEN {a}.Id IS NOT NULL THEN '{s.name}'" for a, s in self.aliases)
            return f"CASE {' '.join(kinds)} END"
        columns = [f'{a}."{self.own_name(s, name)}"' for a, s in self.aliases]
        return f"COALESCE({', '.join(columns)}, NULL)"

    @staticmethod
    def own_name(sobject: SObject, name: str) -> str:
        """Give the field that holds an object's name, which is a Case's number."""
        names = [f.name for f in sobject.fields if f.name_field]
        return names[0] if name == "Name" and names else "Id"


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
        self._tables: dict[tuple[str, ...], Table] = {(): Table(found, (("t0", found),))}

    def column(self, path: Path) -> Column:
        """Find the column that a path means."""
        table = self._table(path, tuple(p.lower() for p in path.parts[:-1]))
        found = table.sobject.find(path.parts[-1])
        if found is None:
            raise self.no_such_column(path, path.parts[-1], table.sobject)
        return Column(table.column(found.name), table.sobject, found)

    def id_of(self, parents: tuple[str, ...]) -> str:
        """Say how SQL reads the id at the end of a chain that was joined."""
        return self._tables[tuple(p.lower() for p in parents)].column("Id")

    def _table(self, path: Path, parents: tuple[str, ...]) -> Table:
        """Find the table at the end of a chain of relationships, joining it once."""
        if parents not in self._tables:
            if len(parents) > MOST_PARENTS:
                raise MalformedQueryError("SOQL relationships reach five levels at most")
            self._tables[parents] = self._joined(path, parents)
        return self._tables[parents]

    def _joined(self, path: Path, parents: tuple[str, ...]) -> Table:
        """Join the table, or the tables, that the last relationship of a chain points at."""
        child = self._table(path, parents[:-1])
        reference = child.sobject.by_relationship.get(parents[-1])
        targets = (
            [t for n in reference.refers_to if (t := self.schema.find(n))] if reference else []
        )
        if reference is None or not targets:
            raise self.no_such_relationship(path, parents[-1])
        aliases = []
        for target in targets:
            alias = f"t{len(self.joins) + 1}"
            on = f"{alias}.Id = {child.column(reference.name)}"
            self.joins.append(f' LEFT JOIN "{target.name}" {alias} ON {on}')
            aliases.append((alias, target))
        several = len(reference.refers_to) > 1
        return Table(NAMES if several else targets[0], tuple(aliases))

    def no_such_relationship(self, path: Path, name: str) -> MalformedQueryError:
        """Refuse a relationship that does not exist (M for the wording)."""
        reason = (
            f"Didn't understand relationship '{name}' in field path. If you are attempting to use "
            "a custom relationship, be sure to append the '__r' after the custom relationship "
            "name. Please reference your WSDL or the describe call for the appropriate names."
        )
        message = pointing_at(self.query.statement, path.position, reason)
        return MalformedQueryError(message, code="INVALID_FIELD")

    def no_such_column(self, path: Path, name: str, sobject: SObject) -> MalformedQueryError:
        """Refuse a field that does not exist or is hidden (R for the wording)."""
        reason = (
            f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use a "
            "custom field, be sure to append the '__c' after the custom field name. Please "
            "reference your WSDL or the describe call for the appropriate names."
        )
        message = pointing_at(self.query.statement, path.position, reason)
        return MalformedQueryError(message, code="INVALID_FIELD")
