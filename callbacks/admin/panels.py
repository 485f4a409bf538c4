"""The lists of the first page: why callbacks failed, who waits, what has to live, the quota."""

from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from callbacks.admin.places import SIGNATURE_PARAMETER, place
from callbacks.admin.strip import Conversation, Quota, Service
from callbacks.admin.tiles import callbacks
from callbacks.admin.wording import ago, clock, how_many, number, phone, translated
from callbacks.figures import MOST_UNSERVED, REASONS, WAITS, Figures
from callbacks.lists import unserved
from callbacks.models.job_run import SILENT


class Row(NamedTuple):
    """A line of a list; an empty one is not shown."""

    text: str = ""
    figure: str = ""
    link: str = ""


def _listed(rows: list[Row], most: int, *, otherwise: str) -> dict[str, Any]:
    """As many rows as there may ever be, so that the page has a place for each."""
    padded = [*rows, *[Row()] * most][:most]
    return {"rows": [row._asdict() for row in padded], "empty": "" if rows else otherwise}


def reasons(request: HttpRequest, figures: Figures) -> dict[str, Any]:
    rows = [
        Row(
            translated(reason.text) or gettext("No reason was kept."),
            number(reason.count),
            place(request, "callbacks.failedsync", **{SIGNATURE_PARAMETER: reason.signature}),
        )
        for reason in figures.reasons
    ]
    nothing = gettext("Nothing failed. Every callback sent has arrived in Salesforce.")
    return _listed(rows, REASONS, otherwise=nothing)


def waits(request: HttpRequest, figures: Figures) -> dict[str, Any]:
    rows = [
        Row(
            wait.name or phone(wait.service_number) or gettext("without a service number"),
            ago(wait.since, figures.now),
            callbacks(request, **unserved(wait.service_number)),
        )
        for wait in figures.waits
    ]
    n = figures.unserved
    text = ngettext("%(n)s waits", "%(n)s wait", n)
    every = text % {"n": how_many(n, MOST_UNSERVED)} if n else ""
    return {
        "all": {"text": every, "link": callbacks(request, **unserved())},
        **_listed(rows, WAITS, otherwise=gettext("Nobody waits for an answer.")),
    }


def services(
    request: HttpRequest, figures: Figures, talk: Conversation | None
) -> list[dict[str, Any]]:
    worker_at, beat_at = figures.pulse
    schedule = place(request, "django_celery_beat.periodictask")
    found = [
        _alive(gettext("Worker"), gettext("seen %(ago)s"), worker_at, figures.now, schedule),
        _alive(gettext("Schedule"), gettext("rang %(ago)s"), beat_at, figures.now, schedule),
        *([talk.service] if talk else []),
        _telephone(figures, place(request, "callbacks.acdclient")),
    ]
    return [service._asdict() for service in found]


def _alive(name: str, words: str, heard_at: datetime | None, now: datetime, link: str) -> Service:
    if heard_at is None:
        return Service(name, gettext("not seen yet"), "warn", link)
    tone = "bad" if now - heard_at > SILENT else "good"
    return Service(name, words % {"ago": ago(heard_at, now)}, tone, link)


def _telephone(figures: Figures, link: str) -> Service:
    """Silence is no fault: at night nobody calls."""
    name = gettext("Telephone system")
    if figures.newest is None:
        return Service(name, gettext("no callback yet"), "plain", link)
    words = gettext("called %(ago)s") % {"ago": ago(figures.newest, figures.now)}
    return Service(name, words, "good", link)


def quota(figures: Figures, talk: Conversation | None) -> dict[str, str] | None:
    """None if there are no calls, or the reader may not see them."""
    if talk is None or not talk.link:
        return None
    found = talk.quota
    if found is None:
        return {"unknown": gettext("Salesforce has not said yet how many calls are used.")}
    return {
        "unknown": "",
        "link": talk.link,
        "used": gettext(
            "%(used)s of %(maximum)s calls are used, as of %(time)s. We stop at %(ours)s."
        )
        % {
            "used": number(found.ours + found.others),
            "maximum": number(found.maximum),
            "time": clock(found.heard_at, figures.now),
            "ours": number(found.reserve_at),
        },
        "ours": gettext("about %(n)s") % {"n": number(found.ours)},
        "others": gettext("about %(n)s") % {"n": number(found.others)},
        "free": number(found.free),
        **_widths(found),
    }


def _widths(found: Quota) -> dict[str, str]:
    """For style sheets, which write numbers as English does."""
    shares = {
        "ours_width": found.ours,
        "others_width": found.others,
        "reserve_left": found.reserve_at,
    }
    return {
        name: f"{min(100.0, 100 * n / max(1, found.maximum)):.1f}%" for name, n in shares.items()
    }
