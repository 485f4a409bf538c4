"""The row is the queue: leasing, and every transition of a callback's state.

Each transition is one conditional UPDATE; winning is the rows it returns. `lease_no` is the
fencing token: it only ever grows, so whoever comes late with a refusal finds another number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connections, models, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from callbacks.models.afresh import FRESH, NOT_DISMISSED
from callbacks.models.attempt import is_told
from callbacks.models.case_change import CaseChange
from callbacks.models.columns import leased_fields, read
from callbacks.models.news import CASE_COLUMNS, CASELESS, CaseNews
from callbacks.models.sql import dialect, values

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from callbacks.models.callback import Callback

WAITING = ("pending", "held", "failed", "synced")  # until its Case is closed
DISMISSIBLE = ("pending", "held", "failed")
UNSERVED = models.Q(status__in=WAITING, case_closed_at=None) & ~models.Q(case_gone="deleted")
BATCH_SIZES = (200, 50, 10, 1)  # by isolation
MAX_ISOLATION = len(BATCH_SIZES) - 1


@dataclass(frozen=True)
class Batch:
    """Callbacks under lease, and the isolation that they had before."""

    callbacks: "list[Callback]"
    isolation: int


@dataclass(frozen=True)
class Lease:
    """Which lease of which callback an outcome belongs to."""

    id: UUID
    lease_no: int


@dataclass(frozen=True)
class Caller:
    """Who called, as the other side knows them; candidates if several could be meant.

    A candidate has `object`, `id` and `name`. `is_uncertain`: it could not be found out.
    """

    contact_id: str = ""
    account_id: str = ""
    name: str = ""
    candidates: "tuple[dict[str, str], ...]" = ()
    is_uncertain: bool = False


NOBODY = Caller()


@dataclass(frozen=True)
class Synced(Lease):
    case_object: str
    case_id: str
    case_number: str
    case_status: str
    case_url: str
    caller: Caller = NOBODY
    case_gone: str = ""


@dataclass(frozen=True)
class PutOff(Lease):
    """`failures` are added; `isolation` is what the next lease finds."""

    delay_seconds: float
    failures: int
    isolation: int


@dataclass(frozen=True)
class Failed(Lease):
    """`signature` is equal for failures that one correction mends."""

    trouble: str
    code: str
    signature: str
    reason: str
    next_step: str
    detail: str


class CallbackQuerySet(models.QuerySet["Callback"]):
    def pending(self) -> "CallbackQuerySet":
        return self.filter(status="pending")

    def due(self) -> "CallbackQuerySet":
        return self.pending().filter(due_at__lte=Now())

    def put_off(self) -> "CallbackQuerySet":
        return self.filter(is_put_off())

    def failed(self) -> "CallbackQuerySet":
        return self.filter(status="failed")

    def held(self) -> "CallbackQuerySet":
        return self.filter(status="held")

    def requeueable(self) -> "CallbackQuerySet":
        """What a person may send again. Not what was erased: there is nobody left to call back."""
        return self.filter(status__in=["failed", "dismissed"], erased_at=None)

    def dismissible(self) -> "CallbackQuerySet":
        """What is not in Salesforce, as far as we know. What is merged goes with its first."""
        return self.filter(status__in=DISMISSIBLE)

    def unserved(self) -> "CallbackQuerySet":
        """Callers who still wait: no closed Case, and nobody decided that none is needed."""
        return self.filter(UNSERVED)

    def lease(
        self,
        *,
        isolation: int,
        seconds: float,
        most: int = BATCH_SIZES[0],
        only: UUID | None = None,
    ) -> Batch:
        """Claim what is due at this isolation: at most BATCH_SIZES[isolation], oldest due first.

        The lease counts as doubt until an outcome says otherwise: a worker that dies leaves its
        rows one step more isolated, and they fall due again by themselves. `only` is its key.
        """
        words = dialect(self.db)
        table = self.model._meta.db_table
        sql = f"""
            WITH picked AS (
                SELECT id FROM {table}
                WHERE status = 'pending' AND isolation = %s AND due_at <= {words.now}
                {"AND id = %s" if only else ""}
                ORDER BY due_at, id LIMIT %s {words.skip_locked}
            )
            UPDATE {table} SET
                due_at = {words.in_seconds("%s")},
                lease_no = lease_no + 1,
                isolation = %s
            WHERE id IN (SELECT id FROM picked)
            RETURNING {", ".join(field.attname for field in leased_fields(self.model))}
        """  # noqa: S608 - the table's name is ours
        deeper = min(isolation + 1, MAX_ISOLATION)
        size = min(most, BATCH_SIZES[isolation])
        keys = [self._as_key(only)] if only else []
        with connections[self.db].cursor() as cursor:
            cursor.execute(sql, [isolation, *keys, size, seconds, deeper])
            return Batch(read(self.model, self.db, cursor.fetchall()), isolation)

    def isolations_due(self) -> list[int]:
        """Where a lease would find something: one question instead of a claim for each."""
        words = dialect(self.db)
        levels = ", ".join(f"({isolation})" for isolation in range(MAX_ISOLATION + 1))
        sql = f"""
            WITH levels (isolation) AS (VALUES {levels})
            SELECT isolation FROM levels WHERE EXISTS (
                SELECT 1 FROM {self.model._meta.db_table} AS c
                WHERE c.status = 'pending' AND c.isolation = levels.isolation
                    AND c.due_at <= {words.now}
            ) ORDER BY isolation"""  # noqa: S608 - numbers and names of ours
        with connections[self.db].cursor() as cursor:
            cursor.execute(sql, [])
            return [isolation for (isolation,) in cursor.fetchall()]

    def mark_synced(self, outcomes: Sequence[Synced]) -> set[UUID]:
        """A Case exists: true whoever says so, under whatever lease. Returns the keys changed.

        Who called stays unknown of a row that was erased meanwhile. Wishes that were dismissed with
        theirs join it again.
        """
        now = timezone.now()
        field = self.model._meta.get_field("synced_at")
        stamp = field.get_db_prep_save(now, connections[self.db])
        changed = self._updated(
            {
                "key": "uuid",
                "case_object": "text",
                "case_id": "text",
                "case_number": "text",
                "case_status": "text",
                "case_url": "text",
                "case_gone": "text",
                "contact_id": "text",
                "contact_name": "text",
                "candidates": "json",
            },
            [_synced_columns(outcome) for outcome in outcomes],
            f"""status = CASE WHEN v.case_gone = 'merged' AND c.merged_into_id IS NOT NULL
                  THEN 'merged' ELSE 'synced' END,
               merged_into_id = CASE WHEN v.case_gone = 'merged' THEN c.merged_into_id END,
               case_object = v.case_object, case_id = v.case_id,
               case_number = v.case_number, case_status = v.case_status, case_url = v.case_url,
               case_gone = v.case_gone, {_UNLESS_ERASED}, synced_at = %s, lease_no = c.lease_no + 1,
               isolation = 0, failure_class = '', failure_code = '', failure_signature = '',
               failure_reason = '', failure_next_step = '', failure_detail = ''""",
            "c.status <> 'synced'",
            [stamp],
        )
        if dismissed := [key for key, was_dismissed in changed.items() if was_dismissed]:
            joined = self.filter(merged_into__in=dismissed, erased_at=None)
            joined.filter(dismissed_at__gte=F("merged_into__dismissed_at")).join_again()
        return set(changed)

    def mark_put_off(self, outcomes: Sequence[PutOff]) -> set[UUID]:
        later = dialect(self.db).in_seconds("v.delay_seconds")
        return self._update_from(
            {
                "key": "uuid",
                "lease_no": "int",
                "delay_seconds": "float",
                "failures": "int",
                "isolation": "int",
            },
            [(o.id, o.lease_no, o.delay_seconds, o.failures, o.isolation) for o in outcomes],
            f"""due_at = {later}, failures = c.failures + v.failures,
                isolation = v.isolation""",
            "c.status = 'pending' AND c.lease_no = v.lease_no",
        )

    def give_back(self, callbacks: "Iterable[Callback]", isolation: int) -> set[UUID]:
        """Leased for nothing: due again at once, with the isolation that they had before."""
        return self.mark_put_off(
            [PutOff(c.id, c.lease_no, 0.0, failures=0, isolation=isolation) for c in callbacks]
        )

    def mark_failed(self, outcomes: Sequence[Failed]) -> set[UUID]:
        return self._update_from(
            {
                "key": "uuid",
                "lease_no": "int",
                "trouble": "text",
                "code": "text",
                "signature": "text",
                "reason": "text",
                "next_step": "text",
                "detail": "text",
            },
            [astuple(outcome) for outcome in outcomes],
            """status = 'failed', failures = c.failures + 1, failure_class = v.trouble,
               failure_code = v.code, failure_signature = v.signature, failure_reason = v.reason, failure_next_step = v.next_step,
               failure_detail = v.detail""",
            "c.status = 'pending' AND c.lease_no = v.lease_no",
        )

    def note_cases(self, news: Sequence[CaseNews]) -> set[UUID]:
        """How their Cases stand by now. Returns the keys of those that stood otherwise."""
        if not news:
            return set()
        names = list(CASE_COLUMNS)[1:]
        old, new = (", ".join(f"{row}.{name}" for name in names) for row in "cv")
        with transaction.atomic(using=self.db):
            CaseChange.objects.using(self.db).note(self.model, news)
            return self._update_from(
                CASE_COLUMNS,
                [item.columns(self.db) for item in news],
                ", ".join(f"{name} = v.{name}" for name in names),
                f"c.status = 'synced' AND ({old}) IS DISTINCT FROM ({new})",
            )

    def hold(self, leases: Iterable[Lease]) -> int:
        """No route any more: staff decides."""
        return sum(
            self.pending()
            .filter(id=lease.id, lease_no=lease.lease_no)
            .update(status="held", lease_no=F("lease_no") + 1)
            for lease in leases
        )

    def answer(self, found: Mapping[Lease, "Sequence[dict[str, str]]"]) -> None:
        """There is nothing to send: not one record was found, but these.

        What was merged into it waits for a Case that never comes, and goes by itself.
        """
        for lease, candidates in found.items():
            this = self.pending().filter(id=lease.id, lease_no=lease.lease_no)
            done = {"status": "answered", "lease_no": F("lease_no") + 1, "asked_again": 0}
            with transaction.atomic(using=self.db):
                if this.update(**done, candidates=list(candidates)):
                    self.filter(status="merged", merged_into=lease.id, erased_at=None).part()

    def part(self) -> int:
        """Let merged wishes be callbacks of their own. Returns how many."""
        return self.update(**FRESH, **CASELESS, case_gone="", merged_into=None)

    def join_again(self) -> int:
        """Let wishes that were dismissed with their first be merged again. Returns how many."""
        dismissed = self.filter(status="dismissed")
        return dismissed.update(status="merged", lease_no=F("lease_no") + 1, **NOT_DISMISSED)

    def requeue(self) -> int:
        """Send again what failed or was dismissed, under the same key. Returns how many.

        What was dismissed on its way waits until that lease is over: of one row one lease lives.
        """
        after_lease = When(status="dismissed", then=Greatest("due_at", Now()))
        fresh = FRESH | {"due_at": Case(after_lease, default=Now())}
        return self.requeueable().update(**fresh, **NOT_DISMISSED)

    def send_now(self) -> int:
        """Let what waits for a later attempt fall due. Returns how many."""
        return self.put_off().update(due_at=Now())

    def make_again(self) -> int:
        """Send again, under the same key, what was synced but is not in the org. Returns how many.

        Not what was deleted or merged there, which was somebody's decision.
        """
        return self.filter(status="synced", case_gone="", erased_at=None).update(
            **FRESH, **CASELESS
        )

    def release(self) -> int:
        """Let held callbacks go out. Returns how many."""
        return self.held().update(**FRESH)

    def dismiss(self, *, by: "AbstractBaseUser", reason: str) -> int:
        """Nobody will be called back. Returns how many it was, merged ones included.

        One that is on its way may have become a Case, which counts then (`mark_synced`).
        """
        on_its_way = When(Q(~is_told(), status="pending"), then=F("due_at"))
        return self.filter(status__in=[*DISMISSIBLE, "merged"]).update(
            status="dismissed",
            due_at=Case(on_its_way, default=Now()),
            lease_no=F("lease_no") + 1,
            dismissed_at=timezone.now(),
            dismissed_by=by,
            dismiss_reason=reason,
        )

    def _update_from(
        self,
        columns: dict[str, str],
        rows: Sequence[Sequence[Any]],
        assignments: str,
        condition: str,
    ) -> set[UUID]:
        return set(self._updated(columns, rows, assignments, condition))

    def _updated(
        self,
        columns: dict[str, str],
        rows: Sequence[Sequence[Any]],
        assignments: str,
        condition: str,
        assigned: Sequence[Any] = (),
    ) -> dict[UUID, bool]:
        """The keys changed, and whether somebody had dismissed them."""
        if not rows:
            return {}
        key = self.model._meta.pk
        prepared = [(self._as_key(row[0]), *row[1:]) for row in rows]
        with_values, text = values(columns, prepared, self.db)
        sql = f"""{with_values}
            UPDATE {self.model._meta.db_table} AS c SET {assignments}
            FROM v WHERE c.id = v.key AND {condition} RETURNING id, dismissed_at"""  # noqa: S608
        with connections[self.db].cursor() as cursor:
            cursor.execute(sql, [text, *assigned])
            return {key.to_python(row[0]): row[1] is not None for row in cursor.fetchall()}

    def _as_key(self, key: UUID) -> Any:
        return self.model._meta.pk.get_db_prep_value(key, connections[self.db])


def is_put_off() -> Q:
    """Whether it waits for a later attempt, and is not on its way."""
    return Q(is_told(), status="pending", due_at__gt=Now())


_UNLESS_ERASED = ", ".join(
    f"{name} = CASE WHEN c.erased_at IS NULL THEN v.{name} ELSE c.{name} END"
    for name in ("contact_id", "contact_name", "candidates")
)


def _synced_columns(outcome: Synced) -> tuple[Any, ...]:
    caller = outcome.caller
    return (
        outcome.id,
        *(outcome.case_object, outcome.case_id, outcome.case_number, outcome.case_status),
        *(outcome.case_url, outcome.case_gone),
        *(caller.contact_id, caller.name, caller.candidates),
    )
