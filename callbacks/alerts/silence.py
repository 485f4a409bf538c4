"""Service numbers that are silent though they are usually busy at this hour.

Silent is a number of which nothing came for a quarter of an hour, half an hour, and so on up to a
day, while at the same time of the same weekday so many came (`AlertRules.silent_usual`) in at least
three of the last four weeks: one of them may have had a holiday. A number that gets little is
watched over a longer time by that very rule, and at night nobody expects anything.

If nothing comes of any number, that is one message and not many: a holiday, or the telephone
system does not reach us. Once told, a silence lasts until a callback comes, not until nobody would
expect one any more.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callbacks.alerts.watches import Seen, Watch, callbacks_page, register
from callbacks.alerts.words import service, span
from callbacks.models import Alert, AlertRules, Callback, NumberWatch

MINUTES = (15, 30, 60, 120, 240, 480, 1440)
WEEKS = (1, 2, 3, 4)
MAY_DIFFER = 1  # of the weeks
ALL = ""  # the subject that stands for all numbers

Counts = tuple[int, ...]  # by MINUTES, of the time before some moment
NONE: Counts = (0,) * len(MINUTES)


class Silence(Watch):
    kind = "silent"
    rank = 4
    title = _("A service number is silent that is usually busy")

    def is_watched(self, rules: AlertRules) -> bool:
        return rules.silent_usual is not None

    def look(self, rules: AlertRules, now: datetime) -> Iterable[Seen]:
        return silences(now, rules.silent_usual or 1, self.spared())

    def spared(self) -> set[str]:
        unwatched = NumberWatch.objects.filter(watches_silence=False)
        return set(unwatched.values_list("service_number__number", flat=True))

    def headline(self, alert: Alert) -> str:
        if alert.subject == ALL:
            silent = gettext("No callbacks come any more")
            return silent if alert.is_on else gettext("Callbacks come again")
        if alert.is_on:
            words = gettext("No callbacks come any more for %(service)s")
        else:
            words = gettext("Callbacks come again for %(service)s")
        return words % {"service": service(alert.subject)}

    def sentence(self, alert: Alert) -> str:
        if not alert.is_on:
            return ""
        words = gettext(
            "None came for %(span)s. On this weekday %(n)d or more usually come in that time."
        )
        return words % {"span": span(alert.facts["minutes"]), "n": alert.facts["usual"]}

    def next_step(self, alert: Alert) -> str:
        if alert.subject == ALL:
            return gettext(
                "On a holiday that is as it should be. Else look whether the telephone system"
                " reaches this address, and whether its requests are rejected."
            )
        return gettext("Call the number and ask for a callback, or look at its call flow.")

    def page(self, alert: Alert) -> str:
        if alert.subject == ALL:
            return reverse("admin:callbacks_callback_changelist")
        return callbacks_page(service_number=alert.subject)


def silences(now: datetime, usual: int, unwatched: set[str]) -> list[Seen]:
    lately = counts(now)
    weeks = [counts(then) for then in same_time(now)]
    told = {alert.subject: alert for alert in Alert.objects.filter(kind=Silence.kind, is_on=True)}
    lasting = [
        Seen(subject, alert.facts)
        for subject, alert in told.items()
        if subject not in unwatched and not _came(subject, alert.changed_at, now, lately)
    ]
    if facts := missing(total(lately), [total(week) for week in weeks], usual):
        return [*(seen for seen in lasting if seen.subject != ALL), Seen(ALL, facts)]
    known = {seen.subject for seen in lasting} | unwatched | {ALL}
    expected = {number for week in weeks for number in week} - known
    return lasting + [
        Seen(number, facts)
        for number in sorted(expected)
        if (
            facts := missing(
                lately.get(number, NONE), [week.get(number, NONE) for week in weeks], usual
            )
        )
    ]


def missing(lately: Counts, weeks: list[Counts], usual: int) -> dict[str, int] | None:
    """For how long there was nothing, and what came in that time at least, one week left out."""
    silent = [position for position, count in enumerate(lately) if count == 0]
    if not silent:
        return None
    longest = silent[-1]
    least = sorted(week[longest] for week in weeks)[MAY_DIFFER]
    return {"minutes": MINUTES[longest], "usual": least} if least >= usual else None


def same_time(now: datetime) -> list[datetime]:
    """By the clocks on the wall here, whether they were changed meanwhile or not."""
    here = now.astimezone(ZoneInfo(settings.JTEL_TIMEZONE))
    return [here - timedelta(weeks=week) for week in WEEKS]


def counts(moment: datetime) -> dict[str, Counts]:
    """How many callbacks came for each number in so many MINUTES before that moment. One query."""
    spans = {
        f"in_{minutes}": Count("id", filter=Q(received_at__gt=moment - timedelta(minutes=minutes)))
        for minutes in MINUTES
    }
    day = timedelta(minutes=MINUTES[-1])
    came = Callback.objects.filter(received_at__gt=moment - day, received_at__lte=moment)
    rows = came.order_by().values("service_number").annotate(**spans)
    return {number: tuple(found) for number, *found in rows.values_list("service_number", *spans)}


def total(by_number: Mapping[str, Counts]) -> Counts:
    return tuple(sum(column) for column in zip(*by_number.values(), strict=True)) or NONE


def _came(number: str, since: datetime, now: datetime, lately: Mapping[str, Counts]) -> bool:
    """Looked for within a day: what a retired number once got is looked through no more."""
    of_a_day = total(lately) if number == ALL else lately.get(number, NONE)
    if not of_a_day[-1]:
        return False
    came = Callback.objects.filter(received_at__gt=max(since, now - timedelta(minutes=MINUTES[-1])))
    return (came.filter(service_number=number) if number != ALL else came).exists()


register(Silence())
