"""What the last test of the connection found, and whether one is under way."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from callbacks.admin.actions import Words
from callbacks.admin.wording import ago
from crm.inspected import Kept, Level
from crm.models import Inspection

TEST = Words(
    _("Test the connection?"),
    _("Signs in, looks once at all that callbacks need, and changes nothing. About ten API calls."),
    _("Test now"),
    _("The test is under way."),
)
TONES = {Level.ERROR: "bad", Level.WARNING: "warn", Level.OK: "good"}
WORST_FIRST = list(TONES)


class Check(NamedTuple):
    tone: str
    text: str
    next_step: str


class Panel(NamedTuple):
    """`state` changes when the page has something new to show."""

    state: str  # none, under_way, lost, done
    lead: str
    when: str
    checks: list[Check]


def panel(now: datetime) -> Panel:
    last = Inspection.objects.select_related("asked_by").first()
    if last is None or last.asked_at is None:
        return Panel("none", gettext("Nothing was tested yet."), "", [])
    checks = [_check(kept) for kept in sorted(last.findings, key=_severity)]
    if last.is_lost(now):
        return Panel("lost", gettext("The test did not end. Is a worker running?"), "", checks)
    if last.is_under_way:
        lead = gettext("The test is under way: a worker asks Salesforce.")
        return Panel("under_way", lead, "", [])
    return Panel("done", _summary(checks), _when(last, now), checks)


def _severity(kept: Kept) -> int:
    return WORST_FIRST.index(Level(kept["level"]))


def _check(kept: Kept) -> Check:
    text, next_step = kept.get(get_language() or "") or kept[settings.LANGUAGE_CODE]
    return Check(TONES[Level(kept["level"])], text, next_step)


def _summary(checks: list[Check]) -> str:
    bad = sum(check.tone == "bad" for check in checks)
    warned = sum(check.tone == "warn" for check in checks)
    if bad:
        words = ngettext(
            "%(n)d check of %(all)d failed and keeps Cases from Salesforce.",
            "%(n)d checks of %(all)d failed and keep Cases from Salesforce.",
            bad,
        )
        return words % {"n": bad, "all": len(checks)}
    if warned:
        words = ngettext(
            "Cases can be made. %(n)d check of %(all)d has a remark.",
            "Cases can be made. %(n)d checks of %(all)d have a remark.",
            warned,
        )
        return words % {"n": warned, "all": len(checks)}
    words = ngettext("%(n)d check passed.", "All %(n)d checks passed.", len(checks))
    return words % {"n": len(checks)}


def _when(last: Inspection, now: datetime) -> str:
    since = ago(last.ended_at or now, now)
    person = last.asked_by
    if person is None:
        return since
    name = person.get_full_name() or person.get_username()
    return gettext("%(ago)s, by %(name)s") % {"ago": since, "name": name}
