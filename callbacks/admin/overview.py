"""The first page: how much there is, and what waits for a decision. Each figure is a link."""

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from callbacks.admin import attention
from callbacks.admin.callbacks import STATE_PARAMETER
from callbacks.admin.facts import Note
from callbacks.admin.wording import ago, phone
from callbacks.models import Callback
from callbacks.models.callback import Status
from callbacks.signals import overview_opened
from callbacks.waiting import oldest_unserved

LONGEST = 5


class Tile(NamedTuple):
    title: str
    number: int
    note: str
    link: str
    tone: str = "plain"


class Notice(NamedTuple):
    """Something that stands above all figures, and where more is said about it."""

    note: Note
    link: str


class Wait(NamedTuple):
    """A service number and how long its longest-waiting caller has waited."""

    service: str
    ago: str
    link: str


def add_tiles(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    context["title"] = gettext("Overview")
    if request.user.has_perm("callbacks.view_callback"):
        notices = (notice for _, notice in overview_opened.send(sender=None, request=request))
        context["notices"] = [notice for notice in notices if notice]
        context["tiles"] = [_today(), _waiting(timezone.now()), *_decisions()]
        context["waits"] = _waits(timezone.now())
    return context


def _list(state: str = "") -> str:
    link = reverse("admin:callbacks_callback_changelist")
    return f"{link}?{STATE_PARAMETER}={state}" if state else link


def _today() -> Tile:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    number = Callback.objects.filter(received_at__gte=midnight).count()
    return Tile(gettext("Callbacks today"), number, gettext("since midnight"), _list())


def _waiting(now: datetime) -> Tile:
    pending = Callback.objects.pending()
    oldest = pending.order_by("received_at").values_list("received_at", flat=True).first()
    note = (
        gettext("the oldest came %(ago)s") % {"ago": ago(oldest, now)}
        if oldest
        else gettext("everything has gone out")
    )
    return Tile(gettext("Waiting for Salesforce"), pending.count(), note, _list(Status.PENDING))


def _decisions() -> list[Tile]:
    waiting = attention.counts()
    failed, held = waiting.get(Status.FAILED, 0), waiting.get(Status.HELD, 0)
    return [
        Tile(
            gettext("Failed"),
            failed,
            gettext("refused by Salesforce"),
            _list(Status.FAILED),
            "bad" if failed else "plain",
        ),
        Tile(
            gettext("Held"),
            held,
            gettext("no route applies"),
            _list(Status.HELD),
            "warn" if held else "plain",
        ),
    ]


def _waits(now: datetime) -> list[Wait]:
    """The longest ones."""
    return [
        Wait(
            each.name or phone(each.service_number) or gettext("without a service number"),
            ago(each.since, now),
            f"{_list()}?{urlencode({'service_number': each.service_number})}",
        )
        for each in oldest_unserved()[:LONGEST]
    ]
