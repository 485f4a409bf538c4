"""What faults can do: each action with the moment it acts and the parameters it takes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
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
                check_parameter(name, said[name], default)
        if self.one_of and not any(said.get(n) is not None for n in self.one_of):
            raise ControlError(f"params.{self.one_of[0]}", "is required")
        return {**self.params, **said}


def check_parameter(name: str, value: Any, default: Any) -> None:
    """Refuse a parameter's value that would only fail, or do nothing, later."""
    wrong = CHECKS[name](value) if name in CHECKS else None
    if name == "mode" and value not in MODES[default]:
        wrong = f"must be one of {', '.join(MODES[default])}"
    if wrong:
        raise ControlError(f"params.{name}", wrong)


LONGEST_S = 10 * 365 * 86_400
MODES = {"once": ("once", "always"), "block": ("block", "allow")}


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def wrong_amount(value: Any) -> str | None:
    """Say what is wrong with an amount."""
    return None if is_number(value) and value >= 0 else "must be a number of at least 0"


def wrong_seconds(value: Any) -> str | None:
    """Say what is wrong with seconds, which may lie in the past."""
    right = is_number(value) and abs(value) <= LONGEST_S
    return None if right else f"must be a number of seconds, {LONGEST_S} at most"


def wrong_status(value: Any) -> str | None:
    """Say what is wrong with a status."""
    known = is_number(value) and value in set(HTTPStatus)
    return None if known else "must be a status of HTTP"


def wrong_share(value: Any) -> str | None:
    """Say what is wrong with a share."""
    return None if is_number(value) and 0 < value <= 1 else "must be above 0 and at most 1"


def wrong_bounds(value: Any) -> str | None:
    """Say what is wrong with the bounds of a distribution."""
    if not isinstance(value, dict) or set(value) != {"low", "high"}:
        return "must have low and high"
    low, high = value["low"], value["high"]
    right = is_number(low) and is_number(high) and 0 <= low <= high
    return None if right else "must have 0 <= low <= high"


def wrong_keys(value: Any) -> str | None:
    """Say what is wrong with a list of keys."""
    right = isinstance(value, list) and value and all(isinstance(v, str) for v in value)
    return None if right else "must be a list of texts"


def wrong_form(value: Any) -> str | None:
    """Say what is wrong with the form of a body."""
    return None if value in {"html", "json"} else "must be html or json"


def wrong_flag(value: Any) -> str | None:
    """Say what is wrong with a flag."""
    return None if isinstance(value, bool) else "must be true or false"


def wrong_text(value: Any) -> str | None:
    """Say what is wrong with a text."""
    return None if isinstance(value, str) and value else "must be a text"


def wrong_regex(value: Any) -> str | None:
    """Say what is wrong with a regular expression."""
    try:
        re.compile(value)
    except (re.error, TypeError) as wrong:
        return f"not a regular expression: {wrong}"
    return None


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "ms": wrong_amount,
    "s": wrong_seconds,
    "bytes_per_s": wrong_amount,
    "missing": wrong_amount,
    "status": wrong_status,
    "rows": wrong_share,
    "dist": wrong_bounds,
    "keys": wrong_keys,
    "body": wrong_form,
    "half": wrong_flag,
    "inner": wrong_flag,
    "regex": wrong_regex,
    "field": wrong_text,
    "object": wrong_text,
    "message": wrong_text,
    "code": wrong_text,
    "url": wrong_text,
    "location": wrong_text,
}


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
    "result_truncated": Action("after", {"missing": 1}),
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
    "private_sharing": Action("schema", {"object": "Case"}),
    "object_hidden": Action("schema", {"object": ...}),
    # The listener itself.
    "connect_refuse": Action("now", {"s": ...}),
}
