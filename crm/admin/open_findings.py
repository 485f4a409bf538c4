"""Where callbacks and Salesforce differ, in short, for the connection's page."""

from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from callbacks.admin.places import may_open, place
from callbacks.admin.wording import ago, number, translated
from callbacks.models import JobRun
from crm.admin.comparisons import outcome_of
from crm.admin.finding_looks import LOOKS
from crm.finding_words import next_step, sentence
from crm.models import Finding, ReconciliationRun

SHOWN = 5
WATCHING = "crm.tasks.watch_objects"
TONES = {"danger": "bad", "warning": "warn", "info": "plain"}
ABOUT_FIELDS = (
    Finding.Kind.FIELD_VANISHED,
    Finding.Kind.FIELD_SHRANK,
    Finding.Kind.FIELD_REQUIRED,
    Finding.Kind.FIELD_CHANGED,
)


class Line(NamedTuple):
    tone: str
    text: str
    next_step: str
    link: str


class Look(NamedTuple):
    """A look at the org that is taken by the clock: what came of the last."""

    name: str
    outcome: object
    when: str
    link: str


def open_findings(request: HttpRequest, now: datetime) -> dict[str, Any] | None:
    """None for those who may not see findings."""
    if not may_open(request, "crm.finding"):
        return None
    open_ones = Finding.objects.filter(mended_at=None)
    found = list(open_ones[: SHOWN + 1])
    return {
        "lines": [_line(finding) for finding in found[:SHOWN]],
        "link": place(request, "crm.finding"),
        "is_more": len(found) > SHOWN,
        "looks": _looks(request, now),
    }


def _line(finding: Finding) -> Line:
    tone = TONES.get(LOOKS[Finding.Kind(finding.kind)].tone, "plain")
    link = reverse("admin:crm_finding_change", args=[finding.pk])
    field = f"{finding.subject}: " if finding.kind in ABOUT_FIELDS else ""
    return Line(tone, field + sentence(finding), next_step(finding), link)


def _looks(request: HttpRequest, now: datetime) -> list[Look]:
    runs = place(request, "crm.reconciliationrun")
    last = ReconciliationRun.objects.first() if runs else None
    watched = JobRun.objects.filter(job=WATCHING).first()
    compared = Look(
        gettext("Callbacks compared with Cases"),
        outcome_of(last) if last else "",
        ago(last.started_at, now) if last else gettext("not yet"),
        runs,
    )
    fields = Look(
        gettext("Fields that routes use"),
        _fields(watched),
        ago(watched.finished_at, now) if watched else gettext("not yet"),
        place(request, "crm.finding"),
    )
    return [compared, fields] if runs else [fields]


def _fields(watched: JobRun | None) -> str:
    if watched is None:
        return ""
    if watched.result != JobRun.Result.DONE:
        return translated(watched.reason)
    n = Finding.objects.filter(mended_at=None, kind__in=ABOUT_FIELDS).count()
    if not n:
        return gettext("as routes need them")
    return ngettext("%(n)s finding", "%(n)s findings", n) % {"n": number(n)}
