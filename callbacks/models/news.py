"""How the record of a callback fares on the other side, as it is heard later."""

from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, models

CASE_COLUMNS = {
    "key": "uuid",
    "case_id": "text",
    "case_number": "text",
    "case_status": "text",
    "case_url": "text",
    "case_owner": "text",
    "case_closed_at": "time",
    "case_gone": "text",
}
CASELESS: dict[str, Any] = {
    "case_id": "",
    "case_number": "",
    "case_status": "",
    "case_url": "",
    "case_object": "",
    "case_owner": "",
    "case_closed_at": None,
    "synced_at": None,
}


@dataclass(frozen=True)
class CaseNews:
    """How the Case of a callback stands; `id` is the callback's key."""

    id: UUID
    case_id: str
    case_number: str
    case_status: str
    case_url: str
    case_owner: str
    case_closed_at: datetime | None
    case_gone: str

    def columns(self, using: str) -> tuple[Any, ...]:
        """In the order of CASE_COLUMNS, as the database takes them."""
        prepare = models.DateTimeField().get_db_prep_value
        return tuple(
            prepare(value, connections[using]) if isinstance(value, datetime) else value
            for value in astuple(self)
        )
