"""What is wrong between us and the org: opened once, seen again, closed when it is right again."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.keyed import chunks
from crm.models import Finding

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

CHUNK = 500
ABOUT_CALLBACKS = (Finding.Kind.MISSING_THERE, Finding.Kind.DOUBLED_THERE, Finding.Kind.SETTLED)


class Repair(models.TextChoices):
    """How a finding was closed."""

    BY_ITSELF = "by_itself", _("Came right by itself")
    MADE_AGAIN = "made_again", _("Made again")
    TAKEN_OVER = "taken_over", _("Taken over")
    IGNORED = "ignored", _("Ignored")
    ACCEPTED = "accepted", _("Oldest one accepted")
    NOTED = "noted", _("Noted")


# What a person has let be is not told again while it is just the same: for good, or as long as it
# was never right in between.
FOR_GOOD = (Repair.IGNORED, Repair.ACCEPTED)
IN_BETWEEN = timedelta(days=3)


@dataclass(frozen=True)
class Seen:
    kind: Finding.Kind
    subject: str
    detail: dict[str, Any] = field(default_factory=dict)


def note(seen: Iterable[Seen], *, now: datetime) -> None:
    """Open a finding for each of them, or see the open one again."""
    for some in chunks(seen, CHUNK):
        about = Finding.objects.filter(
            kind__in={item.kind for item in some}, subject__in={item.subject for item in some}
        )
        still_open = {(f.kind, f.subject): f for f in about.filter(mended_at=None)}
        let_be = {_content(f) for f in about.filter(_let_be(now))}
        about.filter(_let_be(now)).update(seen_at=now)
        _see_again([item for item in some if _key(item) in still_open], still_open, now)
        news = [i for i in some if _key(i) not in still_open and _content(i) not in let_be]
        _open(news, now)


def close_unseen(kinds: Collection[str], *, since: datetime) -> int:
    """Close the open ones of these kinds that nobody saw any more. Returns how many."""
    unseen = Finding.objects.filter(kind__in=kinds, mended_at=None, seen_at__lt=since)
    return unseen.update(mended_at=since, repair=Repair.BY_ITSELF)


def open_keys(*kinds: str) -> set[UUID]:
    """The callbacks that open findings of these kinds are about."""
    return _keys_of(Finding.objects.filter(kind__in=kinds, mended_at=None))


def unsettled_keys() -> set[UUID]:
    """The callbacks whose Case appeared, and which are left to a person."""
    appeared = Finding.objects.filter(kind=Finding.Kind.SETTLED, mended_at=None)
    return _keys_of(appeared.filter(detail__settled=False))


def close(finding: Finding, repair: Repair, *, by: "AbstractBaseUser", now: datetime) -> bool:
    """A person mended it. False if somebody else has closed it."""
    still_open = Finding.objects.filter(pk=finding.pk, mended_at=None)
    return bool(still_open.update(mended_at=now, mended_by=by, repair=repair))


def _keys_of(findings: QuerySet[Finding]) -> set[UUID]:
    return {UUID(subject) for subject in findings.values_list("subject", flat=True)}


def _let_be(now: datetime) -> Q:
    noted = Q(repair=Repair.NOTED, seen_at__gte=now - IN_BETWEEN)
    return noted | Q(repair__in=FOR_GOOD)


def _see_again(
    seen: Sequence[Seen], still_open: dict[tuple[str, str], Finding], now: datetime
) -> None:
    for item in seen:
        finding = still_open[_key(item)]
        finding.detail, finding.seen_at = item.detail, now
    Finding.objects.filter(mended_at=None).bulk_update(still_open.values(), ["detail", "seen_at"])


def _open(news: Sequence[Seen], now: datetime) -> None:
    Finding.objects.bulk_create(
        [
            Finding(kind=i.kind, subject=i.subject, detail=i.detail, found_at=now, seen_at=now)
            for i in news
        ],
        ignore_conflicts=True,  # another process saw it at the same time
    )


def _key(item: Seen | Finding) -> tuple[str, str]:
    return item.kind, item.subject


def _content(item: Seen | Finding) -> tuple[str, str, bytes]:
    return item.kind, item.subject, orjson.dumps(item.detail, option=orjson.OPT_SORT_KEYS)
