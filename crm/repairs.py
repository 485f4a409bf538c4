"""What a person can do about a finding. Each repair asks the org first how it stands now.

What it then changes here, the finding that closes and the line in the log are written together.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from callbacks.models import AcdClient, Callback, StaffAction
from crm import findings
from crm.client import SalesforceClient
from crm.findings import Repair
from crm.keyed import Keyed, with_keys
from crm.models import Finding
from crm.news import MOST_SETTLED, News, oldest_living_first
from crm.preconditions import check_org
from crm.targets import targets
from crm.usage import purpose

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Kind = Finding.Kind
Change = Callable[[], Repair]  # of what is here
Mend = Callable[[SalesforceClient, Finding], Change]


class CannotRepairError(Exception):
    """Why not, in a sentence for staff, in English."""


@purpose("repair")
def repair(
    mend: Mend,
    client: SalesforceClient,
    finding: Finding,
    *,
    by: "User",
    now: datetime,
) -> Repair:
    """Mend and close the finding. CannotRepairError or CrmError if nothing was done."""
    if mend not in REPAIRS[Kind(finding.kind)]:
        raise CannotRepairError(_("This repair is for findings of another kind."))
    change = mend(client, finding)
    with transaction.atomic():
        done = change()
        if not findings.close(finding, done, by=by, now=now):
            raise CannotRepairError(_("Somebody else was quicker; nothing was changed."))
        _write_down(finding, done, by)
    return done


def _write_down(finding: Finding, done: Repair, by: "User") -> None:
    about = [finding.subject] if finding.kind in findings.ABOUT_CALLBACKS else []
    StaffAction.objects.note(
        StaffAction.Verb.MENDED,
        by=by,
        callbacks=Callback.objects.filter(pk__in=about).values_list("pk", flat=True),
        changes={finding.subject: [finding.kind, done]},
    )


def make_again(client: SalesforceClient, finding: Finding) -> Change:
    """Send it again under its key, unless the org has its Case after all, or had it."""
    key = UUID(finding.subject)
    records = [record for _, record in _asked(client, key)]
    if any(not record.is_deleted for record in records):
        return _only(Repair.BY_ITSELF)
    if records:
        raise CannotRepairError(
            _("Somebody deleted or merged this Case in Salesforce. It is not made again.")
        )

    def change() -> Repair:
        if not Callback.objects.filter(id=key).make_again():
            raise CannotRepairError(
                _("The callback has changed meanwhile, or its data are erased. Nothing was sent.")
            )
        return Repair.MADE_AGAIN

    return change


def take_over(client: SalesforceClient, finding: Finding) -> Change:
    """Make a callback of the Case, so that the ledger and the search know of it."""
    key, owner = UUID(finding.subject), AcdClient.objects.order_by("pk").first()
    if owner is None:
        raise CannotRepairError(_("There is no ACD client to book it on. Add one first."))
    living = _living(client, key)
    if not living:
        return _only(Repair.BY_ITSELF)
    news, record = living[0]

    def change() -> Repair:
        taken = Callback(
            id=key,
            client=owner,
            dialect=Callback.Dialect.BASE,
            received_at=record.created_at,
            status=Callback.Status.SYNCED,
            synced_at=record.created_at,
            case_object=news.target.sobject,
            case_id=record.id,
        )
        Callback.objects.bulk_create([taken], ignore_conflicts=True)
        news.take([record])  # which is there, so the org is not asked for who won a merge
        return Repair.TAKEN_OVER

    return change


def accept_oldest(client: SalesforceClient, finding: Finding) -> Change:
    """The oldest Case is the callback's; the others are for Salesforce's staff to merge."""
    living = _living(client, UUID(finding.subject))
    if len(living) <= 1:
        return _only(Repair.BY_ITSELF)
    news, oldest = living[0]

    def change() -> Repair:
        news.point_to(oldest)
        return Repair.ACCEPTED

    return change


def ignore(_client: SalesforceClient, _finding: Finding) -> Change:
    return _only(Repair.IGNORED)


def note(client: SalesforceClient, finding: Finding) -> Change:
    """A person has seen it. A Case that appeared settles its callback now."""
    if finding.kind == Kind.SETTLED and not finding.detail["settled"]:
        _asked(client, UUID(finding.subject), most_settled=sys.maxsize)
    return _only(Repair.NOTED)


def _only(done: Repair) -> Change:
    """Nothing is to be changed but the finding."""
    return lambda: done


def _living(client: SalesforceClient, key: UUID) -> list[tuple[News, Keyed]]:
    return [(news, record) for news, record in _asked(client, key) if not record.is_deleted]


def _asked(
    client: SalesforceClient, key: UUID, *, most_settled: int = MOST_SETTLED
) -> list[tuple[News, Keyed]]:
    """What the org has under this key now, the oldest living record first. Notes what is new."""
    check_org(client)
    found = []
    for target in targets():
        news = News(client, target, most_settled=most_settled, followed={})
        records = sorted(with_keys(client, target, [key]), key=oldest_living_first)
        news.take(records)
        found += [(news, record) for record in records]
    return sorted(found, key=lambda each: oldest_living_first(each[1]))


REPAIRS: dict[Kind, tuple[Mend, ...]] = {
    Kind.MISSING_THERE: (make_again, ignore),
    Kind.DOUBLED_THERE: (accept_oldest,),
    Kind.UNKNOWN_HERE: (take_over, ignore),
    **dict.fromkeys(
        set(Kind) - {Kind.MISSING_THERE, Kind.DOUBLED_THERE, Kind.UNKNOWN_HERE}, (note,)
    ),
}
