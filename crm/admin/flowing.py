"""How the conversation stands, for the state strip and the figures beside it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Subquery, Sum
from django.db.models.functions import Coalesce
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from callbacks.admin.places import may_open
from callbacks.admin.strip import Button, Conversation, Quota, Service, State, waiting
from callbacks.admin.wording import ago, clock, translated
from callbacks.figures import Figures
from callbacks.signals import overview_opened
from crm.flow import OF_QUOTA
from crm.models import ApiCalls, Org

DAY = timedelta(days=1)
STEERING = ("crm.steer_conversation", "crm.settle_org")


@receiver(overview_opened, dispatch_uid="crm.admin.flowing")
def conversation(request: HttpRequest, figures: Figures, **_: Any) -> Conversation:
    org, our_calls = org_and_our_calls(figures.now)
    link = page_of(org) if may_open(request, "crm.org") else ""
    return Conversation(
        state=state_of(org, figures),
        flows_since=org.flows_since,
        buttons=_buttons(request, link, org),
        service=_service(org, figures.now, link),
        quota=quota_of(org, our_calls) if link else None,
        link=link,
    )


def page_of(org: Org) -> str:
    return reverse("admin:crm_org_change", args=[org.pk])


def may_steer(request: HttpRequest) -> bool:
    return may_open(request, "crm.org") and any(map(request.user.has_perm, STEERING))


def state_of(org: Org, figures: Figures) -> State | None:
    """None if nothing holds callbacks up."""
    if org.paused_at:
        return State("warn", gettext("Paused"), _why_paused(org, figures), org.paused_at, "resume")
    if not settings.SALESFORCE_URL:
        text = gettext("No Salesforce org is configured.")
        word = gettext("Not connected")
        return State("warn", word, f"{text} {waiting(figures)}", button="connection")
    if org.trouble_since:
        return _trouble(org, figures)
    if org.drip_per_minute:
        text = f"{_drip(org.drip_per_minute)} {waiting(figures)}"
        return State("warn", gettext("Catching up"), text, org.drip_since, "pause")
    return None


def _why_paused(org: Org, figures: Figures) -> str:
    person = org.paused_by
    who = (person.get_full_name() or str(person)) if person else gettext("The console")
    words = gettext("%(who)s paused the conversation: “%(reason)s”.")
    return f"{words % {'who': who, 'reason': org.pause_reason}} {waiting(figures)}"


def _trouble(org: Org, figures: Figures) -> State:
    reason = translated(org.trouble_reason)
    if org.trouble_code in OF_QUOTA:
        text = f"{reason} {waiting(figures)} {_next_look(org)}".strip()
        return State("warn", gettext("Saving quota"), text, org.trouble_since, "connection")
    text = f"{reason} {waiting(figures)} {_goes_on(figures)}".strip()
    return State("bad", gettext("Trouble"), text, org.trouble_since, "connection")


def _next_look(org: Org) -> str:
    if org.retry_at is None:
        return ""
    at = clock(org.retry_at, org.retry_at)
    return gettext("The next look is at %(time)s.") % {"time": at}


def _goes_on(figures: Figures) -> str:
    if not figures.backlog.count:
        return ""
    return ngettext(
        "It goes out by itself when that is over.",
        "They go out by themselves when that is over.",
        figures.backlog.count,
    )


def _drip(rate: int) -> str:
    sentence = ngettext(
        "After the pause one callback a minute goes out.",
        "After the pause %(n)d callbacks a minute go out.",
        rate,
    )
    return sentence % {"n": rate}


def _buttons(request: HttpRequest, link: str, org: Org) -> tuple[Button, ...]:
    found = []
    if may_steer(request):
        pause, resume = (reverse(f"admin:crm_org_{verb}", args=[org.pk]) for verb in VERBS)
        found = [
            Button("pause", gettext("Pause"), pause, is_dialog=True),
            Button("resume", gettext("Resume"), resume, is_dialog=True, is_primary=True),
        ]
    if link:
        found.append(Button("connection", gettext("To the connection"), link, is_primary=True))
    return tuple(found)


VERBS = ("pause", "resume")


def _service(org: Org, now: datetime, link: str) -> Service:
    name = gettext("Salesforce")
    if org.trouble_since and org.trouble_code not in OF_QUOTA:
        words = gettext("in trouble, began %(ago)s") % {"ago": ago(org.trouble_since, now)}
        return Service(name, words, "bad", link)
    if org.api_heard_at is None:
        return Service(name, gettext("not asked yet"), "plain", link)
    words = gettext("answered %(ago)s") % {"ago": ago(org.api_heard_at, now)}
    return Service(name, words, "good", link)


def quota_of(org: Org, ours: int) -> Quota | None:
    """None before the org has said anything. Others never used less than nothing."""
    if org.api_used is None or org.api_maximum is None or org.api_heard_at is None:
        return None
    ours = min(ours, org.api_used)
    return Quota(
        ours=ours,
        others=org.api_used - ours,
        maximum=org.api_maximum,
        reserve_at=int(org.api_maximum * (1 - settings.SALESFORCE_API_RESERVE)),
        heard_at=org.api_heard_at,
    )


def org_and_our_calls(now: datetime) -> tuple[Org, int]:
    """In one query; calls of the last 24 hours, about.

    They are counted by day, so of yesterday's a part is taken.
    """
    today = now.astimezone(UTC).date()
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
    orgs = Org.objects.select_related("paused_by")
    row = orgs.annotate(today=_calls_on(today), yesterday=_calls_on(today - DAY)).first()
    if row is None:
        return Org.objects.current(), 0
    rest_of_yesterday = 1 - (now - midnight) / DAY
    calls: dict[str, int] = vars(row)
    return row, calls["today"] + round(calls["yesterday"] * rest_of_yesterday)


def _calls_on(day: date) -> Coalesce:
    counted = ApiCalls.objects.filter(day=day).order_by().values("day")
    return Coalesce(Subquery(counted.annotate(n=Sum("calls")).values("n")), 0)
