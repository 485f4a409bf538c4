"""The org: its data, its rules, its users, and what is armed against its clients."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from .catalogue import schema_from
from .clock import Clock
from .cursors import Cursors
from .faults import Faults
from .journal import Journal
from .limits import DailyCalls
from .locks import RowLocks
from .store import Row, Store
from .tokens import Tokens
from .triggers import AGENT, CALLBACK_QUEUE, DEFAULT_CASE_OWNER, INTEGRATION_USER, ORG_ID, Rule

METADATA = Path(__file__).parents[2] / "crm" / "salesforce"
USERNAME = "integration@example.com"


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
        schema = schema_from(given.metadata, contact_requests=given.contact_requests)
        self.store = Store(given.db, schema)
        self.schema = schema
        self.clock.offset_s = self.store.fact("clock offset", 0)
        self.calls = DailyCalls(self.store, self.clock)
        self.tokens = Tokens(self.store, self.clock)
        self.locks = RowLocks()
        self.cursors = Cursors()
        self.under_way: Counter[float] = Counter()
        self.apex_answers: dict[str, tuple[int, Any]] = {}
        self.shuffle = Random(self.behaviour.shuffle_seed)
        self.found()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The Case assignment rule: what comes by telephone goes to the queue."""
        return (Rule("Origin", "Phone", CALLBACK_QUEUE),) if self.behaviour.auto_assign else ()

    def found(self) -> None:
        """Make the people that every org has, unless they are there."""
        if self.store.value("SELECT 1 FROM Organization"):
            return
        now = self.clock.stamp()
        common = {
            "IsDeleted": 0,
            "CreatedDate": now,
            "LastModifiedDate": now,
            "SystemModstamp": now,
            "CreatedById": DEFAULT_CASE_OWNER,
            "LastModifiedById": DEFAULT_CASE_OWNER,
        }
        organization: Row = {"Id": ORG_ID, "Name": "Simulated Org", "InstanceName": "SIM0",
                        "IsSandbox": 0, "OrganizationType": "Developer Edition"}  # fmt: skip
        queue: Row = {"Id": CALLBACK_QUEUE, "Name": "Callbacks", "DeveloperName": "Callbacks",
                 "Type": "Queue"}  # fmt: skip
        with self.store.transaction():
            for name, row in [
                ("Organization", organization),
                ("Group", queue),
                *(("User", user) for user in self.users()),
            ]:
                self.store.insert(self.schema.sobjects[name], [{**row, **common}])

    def users(self) -> list[Row]:
        """Describe the integration user, the Default Case Owner and one agent."""
        people = [
            (INTEGRATION_USER, "Integration", "User", self.settings.username),
            (DEFAULT_CASE_OWNER, "Default", "Owner", "owner@example.com"),
            (AGENT, "Anna", "Agent", "agent@example.com"),
        ]
        return [
            {"Id": i, "FirstName": first, "LastName": last, "Name": f"{first} {last}",
             "Username": login, "Email": login, "IsActive": 1}
            for i, first, last, login in people
        ]  # fmt: skip

    @property
    def frozen(self) -> bool:
        """Whether an administrator, or Salesforce itself, froze the integration user."""
        return bool(self.store.fact("frozen", 0))

    def advance(self, seconds: float) -> None:
        """Move the org's clock; it stays moved when the org is started again."""
        self.clock.offset_s += seconds
        self.store.keep("clock offset", self.clock.offset_s)

    def reset(self) -> None:
        """Go back to an empty org without faults; tokens stay."""
        self.faults.clear()
        self.journal.clear()
        self.store.wipe()
        self.apex_answers.clear()
        self.clock.offset_s = 0
        self.behaviour = Behaviour()
        self.found()
