"""A page between a choice and the deed: what would be done, to how many, and the button for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import model_ngettext
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

if TYPE_CHECKING:
    from callbacks.admin.actions import Words
    from callbacks.admin.dress import Screen


def is_confirmed(request: HttpRequest) -> bool:
    """Whether a selection comes from that page, and not from the list."""
    return "confirmed" in request.POST


def ask(
    screen: "Screen[Any]",
    request: HttpRequest,
    words: "Words",
    *,
    template: str = "callbacks/confirm.html",
    **more: Any,
) -> HttpResponse:
    context = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "title": words.title,
        "words": words,
    }
    return TemplateResponse(request, template, context | more)


def counted(screen: "Screen[Any]", n: int) -> str:
    model = screen.opts.concrete_model or screen.model  # failed syncs are callbacks
    return f"{n} {model_ngettext(model._meta, n)}"


def ask_about(
    chosen: Sequence[Model],
    screen: "Screen[Any]",
    request: HttpRequest,
    words: "Words",
    **more: Any,
) -> HttpResponse:
    """What was selected in a list; the same action is asked for again, confirmed."""
    more |= {
        "chosen": chosen,
        "how_many": counted(screen, len(chosen)),
        "action": request.POST["action"],
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return ask(screen, request, words, **more)
