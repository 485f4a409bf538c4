"""How each state of a callback looks: the one place for its colour and its sign."""

from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from callbacks.models.callback import Status


class Look(NamedTuple):
    tone: str
    icon: str


LOOKS = {
    Status.PENDING: Look("info", "schedule"),
    Status.SYNCED: Look("success", "check_circle"),
    Status.HELD: Look("warning", "pause_circle"),
    Status.FAILED: Look("danger", "error"),
    Status.DISMISSED: Look("quiet", "block"),
    Status.MERGED: Look("quiet", "merge"),
    Status.ANSWERED: Look("primary", "call"),
}


def pill(text: object, tone: str) -> SafeString:
    return format_html('<span class="jb-pill" data-tone="{}">{}</span>', tone, text)


def state_pill(status: str) -> SafeString:
    state = Status(status)
    return pill(state.label, LOOKS[state].tone)
