"""The first page: how much there is, and what waits for a decision. Each figure is a link."""

from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from callbacks.admin import attention
from callbacks.admin.callbacks import STATE_PARAMETER
from callbacks.admin.wording import ago
from callbacks.models import Callback
from callbacks.models.callback import Status


class Tile(NamedTuple):
    title: str
    number: int
    note: str
    link: str
    tone: str = "plain"


def add_tiles(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    context["title"] = gettext("Overview")
    if request.user.has_perm("callbacks.view_callback"):
        context["tiles"] = [_today(), _waiting(timezone.now()), *_decisions()]
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
