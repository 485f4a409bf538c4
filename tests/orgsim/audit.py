"""The oracle of the tests: what really happened to the Cases."""

from typing import Any

from .store import Store

KEY_FIELD = "Jtel_Callback_ID__c"
OVERWRITTEN = """
SELECT DISTINCT agent.record_id FROM sim_history agent JOIN sim_history other
  ON other.record_id = agent.record_id AND other.field = agent.field
  AND other.rowid > agent.rowid AND NOT other.by_agent
WHERE agent.by_agent AND agent.field = ? ORDER BY 1
"""


def audit(store: Store, sobject: str, field: str) -> dict[str, Any]:
    """Count records (Cases, mostly) and keys, and list what no client should have done."""
    cases = store.value(f'SELECT COUNT(*) FROM "{sobject}" WHERE IsDeleted = 0')
    living = f'FROM "{sobject}" WHERE IsDeleted = 0 AND "{field}" IS NOT NULL'
    keys = store.value(f'SELECT COUNT(DISTINCT "{field}") {living}')
    doubled = store.db.execute(
        f'SELECT "{field}" {living} GROUP BY 1 HAVING COUNT(*) > 1 ORDER BY 1'
    )
    return {
        "cases": cases,
        "keys": keys,
        "duplicate_keys": [row[0] for row in doubled],
        "reassigned_after_owner_change": overwritten(store, "OwnerId"),
        "status_overwritten": overwritten(store, "Status"),
        "rows_committed_but_client_saw_error": store.fact("rows lost", 0),
    }


def overwritten(store: Store, field: str) -> list[str]:
    """List the Cases where the API changed what an agent had set."""
    return [row[0] for row in store.db.execute(OVERWRITTEN, (field,))]
