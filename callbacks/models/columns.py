"""Which columns the queue's statements name, and callbacks made of what they return."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connections, models

if TYPE_CHECKING:
    from callbacks.models.callback import Callback

# What the conversation never reads of a callback: fetched only if it is asked for.
UNREAD = frozenset(
    (
        *("raw_body", "raw_query", "content_type", "idempotency_key", "due_at"),
        *("repeats", "repeated_at", "repeat_differed", "synced_at", "erased_at"),
        *("case_id", "case_number", "case_status", "case_url", "case_object", "case_owner"),
        *("case_closed_at", "case_gone", "contact_id", "contact_name", "candidates"),
        *("failure_class", "failure_signature", "failure_code", "failure_reason"),
        *("failure_next_step", "failure_detail"),
        *("dismissed_at", "dismissed_by_id", "dismiss_reason"),
    )
)
# Empty in every new row.
NOT_YET = frozenset(
    (
        *("repeated_at", "synced_at", "erased_at", "dismissed_at", "dismissed_by_id"),
        "merged_into_id",
    )
)


def read(model: "type[Callback]", using: str, rows: Sequence[Sequence[Any]]) -> "list[Callback]":
    """Callbacks of `leased_fields`, without the loop over every field that `raw` costs."""
    compiler = model.objects.all().query.get_compiler(using)
    fields = leased_fields(model)
    converters = compiler.get_converters([field.get_col("") for field in fields])
    names = [field.attname for field in fields]
    return [
        model.stored(using, dict(zip(names, row, strict=True)))
        for row in compiler.apply_converters(rows, converters)
    ]


@cache
def leased_fields(model: "type[Callback]") -> "list[models.Field[Any, Any]]":
    return [field for field in model._meta.concrete_fields if field.attname not in UNREAD]


def insert_if_new(callback: "Callback", using: str = DEFAULT_DB_ALIAS) -> bool:
    """Store the callback in one statement, committed on return; False if its key is taken."""
    connection = connections[using]
    # A broken connection is found by the INSERT itself; asking first would be a round trip.
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it
    sql, plain, others = _insert_statement(type(callback), using)
    values = callback.__dict__
    parameters: list[Any] = [values[name] for name in plain]
    parameters += [field.get_db_prep_save(values[field.attname], connection) for field in others]
    parameters.append(orjson.dumps(callback.payload).decode())
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone() is not None


@cache
def _insert_statement(
    model: "type[Callback]", using: str
) -> "tuple[str, list[str], list[models.Field[Any, Any]]]":
    """INSERT of all columns that a request fills; unique clashes do nothing.

    What needs no preparing comes first, by name; the payload comes last. PostgreSQL's driver takes
    times, keys and bytes as they are; SQLite's takes texts.
    """
    connection = connections[using]
    payload = model._meta.get_field("payload")
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.has_db_default() and field.attname not in {*NOT_YET, payload.attname}
    ]
    as_it_is: tuple[type[models.Field[Any, Any]], ...] = (models.CharField, models.TextField)
    if connection.vendor == "postgresql":
        as_it_is = (models.Field,)
    plain = [field for field in fields if isinstance(field, as_it_is)]
    others = [field for field in fields if field not in plain]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.attname) for field in [*plain, *others, payload])
    marks = ", ".join(["%s"] * (len(fields) + 1))
    sql = (
        f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks})"  # noqa: S608
        " ON CONFLICT DO NOTHING RETURNING 1"
    )
    return sql, [field.attname for field in plain], others
