"""How numbers, times and durations read on a screen, in the language of whoever reads."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from callbacks.masking import DOTS, personal, sees_personal_data
from callbacks.models import ServiceNumber
from callbacks.phone import grouped

phone = grouped
MINUTE, HOUR, DAY = 60, 3600, 86_400
JUST_NOW_SECONDS = 45
FEWEST_HIDDEN = 7  # digits, of which the last three are shown
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
NOTHING = format_html('<span class="jb-none">{}</span>', "\N{EN DASH}")


def caller(number: str, as_sent: str = "") -> str:
    """The number of somebody who called, as far as the reader may see it."""
    if number:
        return phone(number) if sees_personal_data() else masked(number)
    return personal(as_sent) or gettext("No number")


def masked(e164: str) -> str:
    """Country, area and the last three digits, if enough of the number is hidden then."""
    country, *groups = phone(e164).split(NO_BREAK_SPACE)
    if not country.startswith("+"):
        return DOTS
    area, rest = groups[:1], "".join(groups[1:])
    if len(rest) < FEWEST_HIDDEN:
        area, rest = [], "".join(groups)
    if len(rest) < FEWEST_HIDDEN:
        return NO_BREAK_SPACE.join([country, DOTS])
    return NO_BREAK_SPACE.join([country, *area, DOTS + rest[-3:]])


def ago(moment: datetime, now: datetime) -> str:
    """One unit, no more: "3 minutes ago"."""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < JUST_NOW_SECONDS:
        return gettext("just now")
    if seconds < HOUR:
        n = max(1, seconds // MINUTE)
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", n) % {"n": n}
    if seconds < DAY:
        n = seconds // HOUR
        return ngettext("%(n)d hour ago", "%(n)d hours ago", n) % {"n": n}
    n = seconds // DAY
    return ngettext("%(n)d day ago", "%(n)d days ago", n) % {"n": n}


def written_out(service: ServiceNumber) -> str:
    """The name, and the number as people write it."""
    number = phone(service.number)
    return f"{service.name} ({number})" if service.name else number


def full_date(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), pgettext("date and time", "j M Y, H:i"))


def clock(moment: datetime, now: datetime) -> str:
    """Today the time alone, else the day before it."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    if local.date() == today.date():
        return date_format(local, "H:i")
    same_year = local.year == today.year
    return date_format(local, pgettext("this year", "j M H:i")) if same_year else full_date(moment)


def day_heading(moment: datetime, now: datetime) -> str:
    local, today = timezone.localtime(moment), timezone.localtime(now)
    if local.date() == today.date():
        return gettext("Today")
    return date_format(local, pgettext("day heading", "l, j F Y"))


def duration(milliseconds: int) -> str:
    """One unit: 318 ms, 1.1 s, 10 s, 4 min."""
    if milliseconds < 1000:  # noqa: PLR2004 - a second
        return f"{milliseconds}{NO_BREAK_SPACE}ms"
    seconds = milliseconds / 1000
    if seconds < MINUTE:
        tenths = int(seconds < 10)  # noqa: PLR2004 - of more they say nothing
        return f"{number_format(seconds, decimal_pos=tenths)}{NO_BREAK_SPACE}s"
    if seconds < HOUR:
        return f"{round(seconds / MINUTE)}{NO_BREAK_SPACE}min"
    return f"{round(seconds / HOUR)}{NO_BREAK_SPACE}h"


def elapsed(time: timedelta) -> str:
    return duration(round(time.total_seconds() * 1000))


def since(moment: datetime, now: datetime) -> str:
    """Today the time alone: "since 08:28."."""
    return gettext("since %(time)s.") % {"time": clock(moment, now)}


def number(n: int) -> str:
    """With the separators of the language: 15,000."""
    return number_format(n)


def how_many(n: int, most: int) -> str:
    """As far as it was counted."""
    if n <= most:
        return number(n)
    return gettext("more than %(n)s") % {"n": number(most)}


def when(moment: datetime, text: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), full_date(moment), text
    )


def two_lines(first: object, second: object) -> SafeString:
    return format_html(
        '<span class="jb-two"><span>{}</span><small>{}</small></span>', first, second
    )


def received(moment: datetime) -> SafeString:
    now = timezone.now()
    return two_lines(when(moment, clock(moment, now)), ago(moment, now))


def translated(sentence: str) -> str:
    """A sentence that was stored in English. The empty one would be the catalogue's header."""
    return gettext(sentence) if sentence else ""
