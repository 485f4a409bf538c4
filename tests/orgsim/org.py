"""The org: its data, its rules, its users, and what is armed against its clients."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from random import Random
from typing import Any

from . import ids
from .catalogue import schema_from
from .clock import Clock
from .cursors import Cursors
from .drift import Change, changed
from .faults import Faults
from .founding import first_rows
from .journal import Journal
from .limits import DailyCalls
from .locks import RowLocks
from .schema import Schema
from .store import Store
from .tokens import Tokens
from .triggers import CALLBACK_QUEUE, DEFAULT_CASE_OWNER, Rule

METADATA = Path(__file__).parents[2] / "crm" / "salesforce"
USERNAME = "integration@example.com"
# Records of the other org have ids that the first one never gave.
OTHER_NUMBERS = 1_000_000


@dataclass(kw_only=True)
class Settings:
    """What may be set when the org starts."""

    db: Path
    client_id: str = "demo-client"
    client_secret: str = "demo-secret"
    username: str = USERNAME
    jwt_key: bytes | None = None
    password: str | None = None
    metadata: Path = METADATA
    contact_requests: bool = False


@dataclass(kw_only=True)
class Behaviour:
    """What tests may change while the org runs."""

    daily_limit: int = 100_000
    soft_quota: bool = False
    token_ttl_s: float = 7_200
    logins_per_hour: int = 3_600
    race_ms: float = 2
    txn_ms: float = 0
    lock_wait_ms: float = 10_000
    search_lag_s: float = 0
    long_call_s: float = 20
    most_long_calls: int = 25
    auto_assign: bool = True
    shuffle_seed: int = 1


@dataclass
class Org:
    """Everything that belongs to one simulated org."""

    settings: Settings
    behaviour: Behaviour = field(default_factory=Behaviour)
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        given = self.settings
        self.declared = schema_from(given.metadata, contact_requests=given.contact_requests)
        self.locks = RowLocks()
        self.under_way: Counter[float] = Counter()
        self.apex_answers: dict[str, tuple[int, Any]] = {}
        self.shuffle = Random(self.behaviour.shuffle_seed)
        self.schema_since = datetime.fromtimestamp(0, UTC)
        self.open(other=False)

    def open(self, *, other: bool) -> None:
        """Open the file of the first org or of the other one, and what depends on it."""
        self.other = other
        self.store = Store(self.file(other=other), first_number=OTHER_NUMBERS if other else 0)
        self.clock.offset_s = self.store.fact("clock offset", 0)
        self.calls = DailyCalls(self.store, self.clock)
        self.tokens = Tokens(self.store, self.clock, self.id)
        self.cursors = Cursors()
        self.adopt(reduce(changed, self.schema_changes, self.declared))
        self.found()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The Case assignment rule: what comes by telephone goes to the queue."""
        return (Rule("Origin", "Phone", CALLBACK_QUEUE),) if self.behaviour.auto_assign else ()

    @property
    def id(self) -> str:
        """The id of the org that answers now."""
        return ids.make("00D", 2 if self.other else 1)

    def file(self, *, other: bool) -> Path:
        """Tell where the first org or the other one keeps its data."""
        first = self.settings.db
        return first.with_name(f"{first.stem}-other{first.suffix}") if other else first

    def found(self) -> None:
        """Make what every org has, unless it is there."""
        now = self.clock.stamp()
        common = {
            "IsDeleted": 0,
            "CreatedDate": now,
            "LastModifiedDate": now,
            "SystemModstamp": now,
            "CreatedById": DEFAULT_CASE_OWNER,
            "LastModifiedById": DEFAULT_CASE_OWNER,
        }
        name = "Another Simulated Org" if self.other else "Simulated Org"
        with self.store.transaction():
            for kind, row in first_rows(self.id, name, self.settings.username):
                sobject = self.schema.sobjects[kind]
                if not self.store.where_in(sobject, "Id", [row["Id"]]):
                    self.store.insert(sobject, [{**row, **common}])

    @property
    def schema_changes(self) -> list[Change]:
        """What administrators changed in the schema since the last reset."""
        return list(json.loads(self.store.fact("schema changes", "[]")))

    def change_schema(self, change: Change) -> None:
        """Let an administrator change the schema; it stays so when the org is started again."""
        with self.store.transaction():
            if change["do"] == "rename":
                self.store.rename(change["sobject"], change["field"], change["to"])
            self.adopt(changed(self.schema, change))
            self.store.keep("schema changes", json.dumps([*self.schema_changes, change]))

    def adopt(self, schema: Schema) -> None:
        """Have another schema from now on; describe tells a time that no one was told before."""
        self.store.fit(schema)
        self.schema = schema
        tick = timedelta(seconds=1)
        self.schema_since = max(self.schema_since + tick, datetime.now(UTC).replace(microsecond=0))

    def swap(self) -> None:
        """Become the other org, as after a sandbox refresh: its own records and sessions."""
        offset_s = self.clock.offset_s
        self.store.close()
        self.open(other=not self.other)
        self.advance(offset_s - self.clock.offset_s)

    @property
    def frozen(self) -> bool:
        """Whether an administrator, or Salesforce itself, froze the integration user."""
        return bool(self.store.fact("frozen", 0))

    def advance(self, seconds: float) -> None:
        """Move the org's clock; it stays moved when the org is started again."""
        self.clock.offset_s += seconds
        self.store.keep("clock offset", self.clock.offset_s)

    def reset(self) -> None:
        """Go back to the first org, empty and without faults; its tokens stay."""
        self.faults.clear()
        self.journal.clear()
        if self.other:
            self.swap()
        for end in ("", "-wal", "-shm"):
            other = self.file(other=True)
            other.with_name(other.name + end).unlink(missing_ok=True)
        self.store.wipe()
        if self.schema is not self.declared:
            self.adopt(self.declared)
        self.apex_answers.clear()
        self.clock.offset_s = 0
        self.behaviour = Behaviour()
        self.found()
