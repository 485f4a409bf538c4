"""The org's data in one SQLite file: a table per sObject, and what the org knows of itself.

Write-ahead logging with `synchronous=NORMAL` survives a kill of the process at any point.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .schema import Field, Schema, SObject

Row = dict[str, Any]

OWN_TABLES = """
CREATE TABLE IF NOT EXISTS sim_fact (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sim_calls (minute INTEGER PRIMARY KEY, calls INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sim_token (
  token TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_at REAL NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sim_history (
  at TEXT NOT NULL, record_id TEXT NOT NULL, field TEXT NOT NULL, old, new,
  by_agent INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS sim_history_record ON sim_history (record_id, field);
"""
AFFINITIES = {
    "boolean": "INTEGER", "int": "INTEGER", "double": "REAL", "currency": "REAL", "percent": "REAL",
}  # fmt: skip


class Store:
    """One connection, used by one thread: what runs between two awaits is atomic."""

    def __init__(self, path: Path, *, first_number: int = 0) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, cached_statements=512)
        self.db.create_function("digits", 1, digits, deterministic=True)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(OWN_TABLES)
        self.first_number = first_number
        self._sequences: dict[str, int] = {}
        self.schema = Schema(())

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def fit(self, schema: Schema) -> None:
        """Have tables, columns and indexes for a schema; what it lacks stays, out of sight."""
        for sobject in schema.sobjects.values():
            self._fit_table(sobject)
        self.schema = schema

    def columns(self, name: str) -> dict[str, str]:
        """Give the columns of an sObject's table with their types, former fields among them."""
        return {row[1]: row[2] for row in self.db.execute(f'PRAGMA table_info("{name}")')}

    def rename(self, sobject: str, old: str, new: str) -> None:
        """Rename a column; one that a former field of that name left gives way."""
        for field in (old, new):
            for index in (f"{sobject}_{field}", f"{sobject}_{field}_unique"):
                self.db.execute(f'DROP INDEX IF EXISTS "{index}"')
        if new in self.columns(sobject):
            self.db.execute(f'ALTER TABLE "{sobject}" DROP COLUMN "{new}"')
        self.db.execute(f'ALTER TABLE "{sobject}" RENAME COLUMN "{old}" TO "{new}"')

    def _convert(self, sobject: SObject, field: Field) -> None:
        """Keep a field's values in a column of its new type."""
        table, former = f'"{sobject.name}"', f"{field.name}_former"
        self.rename(sobject.name, field.name, former)
        self.db.execute(f"ALTER TABLE {table} ADD COLUMN {column(field)}")
        self.db.execute(f'UPDATE {table} SET "{field.name}" = "{former}"')
        self.db.execute(f'ALTER TABLE {table} DROP COLUMN "{former}"')

    def _fit_table(self, sobject: SObject) -> None:
        self.db.execute(f'CREATE TABLE IF NOT EXISTS "{sobject.name}" (Id TEXT PRIMARY KEY)')
        have = self.columns(sobject.name)
        for field in sobject.fields:
            if field.name not in have:
                self.db.execute(f'ALTER TABLE "{sobject.name}" ADD COLUMN {column(field)}')
            elif have[field.name] != affinity(field):
                self._convert(sobject, field)
        for field in sobject.fields:
            self._fit_index(sobject, field)

    def _fit_index(self, sobject: SObject, field: Field) -> None:
        name = f"{sobject.name}_{field.name}"
        where = f'ON "{sobject.name}" ("{field.name}")'
        if field.unique:
            # A record in the recycle bin does not hold its value (M).
            self.db.execute(
                f'CREATE UNIQUE INDEX IF NOT EXISTS "{name}_unique" {where} WHERE IsDeleted = 0'
            )
            return
        if field.custom:
            self.db.execute(f'DROP INDEX IF EXISTS "{name}_unique"')
        if field.type == "phone" and field.createable:
            self.db.execute(
                f'CREATE INDEX IF NOT EXISTS "{name}" ON "{sobject.name}" (digits("{field.name}"))'
            )
        elif field.external_id or field.name == "SystemModstamp":
            self.db.execute(f'CREATE INDEX IF NOT EXISTS "{name}" {where}')

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all of it or nothing; inside another transaction, a savepoint."""
        nested = self.db.in_transaction
        self.db.execute("SAVEPOINT inner_one" if nested else "BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK TO inner_one" if nested else "ROLLBACK")
            if nested:
                self.db.execute("RELEASE inner_one")
            raise
        self.db.execute("RELEASE inner_one" if nested else "COMMIT")

    def fact(self, name: str, default: Any = None) -> Any:
        """Read a fact that the org keeps of itself."""
        found = self.db.execute("SELECT value FROM sim_fact WHERE name = ?", (name,)).fetchone()
        return found[0] if found else default

    def keep(self, name: str, value: Any) -> None:
        """Write a fact that the org keeps of itself."""
        self.db.execute("INSERT OR REPLACE INTO sim_fact VALUES (?, ?)", (name, value))

    def numbers(self, name: str, how_many: int) -> range:
        """Take the next numbers of a sequence; a rolled-back transaction burns them (D)."""
        last = self._sequences.get(name)
        if last is None:
            last = self.fact(f"sequence {name}", self.first_number)
        self._sequences[name] = last + how_many
        self.keep(f"sequence {name}", last + how_many)
        return range(last + 1, last + how_many + 1)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a query and give its rows as dicts."""
        cursor = self.db.execute(sql, values)
        names = [d[0] for d in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run a query and give the first value, None if there is no row."""
        found = self.db.execute(sql, values).fetchone()
        return found[0] if found else None

    def insert(self, sobject: SObject, rows: Iterable[Row]) -> None:
        """Add complete records."""
        marks = ", ".join("?" * len(sobject.columns))
        names = ", ".join(f'"{c}"' for c in sobject.columns)
        self.db.executemany(
            f'INSERT INTO "{sobject.name}" ({names}) VALUES ({marks})',
            ([row.get(c) for c in sobject.columns] for row in rows),
        )

    def replace(self, sobject: SObject, rows: Iterable[Row]) -> None:
        """Write complete records over those with the same ids."""
        names = ", ".join(f'"{c}" = ?' for c in sobject.columns)
        self.db.executemany(
            f'UPDATE "{sobject.name}" SET {names} WHERE Id = ?',
            ([*(row.get(c) for c in sobject.columns), row["Id"]] for row in rows),
        )

    def where_in(
        self, sobject: SObject, name: str, values: Sequence[Any], *, deleted: bool = False
    ) -> list[Row]:
        """Give the records whose field holds one of some values."""
        if not values:
            return []
        marks = ", ".join("?" * len(values))
        live = "" if deleted else " AND IsDeleted = 0"
        sql = f'SELECT * FROM "{sobject.name}" WHERE "{name}" IN ({marks}){live}'
        return self.rows(sql, values)

    def wipe(self) -> None:
        """Forget all records and facts; tokens stay, so that clients need no new sign-in."""
        with self.transaction():
            for name in self.schema.sobjects:
                self.db.execute(f'DELETE FROM "{name}"')
            for name in ("sim_fact", "sim_calls", "sim_history"):
                self.db.execute(f"DELETE FROM {name}")
        self._sequences.clear()


def digits(value: str | None) -> str | None:
    """Give the digits of a number, which is all of it that is searched."""
    return "".join(c for c in value if c in "0123456789") if value else None


def column(field: Field) -> str:
    """Declare a field's column; text compares without letter case, as in an org (D)."""
    blind = field.textual and not field.case_sensitive
    return f'"{field.name}" {affinity(field)}{" COLLATE NOCASE" if blind else ""}'


def affinity(field: Field) -> str:
    """Name the type of a field's column."""
    return AFFINITIES.get(field.type, "TEXT")
