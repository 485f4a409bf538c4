"""What is written into a callback that starts from the beginning."""

from typing import Any

from django.db.models import F
from django.db.models.functions import Now

NOT_DISMISSED: dict[str, Any] = {"dismissed_at": None, "dismissed_by": None, "dismiss_reason": ""}
FRESH: dict[str, Any] = {
    "status": "pending",
    "due_at": Now(),
    "lease_no": F("lease_no") + 1,
    "isolation": 0,
    "failures": 0,
    "failure_class": "",
    "failure_code": "",
    "failure_signature": "",
    "failure_reason": "",
    "failure_next_step": "",
    "failure_detail": "",
}
