from django.db import DEFAULT_DB_ALIAS, models
from django.db.models.expressions import RawSQL

from callbacks.models.sql import dialect


def from_now(seconds: float) -> RawSQL:
    """A time ahead by the database's clock, because workers' clocks differ."""
    return RawSQL(dialect(DEFAULT_DB_ALIAS).in_seconds("%s"), [seconds], models.DateTimeField())  # noqa: S611 - constant SQL
