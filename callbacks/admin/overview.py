"""The first page: whether callbacks flow, how it goes today, and what waits for a decision.

The page and its news are one structure. What changes on the page is a text, a link, a tone, a
width, or whether something is shown: the page's elements name their place in the structure, and
its script sets there what differs (`overview.js`), so that neither scroll nor focus is lost.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callbacks.admin.chart import chart
from callbacks.admin.panels import quota, reasons, services, waits
from callbacks.admin.places import may_open
from callbacks.admin.strip import Conversation, conversation, strip
from callbacks.admin.tiles import tiles
from callbacks.admin.wording import clock
from callbacks.figures import Figures, figures


def add_news(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    context["title"] = gettext("Overview")
    if may_open(request, "callbacks.callback"):
        context["now"] = news(request)
    return context


@require_safe
@never_cache
def now(request: HttpRequest) -> JsonResponse:
    """What the page says, anew."""
    if not may_open(request, "callbacks.callback"):
        raise PermissionDenied
    return JsonResponse(news(request))


def news(request: HttpRequest) -> dict[str, Any]:
    found = figures()
    talk = conversation(request, found)
    return {
        **_state(request, found, talk),
        "tiles": tiles(request, found),
        "chart": chart(found),
        "reasons": reasons(request, found),
        "waits": waits(request, found),
        "services": services(request, found, talk),
    }


def state(request: HttpRequest) -> dict[str, Any]:
    """The part of the news that other pages show as well."""
    found = figures()
    return _state(request, found, conversation(request, found))


def _state(request: HttpRequest, found: Figures, talk: Conversation | None) -> dict[str, Any]:
    return {
        "as_of": clock(found.now, found.now),
        "strip": strip(request, found, talk),
        "quota": quota(found, talk),
    }
