"""Named bundles of faults, for demonstrations and for nights in which tests run long."""

from typing import Any

Said = dict[str, Any]
CREATE = {"op": "create"}

SCENARIOS: dict[str, list[Said]] = {
    "calm": [],
    "flaky": [
        {"action": "latency", "params": {"dist": {"low": 50, "high": 600}}},
        {"action": "status", "params": {"status": 503}, "rate": 0.05},
        {"action": "drop_before", "rate": 0.03},
    ],
    "lossy": [{"action": "commit_then_drop", "match": CREATE, "rate": 0.2}],
    "lock-storm": [
        {"action": "row_lock", "params": {"rows": 0.3}},
        {"action": "wrapped_lock", "params": {"rows": 0.05}},
        {"action": "batch_retries", "rate": 0.05},
    ],
    "quota": [{"action": "limit_daily", "after_n": 5}],
    "expired-tokens": [{"action": "token_expired", "rate": 0.2, "count": 1_000}],
    "maintenance-night": [
        {"action": "maintenance", "for_s": 20},
        {"action": "readonly_maintenance", "for_s": 60},
    ],
    "bad-admin": [
        {
            "action": "validation_rule",
            "params": {
                "field": "Priority",
                "regex": "^High$",
                "message": "Only team leads may set the priority to High.",
            },
        },
        {"action": "field_hidden", "params": {"field": "Jtel_Requested_At__c"}},
    ],
    "chaos": [
        {"action": "latency", "params": {"dist": {"low": 20, "high": 900}}},
        {"action": "commit_then_drop", "match": CREATE, "rate": 0.08},
        {"action": "commit_then_503", "match": CREATE, "rate": 0.05},
        {"action": "drop_before", "rate": 0.05},
        {"action": "status", "params": {"status": 500, "body": "json"}, "rate": 0.04},
        {"action": "row_lock", "params": {"rows": 0.1}},
        {"action": "token_expired", "rate": 0.03, "count": 1_000},
        {"action": "limit_concurrent", "rate": 0.03},
        {"action": "result_truncated", "match": CREATE, "rate": 0.02},
        {"action": "garbage_200", "rate": 0.02},
    ],
}


def seeded(name: str, seed: int) -> list[Said]:
    """Give a scenario's faults, their chances decided by one seed."""
    return [{**fault, "seed": seed + i} for i, fault in enumerate(SCENARIOS[name])]
