"""Whether the org can be asked while a caller waits: what the workers know, a second old."""

from dataclasses import dataclass
from math import ceil

from django.db.models.functions import Now

from callbacks.snapshot import Snapshot
from crm.models import Org

MAX_AGE_SECONDS = 1.0
MOST_SECONDS = 60  # then it is worth asking again, however long the conversation pauses
# Troubles of making Cases; whatever else is asked, the org answers. The reserve of API calls is
# left to others, and a person at a telephone is one of them.
OF_CASES_ALONE = ("QUOTA_RESERVE", "FIELD_MISSING", "KEY_FIELD_MISSING", "KEY_FIELD_NOT_UNIQUE")


@dataclass(frozen=True)
class OrgState:
    """`org_id` is the org that is ours, "" until it is known; `wait` is 0 if it can be asked."""

    org_id: str = ""
    reason: str = ""
    wait: int = 0


def _now() -> OrgState:
    columns = ("org_id", "trouble_code", "trouble_reason", "retry_at")
    org = Org.objects.values_list(*columns, Now()).first()
    if org is None:
        return OrgState()
    org_id, code, reason, retry_at, now = org
    if retry_at is None or code in OF_CASES_ALONE:
        return OrgState(org_id)
    left = ceil((retry_at - now).total_seconds())
    return OrgState(org_id, reason, max(0, min(left, MOST_SECONDS)))


org_state = Snapshot(_now, max_age=MAX_AGE_SECONDS)
