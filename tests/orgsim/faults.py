"""The plane of faults: what is armed, what it matches, and when it fires."""

import itertools
import re
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

from .actions import ACTIONS, ControlError, number, refuse_unknown_keys, text
from .calls import Call, records_of, sobject_of

KEYS = {"id", "match", "action", "count", "rate", "seed", "after_n", "for_s", "params"}
MATCH_KEYS = {"method", "path", "op", "object", "key_regex", "row_index", "nth"}
OPS = {
    "create", "update", "upsert", "delete", "read", "query", "search", "token", "describe",
    "limits", "composite", "apex", "other",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """Which calls a fault is for; what is empty matches all."""

    method: str = ""
    path: re.Pattern[str] | None = None
    op: str = ""
    object: str = ""
    key: re.Pattern[str] | None = None
    row_index: int | None = None
    nth: int | None = None

    def call(self, call: Call) -> bool:
        """Whether a call is meant."""
        if self.op and self.op != call.op:
            return False
        if self.method and self.method != call.method:
            return False
        if self.path and not self.path.search("/".join(("", *call.path))):
            return False
        return self.rows(call)

    def rows(self, call: Call) -> bool:
        """Whether one of a call's records, or its query, is meant."""
        if not self.object and self.key is None and self.row_index is None:
            return True
        records = records_of(call)
        if records:
            named = sobject_of(call)
            return any(self.row(kind(r) or named, i, r, call) for i, r in enumerate(records))
        return self.text_of(call)

    def row(self, sobject: str, index: int, record: dict[str, Any], call: Call) -> bool:
        """Whether one record of a call is meant."""
        if self.object and self.object.lower() != sobject.lower():
            return False
        if self.row_index is not None and self.row_index != index:
            return False
        values = (*record.values(), *call.path[3:])
        return self.key is None or any(isinstance(v, str) and self.key.search(v) for v in values)

    def text_of(self, call: Call) -> bool:
        """Whether a call without records is meant, by its path and query."""
        words = " ".join((*call.path, *call.query.values()))
        named = not self.object or re.search(rf"\b{re.escape(self.object)}\b", words, re.IGNORECASE)
        keyed = self.key is None or self.key.search(words)
        return bool(named and keyed) and self.row_index is None


def kind(record: dict[str, Any]) -> str:
    """Name the sObject that a record says it is."""
    attributes = record.get("attributes")
    return str(attributes.get("type", "")) if isinstance(attributes, dict) else ""


@dataclass(slots=True, eq=False)
class Fault:
    """One armed fault."""

    id: str
    action: str
    match: Match
    params: dict[str, Any]
    said: dict[str, Any]
    rate: float = 1.0
    chance: Random = field(default_factory=Random)
    count: int | None = None
    after_n: int = 0
    until: float | None = None
    matched: int = 0
    fired: int = 0

    @property
    def spent(self) -> bool:
        """Whether it will never fire again."""
        if self.count is not None and self.fired >= self.count:
            return True
        return self.until is not None and time.monotonic() >= self.until

    def fires(self, calls: list[Call]) -> bool:
        """Decide once for a whole HTTP request, with the calls inside it."""
        if self.spent or not ACTIONS[self.action].concerns({c.op for c in calls}):
            return False
        if not any(self.match.call(c) for c in calls):
            return False
        self.matched += 1
        if self.match.nth is not None and self.matched != self.match.nth:
            return False
        if self.matched <= self.after_n or self.chance.random() >= self.rate:
            return False
        self.fired += 1
        return True

    def shown(self) -> dict[str, Any]:
        """Tell what was armed and how often it fired."""
        return {**self.said, "id": self.id, "matched": self.matched, "fired": self.fired}


class Faults:
    """All armed faults of the org; they live in memory only."""

    def __init__(self) -> None:
        self.armed: dict[str, Fault] = {}
        self._ids = itertools.count(1)

    def arm(self, said: Any) -> Fault:
        """Arm a fault as a client described it, or refuse with the key that is wrong."""
        fault = understood(said, f"fault-{next(self._ids)}")
        self.armed[fault.id] = fault
        return fault

    def draw(self, calls: list[Call]) -> tuple[Fault, ...]:
        """Give the faults that fire for one HTTP request."""
        if not self.armed:
            return ()
        self.armed = {k: f for k, f in self.armed.items() if not f.spent or f.count is not None}
        return tuple(f for f in list(self.armed.values()) if f.fires(calls))

    def clear(self, fault_id: str | None = None) -> None:
        """Disarm one fault, or all."""
        if fault_id is None:
            self.armed.clear()
        elif self.armed.pop(fault_id, None) is None:
            raise ControlError("id", f"no fault {fault_id!r} is armed")

    def shown(self) -> list[dict[str, Any]]:
        """Tell what is armed."""
        return [f.shown() for f in self.armed.values()]


def understood(said: Any, default_id: str) -> Fault:
    """Read a fault's description strictly: a body that arms nothing is a mistake of its writer."""
    refuse_unknown_keys(said, KEYS, "")
    action = text(said, "action", required=True)
    if action not in ACTIONS:
        raise ControlError("action", f"unknown action {action!r}; known: {', '.join(ACTIONS)}")
    for_s = number(said, "for_s", above=0)
    params = ACTIONS[action].read(said.get("params", {}))
    once = 1 if params.get("mode") == "once" else None
    return Fault(
        id=text(said, "id") or default_id,
        action=action,
        match=understood_match(said.get("match", {})),
        params=params,
        said=said,
        rate=number(said, "rate", above=0, most=1) or 1.0,
        chance=Random(whole(said, "seed", least=0)),
        count=whole(said, "count", least=1) or once,
        after_n=whole(said, "after_n", least=0) or 0,
        until=time.monotonic() + for_s if for_s is not None else None,
    )


def understood_match(said: Any) -> Match:
    """Read the part that says which calls are meant."""
    refuse_unknown_keys(said, MATCH_KEYS, "match.")
    op = text(said, "op", prefix="match.")
    if op and op not in OPS:
        raise ControlError("match.op", f"unknown op {op!r}; known: {', '.join(sorted(OPS))}")
    return Match(
        method=text(said, "method", prefix="match.").upper(),
        path=pattern(said, "path"),
        op=op,
        object=text(said, "object", prefix="match."),
        key=pattern(said, "key_regex"),
        row_index=whole(said, "row_index", least=0, prefix="match."),
        nth=whole(said, "nth", least=1, prefix="match."),
    )


def pattern(said: dict[str, Any], key: str) -> re.Pattern[str] | None:
    """Read a regular expression."""
    source = text(said, key, prefix="match.")
    try:
        return re.compile(source) if source else None
    except re.error as wrong:
        raise ControlError(f"match.{key}", f"not a regular expression: {wrong}") from None


def whole(said: dict[str, Any], key: str, *, least: int, prefix: str = "") -> int | None:
    """Read a whole number."""
    value = said.get(key)
    if value is None and key not in said:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ControlError(prefix + key, f"must be a whole number of at least {least}")
    return value
