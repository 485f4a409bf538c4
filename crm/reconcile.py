"""The nightly comparison of callbacks with the org, by key: missing there, doubled, unknown here.

Read are the records of a window by their own times, and compared with the callbacks of that
window. The two do not quite overlap: a callback may be received long before its record is made.
So whatever looks wrong is asked for again by its key, and what is still wrong is a finding.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from callbacks.models import Callback, SyncAttempt
from crm import findings, keyed
from crm.asking import ask_leave, heed, leave_the_reserve
from crm.client import SalesforceClient
from crm.draft import Target
from crm.errors import CrmError
from crm.findings import Seen
from crm.keyed import KEYS_PER_QUERY, Keyed, chunks
from crm.models import Finding, Org, ReconciliationRun
from crm.news import MOST_SETTLED, News, Row, Rows, oldest_living_first
from crm.outcomes import Chance
from crm.targets import RecordsOf, by_object

log = structlog.get_logger()

Kind = Finding.Kind
Progress = Callable[[int], None]  # told how many records were read since it was told last

DAYS = 7
MARGIN = timedelta(days=1)  # the org's clock may be behind ours
BY_KEY = (Kind.MISSING_THERE, Kind.DOUBLED_THERE, Kind.UNKNOWN_HERE)
SENT = (Callback.Status.PENDING, Callback.Status.FAILED, Callback.Status.SYNCED)


def reconcile(
    client: SalesforceClient,
    *,
    since: datetime,
    chance: Chance,
    most_settled: int = MOST_SETTLED,
    progress: Progress = lambda _: None,
) -> ReconciliationRun:
    """Compare what was received since then. The run says what came of it, also if it failed."""
    run = ReconciliationRun.objects.create(started_at=timezone.now(), since=since)
    counts: Counter[str] = Counter()
    try:
        ask_leave(client, chance)
        for records in by_object():
            news = [
                News(client, target, most_settled=most_settled, followed={})
                for target in records.targets
            ]
            Comparison(client, records, news, since, counts, progress).make()
            _follow(client, records.targets[0])
        findings.close_unseen([*BY_KEY, Kind.INVISIBLE], since=run.started_at)
    except CrmError as error:
        run.error_code = error.code
        heed(error, chance)
    except Exception:
        run.error_code = "INTERNAL"
        raise
    finally:
        run.counts, run.finished_at = dict(+counts), timezone.now()
        run.save()
        log.info("reconciled", code=run.error_code, **run.counts)
    return run


def _follow(client: SalesforceClient, target: Target) -> None:
    """How those fare that carry no key of ours and have become our callbacks' all the same.

    They are too many for each pull: whatever was merged there, or went out as a comment.
    """
    if target.sobject == "Case":
        news = News(client, target)
        for some in chunks(news.followed, KEYS_PER_QUERY):
            leave_the_reserve(client)
            news.take(list(keyed.with_ids(client, target, some)))


@dataclass
class Comparison:
    """Records of one object and the callbacks that became them.

    Under several key fields each has its own news; missing is only what is under none of them.
    """

    client: SalesforceClient
    records: RecordsOf
    news: Sequence[News]
    since: datetime
    counts: Counter[str]
    progress: Progress
    seen: set[UUID] = field(default_factory=set)
    doubtful: set[UUID] = field(default_factory=set)
    hidden: set[UUID] = field(default_factory=set)  # what the org has shown to us as a clash only
    still_hidden: int = 0

    def make(self) -> None:
        for news in self.news:
            self._read_records(news)
        self._doubt_what_was_not_seen()
        for keys in chunks(sorted(self.doubtful), KEYS_PER_QUERY):
            self._ask_again(keys)
        if self.still_hidden:
            detail = {"callbacks": self.still_hidden}
            self._note([Seen(Kind.INVISIBLE, self.records.sobject, detail)])
        self.counts["settled"] += sum(news.settled for news in self.news)

    def _read_records(self, news: News) -> None:
        for page in keyed.pages(
            self.client, news.target, by="CreatedDate", since=self.since - MARGIN
        ):
            leave_the_reserve(self.client)
            rows = news.take(page)
            living = [record.key for record in page if record.key and not record.is_deleted]
            for key in living:
                if key in self.seen or key not in rows:
                    self.doubtful.add(key)
                self.seen.add(key)
            self.counts["records"] += len(living)
            self.progress(len(page))

    def _doubt_what_was_not_seen(self) -> None:
        """What ought to be there, and what was wrong when somebody looked last."""
        expected = Callback.objects.filter(
            status="synced",
            case_gone="",
            case_object=self.records.sobject,
            received_at__gte=self.since,
        )
        if confirmed_at := Org.objects.current().confirmed_at:
            expected = expected.filter(synced_at__gte=confirmed_at)
        for key in expected.values_list("id", flat=True).iterator():
            self.counts["callbacks"] += 1
            if key not in self.seen:
                self.doubtful.add(key)
        clashes = SyncAttempt.objects.filter(
            code="INVISIBLE_CASE", callback__received_at__gte=self.since
        )
        self.hidden = set(clashes.values_list("callback", flat=True)) - self.seen
        self.doubtful |= self.hidden | findings.open_keys(*BY_KEY) | findings.unsettled_keys()

    def _ask_again(self, keys: Sequence[UUID]) -> None:
        leave_the_reserve(self.client)
        found: dict[UUID, dict[str, Keyed]] = defaultdict(dict)
        for news in self.news:
            records = list(keyed.with_keys(self.client, news.target, keys))
            news.take([record for record in records if record.key])
            for record in records:
                if record.key:
                    found[record.key][record.id] = record
        rows = self.news[0].rows_with(keys)
        missing = {k: r for k, r in rows.items() if not found[k] and self._ought_to_be_there(r)}
        judged = set(keys) - self._with_a_hidden_key(missing)
        told = [self._judge(key, rows.get(key), list(found[key].values())) for key in judged]
        self._note([seen for some in told for seen in some])

    def _with_a_hidden_key(self, missing: Rows) -> set[UUID]:
        """Those whose record is there all the same."""
        if self.records.is_whole:
            return set()
        keys = {row.case_id: key for key, row in missing.items() if row.case_id}
        records = keyed.with_ids(self.client, self.records.targets[0], keys)
        return {keys[record.id] for record in records}

    def _judge(self, key: UUID, row: Row | None, records: Sequence[Keyed]) -> Iterator[Seen]:
        living = sorted((r for r in records if not r.is_deleted), key=oldest_living_first)
        detail = {"cases": [self.news[0].named(record) for record in living]}
        if len(living) > 1:
            yield Seen(Kind.DOUBLED_THERE, str(key), detail)
        if living and row is None:
            yield Seen(Kind.UNKNOWN_HERE, str(key), detail)
        if row and not records and self._ought_to_be_there(row):
            if key in self.hidden:
                self.still_hidden += 1
            elif row.status == Callback.Status.SYNCED:
                case = {"name": row.case_number or row.case_id, "url": row.case_url}
                yield Seen(Kind.MISSING_THERE, str(key), {"cases": [case]})

    def _ought_to_be_there(self, row: Row) -> bool:
        is_ours = (row.case_object or "Case") == self.records.sobject
        return is_ours and row.status in SENT and not row.case_gone

    def _note(self, seen: Sequence[Seen]) -> None:
        self.counts.update(str(item.kind) for item in seen)
        findings.note(seen, now=timezone.now())
