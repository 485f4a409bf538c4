"""What records of the org mean for our callbacks: who is served, what is gone, what was made."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import structlog
from django.utils import timezone

from callbacks.models import Callback
from callbacks.models.news import CaseNews
from callbacks.models.queue import Synced
from crm import findings
from crm.client import SalesforceClient
from crm.draft import Target
from crm.findings import Seen
from crm.keyed import Keyed, chunks, with_ids
from crm.models import Finding

log = structlog.get_logger()

ROWS_PER_STATEMENT = 500
MOST_FOLLOWED = 10_000  # winners of merges, which need not carry a key of ours
MOST_SETTLED = 20  # in one go; more is no accident, and a person looks first
NUMBER_LENGTH, STATUS_LENGTH = 30, 40  # of the columns that keep them
EXPLAINED = (Callback.Status.FAILED, Callback.Status.DISMISSED)


class Row(NamedTuple):
    """A callback as far as its Case is concerned."""

    status: str
    case_id: str
    case_gone: str
    case_object: str
    case_number: str
    case_url: str


Rows = dict[UUID, Row]


def winners_of_merges() -> dict[str, list[UUID]]:
    """The records into which ours were merged and which are still open, by id; newest first."""
    merged = Callback.objects.unserved().filter(case_gone=Callback.Gone.MERGED)
    merged = merged.order_by("-received_at")
    winners = defaultdict(list)
    for key, case_id in merged.values_list("id", "case_id")[:MOST_FOLLOWED]:
        winners[case_id].append(key)
    return dict(winners)


@dataclass
class News:
    """Takes in records of one kind, writes what they mean, and counts."""

    client: SalesforceClient
    target: Target
    most_settled: int = MOST_SETTLED
    followed: Mapping[str, Sequence[UUID]] = field(default_factory=winners_of_merges)
    changed: int = 0
    settled: int = 0

    def take(self, records: Sequence[Keyed]) -> Rows:
        """Write what is new. Returns the callbacks that these records are about."""
        keys = {record.key for record in records if record.key}
        keys.update(key for record in records for key in self.followed.get(record.id, ()))
        rows = self.rows_with(keys)
        chosen = self._chosen(records, rows)
        self._settle({key: r for key, r in chosen.items() if rows[key].status != "synced"}, rows)
        winners = self._winners(chosen.values())
        news = [self._news(key, record, winners) for key, record in chosen.items()]
        for some in chunks(news, ROWS_PER_STATEMENT):
            self.changed += len(Callback.objects.note_cases(some))
        return rows

    def point_to(self, record: Keyed) -> None:
        """Of several with its key, this one is the callback's."""
        if record.key:
            Callback.objects.note_cases([self._news(record.key, record, {})])

    def rows_with(self, keys: Iterable[UUID]) -> Rows:
        found = Callback.objects.filter(id__in=keys)
        return {key: Row(*facts) for key, *facts in found.values_list("id", *Row._fields)}

    def _chosen(self, records: Sequence[Keyed], rows: Rows) -> dict[UUID, Keyed]:
        """The record that counts for each callback: its own, else the oldest living one."""
        chosen: dict[UUID, Keyed] = {}
        for record in sorted(records, key=oldest_living_first):
            for key in (record.key, *self.followed.get(record.id, ())):
                if key and key in rows and _counts(record, rows[key]):
                    chosen.setdefault(key, record)
        return chosen

    def _settle(self, late: Mapping[UUID, Keyed], rows: Rows) -> None:
        """A Case exists, true whoever says so. Many surprises at once are left to a person."""
        surprises = {key for key in late if rows[key].status != Callback.Status.PENDING}
        is_allowed = self.settled + len(surprises) <= self.most_settled
        if is_allowed:
            self.settled += len(surprises)
        left = set() if is_allowed else surprises
        told = [self._synced(key, record) for key, record in late.items() if key not in left]
        self.changed += len(Callback.objects.mark_synced(told))
        findings.note(
            [
                self._surprise(key, late[key], rows[key], settled=is_allowed)
                for key in surprises
                if rows[key].status in EXPLAINED or not is_allowed
            ],
            now=timezone.now(),
        )

    def _synced(self, key: UUID, record: Keyed) -> Synced:
        return Synced(
            id=key,
            lease_no=0,  # whatever its lease is
            case_object=self.target.sobject,
            case_id=record.id,
            case_number=record.number[:NUMBER_LENGTH],
            case_status=record.status[:STATUS_LENGTH],
            case_url=self._url(record),
        )

    def _surprise(self, key: UUID, record: Keyed, row: Row, *, settled: bool) -> Seen:
        detail = {"cases": [self.named(record)], "was": row.status, "settled": settled}
        return Seen(Finding.Kind.SETTLED, str(key), detail)

    def named(self, record: Keyed) -> dict[str, str]:
        """A record as findings tell of it."""
        return {"name": record.number or record.id, "url": self._url(record)}

    def _url(self, record: Keyed) -> str:
        return self.client.record_url(record.id, self.target.sobject)

    def _winners(self, records: Iterable[Keyed]) -> dict[str, Keyed]:
        """The records into which these were merged, as far as our user can read them."""
        ids = sorted({record.master_id for record in records if record.master_id})
        return {record.id: record for record in with_ids(self.client, self.target, ids)}

    def _news(self, key: UUID, record: Keyed, winners: Mapping[str, Keyed]) -> CaseNews:
        standing = winners.get(record.master_id, record)
        return CaseNews(
            id=key,
            case_id=standing.id,
            case_number=standing.number[:NUMBER_LENGTH],
            case_status=standing.status[:STATUS_LENGTH],
            case_url=self._url(standing),
            case_owner=standing.owner,
            case_closed_at=standing.closed_at,
            case_gone=_gone(key, standing),
        )


def oldest_living_first(record: Keyed) -> tuple[object, ...]:
    return record.is_deleted, record.created_at, record.id


def _counts(record: Keyed, row: Row) -> bool:
    """Not a double of a record that we know, unless that one was deleted."""
    if row.status != Callback.Status.SYNCED or record.id == row.case_id:
        return True
    return row.case_gone == Callback.Gone.DELETED and not record.is_deleted


def _gone(key: UUID, standing: Keyed) -> str:
    if standing.is_deleted and not standing.master_id:
        return Callback.Gone.DELETED
    is_its_own = standing.key == key and not standing.master_id
    return Callback.Gone.NOT if is_its_own else Callback.Gone.MERGED
