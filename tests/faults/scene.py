"""Where faults happen: the program, an org and an ACD; and the verdict when the noise is over."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.faults.callers import Acd, Stored
from tests.faults.figures import ALONE, Shown, percentile
from tests.orgsim.process import Org
from tests.processes import Installation, until

KEY = "Jtel_Callback_ID__c"


@dataclass(frozen=True)
class Scene:
    site: Installation
    org: Org
    acd: Acd
    record: Callable[[str, object], None]

    def show(self, name: str, value: Shown | None = None, **columns: Shown) -> None:
        """Note a figure for the table at the end: one value, or several columns by name."""
        self.record(name, columns or {ALONE: value})

    def show_answers(self, **stored: Sequence[Stored]) -> None:
        """How long the ACD waited, one column for each part of the load."""
        for share in (0.5, 0.9, 0.99, 1.0):
            name = f"answer p{share * 100:g}, ms" if share < 1 else "slowest answer, ms"
            columns = {
                part: percentile([one.ms for one in ones], share) for part, ones in stored.items()
            }
            self.show(name, **columns)

    def all_settle(self, count: int, *, seconds: float = 120) -> None:
        """Wait until so many callbacks, and no others, are synced."""
        until(lambda: self.site.counts() == {"synced": count}, seconds=seconds, every=0.2)

    def outlast_leases(self) -> None:
        """Let all leases and waits run out at once, in the order in which they would."""
        self.site.execute("UPDATE callbacks_callback SET due_at = due_at - interval '1 hour'")

    def judge(self, acknowledged: Iterable[str]) -> None:
        """Each acknowledged callback has a Case, none has two, and both sides tell the same."""
        keys = set(acknowledged)
        cases = self.org.records("Case")
        having = {case[KEY] for case in cases}
        self.show("acknowledged", len(keys))
        self.show("Cases", len(cases))
        self.show("acknowledged without a Case", len(keys - having))
        self.show("doubled", len(cases) - len(having))
        assert keys - having == set()
        assert len(cases) == len(having)
        assert self.org.audit()["duplicate_keys"] == []
        assert self.told() == {(case[KEY], case["Id"]) for case in cases}

    def told(self) -> set[tuple[Any, ...]]:
        """Key and Case of each synced callback, as our side tells it."""
        rows = self.site.query("SELECT id, case_id FROM callbacks_callback WHERE status = 'synced'")
        return {(str(key), case) for key, case in rows}
