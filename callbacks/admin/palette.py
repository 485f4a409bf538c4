"""Ctrl+K: pages by their names, and callbacks by number, Case or name.

Unfold's own search keeps what somebody found for five minutes, whatever they may see by then; here
nothing is kept.
"""

from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from callbacks.admin import facts
from callbacks.admin.callback_screens import HEAVY
from callbacks.admin.places import may_open, place
from callbacks.admin.search import found_by_reader
from callbacks.admin.sidebar import navigation
from callbacks.admin.states import LOOKS
from callbacks.admin.wording import ago, caller
from callbacks.masking import personal
from callbacks.models import Callback
from callbacks.models.callback import Status

MOST = 10
SHORTEST = 2  # characters for which callbacks are looked through
LONGEST = 80


class Hit(NamedTuple):
    icon: str
    title: str | Promise
    description: str
    link: str


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("s", "").replace("\0", "").strip()[:LONGEST]
    hits = [*_pages(request, text), *_callbacks(request, text)] if text else []
    return TemplateResponse(request, "unfold/helpers/command_results.html", {"hits": hits})


def _pages(request: HttpRequest, text: str) -> list[Hit]:
    """What the sidebar leads to, for whoever it does."""
    return [
        Hit(item["icon"], item["title"], str(group["title"] or ""), item["link"])
        for group in navigation(request)
        for item in group["items"]
        if text.lower() in str(item["title"]).lower()
    ]


def _callbacks(request: HttpRequest, text: str) -> list[Hit]:
    if len(text) < SHORTEST or not may_open(request, "callbacks.callback"):
        return []
    found = Callback.objects.filter(found_by_reader(text)).defer(*HEAVY)
    rows = list(found.order_by("-received_at", "-id")[: MOST + 1])
    hits = [_hit(callback) for callback in rows[:MOST]]
    if len(rows) > MOST:
        everything = f"{place(request, 'callbacks.callback')}?{urlencode({'q': text})}"
        hits.append(Hit("list", gettext("Show all in the list"), "", everything))
    return hits


def _hit(callback: Callback) -> Hit:
    number = caller(callback.number_to_dial, callback.callback_text or callback.caller_text)
    state = Status(callback.status)
    told = [state.label, facts.service_name(callback), ago(callback.received_at, timezone.now())]
    return Hit(
        LOOKS[state].icon,
        " · ".join(filter(None, [number, personal(callback.contact_name)])),
        " · ".join(str(word) for word in told if word),
        reverse("admin:callbacks_callback_change", args=[callback.pk]),
    )
