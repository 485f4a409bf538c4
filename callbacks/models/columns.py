"""Which columns the queue's statements name, and callbacks made of what they return."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connections, models

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


@cache
def insert_statement(
    model: "type[Callback]", using: str
) -> "tuple[str, list[str], list[models.Field[Any, Any]]]":
    """INSERT of all columns but those the database fills; unique clashes do nothing.

    Text needs no preparing, so those columns come first, by name; the payload comes last.
    """
    payload = model._meta.get_field("payload")
    fields = [field for field in model._meta.concrete_fields if not field.has_db_default()]
    texts = [field for field in fields if isinstance(field, models.CharField | models.TextField)]
    others = [field for field in fields if field not in [*texts, payload]]
    quote = connections[using].ops.quote_name
    columns = ", ".join(quote(field.attname) for field in [*texts, *others, payload])
    marks = ", ".join(["%s"] * len(fields))
    sql = (
        f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks})"  # noqa: S608
        " ON CONFLICT DO NOTHING RETURNING 1"
    )
    return sql, [field.attname for field in texts], others
