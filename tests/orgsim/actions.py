"""What faults can do: each action with the moment it acts and the parameters it takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class ControlError(ValueError):
    """A control request is wrong; `key` names the part that is."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


WRITES = {"create", "update", "upsert", "delete"}


@dataclass(frozen=True, slots=True)
class Action:
    """One action: its parameters by name with their defaults, `...` for a required one."""

    moment: str
    params: Mapping[str, Any] = field(default_factory=dict)
    one_of: tuple[str, ...] = ()
    only_for: str = ""

    def concerns(self, ops: set[str]) -> bool:
        """Whether it has a meaning for what is asked: signing in, the data API, or writes."""
        if self.only_for == "writes":
            return bool(ops & WRITES)
        if self.only_for == "data":
            return "token" not in ops
        return self.only_for in {"", *ops}

    def read(self, said: Any) -> dict[str, Any]:
        """Give all parameters, or refuse with the key that is wrong."""
        refuse_unknown_keys(said, set(self.params), "params.")
        for name, default in self.params.items():
            if default is ... and name not in said:
                raise ControlError(f"params.{name}", "is required")
            if name in said:
                check_parameter(name, said[name])
        if self.one_of and not any(said.get(n) is not None for n in self.one_of):
            raise ControlError(f"params.{self.one_of[0]}", "is required")
        return {**self.params, **said}


NUMBERS = {"ms", "s", "status", "bytes_per_s"}


def check_parameter(name: str, value: Any) -> None:
    """Refuse a parameter's value that would only fail later."""
    if name in NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ControlError(f"params.{name}", "must be a number")
    if name in NUMBERS and value < 0:
        raise ControlError(f"params.{name}", "must not be negative")
    if name == "body" and value not in {"html", "json"}:
        raise ControlError("params.body", "must be html or json")
    if name == "mode" and value not in {"once", "always", "allow", "block"}:
        raise ControlError("params.mode", f"unknown mode {value!r}")
    if name == "regex":
        check_regex(value)


def check_regex(value: Any) -> None:
    """Refuse what is not a regular expression."""
    try:
        re.compile(value)
    except (re.error, TypeError) as wrong:
        raise ControlError("params.regex", f"not a regular expression: {wrong}") from None


def refuse_unknown_keys(said: Any, known: set[str], prefix: str) -> None:
    """Refuse a body that is no object, or says something that nobody would act on."""
    if not isinstance(said, dict):
        raise ControlError(prefix.rstrip(".") or "body", "must be an object")
    for key in said:
        if key not in known:
            raise ControlError(prefix + key, f"unknown key; known: {', '.join(sorted(known))}")


def text(said: dict[str, Any], key: str, *, required: bool = False, prefix: str = "") -> str:
    """Read a text."""
    value = said.get(key, "")
    if not isinstance(value, str) or (key in said and not value):
        raise ControlError(prefix + key, "must be a text")
    if required and not value:
        raise ControlError(prefix + key, "is required")
    return value


def number(
    said: dict[str, Any], key: str, *, above: float, most: float | None = None
) -> float | None:
    """Read a number that must lie above a bound."""
    if key not in said:
        return None
    value = said[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= above:
        raise ControlError(key, f"must be a number above {above}, else nothing is armed")
    if most is not None and value > most:
        raise ControlError(key, f"must not be above {most}")
    return float(value)


FIELD = {"field": ..., "object": "Case"}

ACTIONS = {
    # Time.
    "latency": Action("time", {"ms": None, "dist": None}, one_of=("ms", "dist")),
    "slow_auth": Action("time", {"ms": ...}, only_for="token"),
    "drip": Action("after", {"bytes_per_s": 100}),
    # Instead of the answer; nothing is done.
    "status": Action(
        "before", {"status": ..., "body": "html", "code": None, "message": None, "inner": False}
    ),
    "drop_before": Action("before"),
    "token_expired": Action("before", {"mode": "once"}, only_for="data"),
    "session_invalid_for_rest": Action("before", only_for="data"),
    "auth_down": Action("before", {"status": 503}, only_for="token"),
    "frozen_user": Action("before", only_for="token"),
    "ip_restricted": Action("before", only_for="token"),
    "shared_session_revoke": Action("before", only_for="data"),
    "limit_daily": Action("before", only_for="data"),
    "limit_concurrent": Action("before", only_for="data"),
    "maintenance": Action("before"),
    "readonly_maintenance": Action("before", only_for="writes"),
    "api_disabled": Action("before", only_for="data"),
    "garbage_200": Action("before"),
    "redirect_302": Action("before", {"location": "/moved"}),
    # After the work is done and committed.
    "commit_then_drop": Action("after", {"half": False}),
    "commit_then_timeout": Action("after", {"s": 60}),
    "commit_then_503": Action("after"),
    "result_truncated": Action("after", {"rows": 1}),
    "instance_move": Action("after", {"url": ...}, only_for="token"),
    "clock_skew": Action("after", {"s": ...}),
    # Single records.
    "row_lock": Action("rows", {"rows": 1.0, "keys": None}),
    "wrapped_lock": Action("rows", {"rows": 1.0, "keys": None}),
    "batch_retries": Action("rows", {"rows": 1.0, "keys": None}),
    "storage_full": Action("rows", {"rows": 1.0, "keys": None}),
    "validation_rule": Action(
        "rows", {"field": None, "regex": "", "message": "A validation rule says no."}
    ),
    "dup_rule": Action("rows", {"mode": "block", "object": "Contact"}),
    "race_dup": Action("race", {"ms": 50}),
    # The schema as the user sees it.
    "field_hidden": Action("schema", FIELD),
    "field_missing": Action("schema", FIELD),
    "picklist_restrict": Action("schema", FIELD),
    # The listener itself.
    "connect_refuse": Action("now", {"s": ...}),
}
