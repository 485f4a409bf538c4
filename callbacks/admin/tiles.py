"""The four figures at the top of the first page, each leading to the list behind it."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from callbacks.admin import attention
from callbacks.admin.places import place
from callbacks.admin.wording import NO_BREAK_SPACE, ago, elapsed, how_many, number
from callbacks.figures import MOST_PENDING, Figures
from callbacks.lists import STATE_PARAMETER
from callbacks.models.callback import Status

LATE = timedelta(minutes=5)
DASH = "\N{EN DASH}"


class Link(NamedTuple):
    """Beside the figure; without text it is not shown."""

    text: str
    link: str


class Tile(NamedTuple):
    title: str
    figure: str
    note: str
    link: str
    tone: str = "plain"
    links: tuple[Link, ...] = ()


def tiles(request: HttpRequest, figures: Figures) -> list[dict[str, Any]]:
    found = [
        _today(request, figures),
        _speed(request, figures),
        _waiting(request, figures),
        _decisions(request),
    ]
    return [tile._asdict() | {"links": [link._asdict() for link in tile.links]} for tile in found]


def callbacks(request: HttpRequest, **lookups: str) -> str:
    return place(request, "callbacks.callback", **lookups)


SINCE_MIDNIGHT = {"received": "today"}


def _today(request: HttpRequest, figures: Figures) -> Tile:
    n = attention.counts().get(attention.REJECTED, 0)
    rejected = ngettext("%(n)s rejected", "%(n)s rejected", n) % {"n": number(n)} if n else ""
    return Tile(
        gettext("Callbacks today"),
        number(figures.today),
        gettext("since midnight"),
        callbacks(request, **SINCE_MIDNIGHT),
        links=(Link(rejected, place(request, "callbacks.rejectedrequest")),),
    )


def _speed(request: HttpRequest, figures: Figures) -> Tile:
    speed = figures.speed
    within = gettext("%(share)s within %(duration)s")
    share = f"95{NO_BREAK_SPACE}%"
    return Tile(
        gettext("From request to Case"),
        elapsed(speed.median) if speed else DASH,
        within % {"share": share, "duration": elapsed(speed.most)}
        if speed
        else gettext("no Case yet today"),
        callbacks(request, **{STATE_PARAMETER: Status.SYNCED}, **SINCE_MIDNIGHT),
    )


def _waiting(request: HttpRequest, figures: Figures) -> Tile:
    oldest = figures.backlog.oldest
    is_late = oldest is not None and figures.now - oldest > LATE
    return Tile(
        gettext("Waiting for Salesforce"),
        how_many(figures.backlog.count, MOST_PENDING),
        gettext("the oldest came %(ago)s") % {"ago": ago(oldest, figures.now)}
        if oldest
        else gettext("everything has gone out"),
        callbacks(request, **{STATE_PARAMETER: Status.PENDING}),
        "warn" if is_late else "plain",
    )


def _decisions(request: HttpRequest) -> Tile:
    counts = attention.counts()
    failed, held = counts.get(Status.FAILED, 0), counts.get(Status.HELD, 0)
    failures = place(request, "callbacks.failedsync")
    lacking = callbacks(request, **{STATE_PARAMETER: Status.HELD})
    return Tile(
        gettext("To decide"),
        number(failed + held),
        "" if failed + held else gettext("nothing to do"),
        lacking if held and not failed else failures,
        "bad" if failed + held else "plain",
        (
            Link(gettext("%(n)s failed") % {"n": number(failed)} if failed else "", failures),
            Link(gettext("%(n)s held") % {"n": number(held)} if held else "", lacking),
        ),
    )
