"""What has waited longest: callers whose Case nobody has closed yet, and callbacks that are due."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from callbacks.models import MAX_ISOLATION, Callback, ServiceNumber

# As the index `callback_unserved` says it: `UNSERVED`, in SQL.
UNSERVED = """case_closed_at IS NULL AND status IN ('pending', 'held', 'failed', 'synced')
    AND NOT (case_gone = 'deleted')"""


@dataclass(frozen=True)
class Waiting:
    """The caller of a service number who has waited longest, and since when."""

    service_number: str
    name: str
    since: datetime


def oldest_unserved(most: int | None = None) -> list[Waiting]:
    """For each service number for which somebody waits; the longest wait first.

    One statement, and in it one look into the index `callback_unserved` for each number, however
    many callers wait. Grouping would read them all, and an org that never closes Cases has them
    all unserved; so would an index by time alone, which only `>=` and the order keep from use.
    """
    return [_waiting(*row) for *row, _count in _rows(most)]


def longest_waits(most: int, *, count_to: int) -> tuple[list[Waiting], int]:
    """So many of them, and for how many callbacks somebody waits; the same statement says both."""
    rows = _rows(most, count_to)
    return [_waiting(*row) for *row, _count in rows], rows[0][-1] if rows else 0


def _rows(most: int | None, count_to: int = 0) -> list[tuple[Any, ...]]:
    callbacks, numbers = Callback._meta.db_table, ServiceNumber._meta.db_table
    sql = f"""
        WITH RECURSIVE called (number) AS (
            SELECT MIN(service_number) FROM {callbacks} WHERE {UNSERVED}
            UNION ALL
            SELECT (
                SELECT MIN(service_number) FROM {callbacks}
                WHERE {UNSERVED} AND service_number > called.number
            ) FROM called WHERE called.number IS NOT NULL
        )
        SELECT called.number, COALESCE(known.name, ''), (
            SELECT received_at FROM {callbacks}
            WHERE {UNSERVED} AND service_number >= called.number
            ORDER BY service_number, received_at LIMIT 1
        ) AS since, (
            SELECT COUNT(*) FROM (SELECT 1 FROM {callbacks} WHERE {UNSERVED} LIMIT %s) AS counted
        )
        FROM called LEFT JOIN {numbers} AS known ON known.number = called.number
        WHERE called.number IS NOT NULL
        ORDER BY since {"LIMIT %s" if most is not None else ""}
    """  # noqa: S608 - names of ours
    connection = connections[Callback.objects.db]
    with connection.cursor() as cursor:
        cursor.execute(sql, [count_to] if most is None else [count_to, most])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _waiting(number: str, name: str, since: datetime) -> Waiting:
    """SQLite knows no zones: its times are UTC."""
    return Waiting(number, name, since if since.tzinfo else since.replace(tzinfo=UTC))


def oldest_due_seconds() -> float:
    """For how long the callback that is overdue most has been due, by the database's clock."""
    overdue = ExpressionWrapper(Now() - F("due_at"), output_field=DurationField())
    waits = [
        wait
        for isolation in range(MAX_ISOLATION + 1)  # the index on what is due begins with it
        for wait in Callback.objects.due()
        .filter(isolation=isolation)
        .order_by("due_at")
        .values_list(overdue, flat=True)[:1]
    ]
    return round(max(waits, default=timedelta()).total_seconds(), 1)
