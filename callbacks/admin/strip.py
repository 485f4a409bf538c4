"""The state strip: in one sentence whether callbacks flow, since when, and what that means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from callbacks.admin import attention, pulse, send_test_callback
from callbacks.admin.places import place
from callbacks.admin.wording import ago, elapsed, how_many, number, since
from callbacks.figures import MOST_PENDING, Figures, figures
from callbacks.models.callback import Status
from callbacks.signals import overview_opened

BEHIND = timedelta(minutes=2)


class Button(NamedTuple):
    """What can be done about a state that names it."""

    name: str
    label: str
    link: str
    is_dialog: bool = False
    is_primary: bool = False


class State(NamedTuple):
    tone: str  # good, warn, bad, plain
    word: str
    text: str
    since: datetime | None = None
    button: str = ""


class Service(NamedTuple):
    """Something that has to live for callbacks to flow."""

    name: str
    text: str
    tone: str
    link: str = ""


class Quota(NamedTuple):
    """Calls of the org's day: ours, those of others, and where the reserve begins."""

    ours: int
    others: int
    maximum: int
    reserve_at: int
    heard_at: datetime

    @property
    def free(self) -> int:
        return max(0, self.maximum - self.ours - self.others)


@dataclass(frozen=True)
class Conversation:
    """What the app that talks to the other side says of it; no state if nothing holds it up.

    `quota` is None as long as the other side has not said it. `link` leads to the connection's
    page, for those who may open it.
    """

    state: State | None
    flows_since: datetime | None
    buttons: tuple[Button, ...]
    service: Service
    quota: Quota | None
    link: str


def conversation(request: HttpRequest, figures: Figures) -> Conversation | None:
    """None if nothing is installed that brings callbacks anywhere."""
    answers: list[tuple[Any, Any]] = overview_opened.send(
        sender=None, request=request, figures=figures
    )
    return next((found for _, found in answers if isinstance(found, Conversation)), None)


def strip(request: HttpRequest, figures: Figures, talk: Conversation | None) -> dict[str, Any]:
    state = _state(figures, talk)
    first_steps = () if figures.newest else _first_steps(request)
    buttons = [*(talk.buttons if talk else ()), *first_steps, *_to_the_schedule(request)]
    return {
        "tone": state.tone,
        "word": state.word,
        "since": since(state.since, figures.now) if state.since else "",
        "text": state.text,
        "buttons": [
            {**button._asdict(), "is_shown": button.name == state.button} for button in buttons
        ],
    }


def waiting(figures: Figures) -> str:
    """So many callbacks wait: for the sentences of states that hold them up."""
    count = figures.backlog.count
    if not count:
        return gettext("Nothing waits.")
    words = ngettext("%(n)s callback waits.", "%(n)s callbacks wait.", count)
    return words % {"n": how_many(count, MOST_PENDING)}


def _first_steps(request: HttpRequest) -> list[Button]:
    if test := send_test_callback.page_url(request):
        return [Button("first_step", gettext("Send a test callback"), test, is_primary=True)]
    link = place(request, "callbacks.acdclient")
    return [Button("first_step", gettext("Connect a telephone system"), link)] if link else []


def _to_the_schedule(request: HttpRequest) -> list[Button]:
    link = place(request, "django_celery_beat.periodictask")
    return [Button("schedule", gettext("To the schedule"), link)] if link else []


def what_holds_up(request: HttpRequest) -> str:
    """Why callbacks do not go out as they should, in a sentence; "" if they do."""
    found = figures()
    state = _hindrance(found, conversation(request, found))
    return state.text if state else ""


def _state(figures: Figures, talk: Conversation | None) -> State:
    return _hindrance(figures, talk) or _ready(figures) or _flowing(figures, talk)


def _hindrance(figures: Figures, talk: Conversation | None) -> State | None:
    return (
        _silence(figures)
        or (talk.state if talk else _storing(figures))
        or _resting(figures)
        or _behind(figures)
    )


def _silence(figures: Figures) -> State | None:
    """Whatever else is so: without a worker nothing goes on by itself."""
    note = pulse.note_on(figures.pulse, figures.now)
    if note.tone == "good":
        return None
    text = f"{note.sentence} {note.next_step}"
    if None in figures.pulse:  # neither has to be quicker than the first reader
        return State("warn", gettext("Not started"), text, button="schedule")
    return State(note.tone, gettext("Trouble"), text, button="schedule")


def _storing(figures: Figures) -> State:
    return State(
        "plain",
        gettext("Stored only"),
        gettext("The part that brings callbacks to Salesforce is not installed.")
        + " "
        + waiting(figures),
    )


def _resting(figures: Figures) -> State | None:
    note = pulse.note_on_rests()
    if note is None:
        return None
    text = f"{note.sentence} {waiting(figures)}"
    return State("warn", gettext("Partly switched off"), text, button="schedule")


def _behind(figures: Figures) -> State | None:
    """Nothing holds them up, and yet nobody takes what is due."""
    overdue = figures.backlog.overdue
    if overdue < BEHIND:
        return None
    text = gettext("Nothing holds callbacks up, and yet the first should have gone %(ago)s.")
    return State(
        "warn",
        gettext("Behind"),
        f"{text % {'ago': ago(figures.now - overdue, figures.now)}} {waiting(figures)}",
    )


def _ready(figures: Figures) -> State | None:
    if figures.newest:
        return None
    text = gettext("No callback has come yet. It appears here as soon as a caller asks for one.")
    return State("plain", gettext("Ready"), text, button="first_step")


def _flowing(figures: Figures, talk: Conversation | None) -> State:
    return State(
        "good",
        gettext("Flowing"),
        f"{_speed(figures)} {_decisions()}",
        talk.flows_since if talk else None,
        "pause",
    )


def _speed(figures: Figures) -> str:
    if figures.speed is None:
        return waiting(figures)
    words = gettext("Callbacks are in Salesforce after %(duration)s.")
    return words % {"duration": elapsed(figures.speed.median)}


def _decisions() -> str:
    counts = attention.counts()
    n = counts.get(Status.FAILED, 0) + counts.get(Status.HELD, 0)
    if not n:
        return gettext("Nobody has to do anything.")
    words = ngettext("%(n)s needs a decision.", "%(n)s need a decision.", n)
    return words % {"n": number(n)}
